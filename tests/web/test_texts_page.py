"""The page of texts shows what was seen and what a treatment leaves, and keeps nothing."""

import re

import pytest

from app.web import create_app
from tests import people
from tests.text.process import lay_beside, running, short_folder

SECRET = "13812345678"
TEXT = f"<b>联系人</b>王建国\r\n电话{SECRET}"


@pytest.fixture(scope="module")
def process():
    with short_folder() as folder, running(folder) as (settings, _):
        yield settings


@pytest.fixture
def page(rt):
    """The form's way: a session in a browser, with the token of its forms."""
    return browser(rt, "security", "SEC_REVIEW")


def browser(rt, name, *roles):
    opened = people.signed_in(rt, people.enrolled(rt, name, *roles))
    found = create_app(rt).test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    found.environ_base["HTTP_HOST"] = "localhost"
    return found


def shown(html: str) -> list[str]:
    """The two texts of an answer, bare."""
    return [re.sub(r"<small>.*?</small>|</?mark[^>]*>", "", one)
            for one in re.findall(r'<pre class="seen">(.*?)</pre>', html, re.S)]


def test_a_text_is_marked_and_treated_and_its_markup_stays_text(rt, page, process):
    lay_beside(rt.settings, process)
    html = page.post("/text", data={"text": TEXT, "treatment": "REDACT"}).text
    treated, marked = shown(html)
    assert treated == "&lt;b&gt;联系人&lt;/b&gt;***\n电话***"
    assert marked == f"&lt;b&gt;联系人&lt;/b&gt;王建国\n电话{SECRET}"
    assert html.count("<mark") == 2 and "手机号码" in html and "mobile_cn" in html
    nothing = page.post("/text", data={"text": "今天下雨", "treatment": "PARTIAL"}).text
    assert "识别不到不等于没有" in nothing


@pytest.mark.parametrize("text, treatment", [("", "PARTIAL"), ("x", "BLUR"), ("x", ""),
                                             ("王" * 17_000, "PARTIAL")])
def test_what_cannot_be_read_is_said_on_the_page(page, text, treatment):
    told = page.post("/text", data={"text": text, "treatment": treatment})
    assert told.status_code == 422 and "未能识别文本" in told.text
    by_script = page.post("/text", data={"text": text, "treatment": treatment},
                          headers={"HX-Request": "true"})
    assert by_script.status_code == 200


def test_without_the_process_the_page_says_what_to_do(page):
    told = page.post("/text", data={"text": TEXT, "treatment": "PARTIAL"})
    assert told.status_code == 503 and "./hufu text" in told.text


def test_the_page_is_for_the_roles_of_the_staff_rules(rt, page):
    assert page.get("/text").status_code == 200 and 'href="/text"' in page.get("/").text
    other = browser(rt, "auditor", "AUDITOR")
    assert other.get("/text").status_code == 403 and 'href="/text"' not in other.get("/").text
    assert other.post("/text", data={"text": TEXT, "treatment": "DROP"}).status_code == 403
