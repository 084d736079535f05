"""The grade map and the accuracy sample over HTTP: numbers that lead to lists, files, scopes."""

import re

import pytest

from app.web import create_app
from app.web.words import COOKIE as LANGUAGE
from tests import people
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS, judge


@pytest.fixture
def home(rt):
    key = supply.department(rt)
    dataset = supply.dataset_id(rt, supply.accepted(rt, key, fields=FIELDS))
    judge(rt, dataset, "qymc", category="ent_name", grade=1)
    judge(rt, dataset, "tyshxydm", category="ent_name", grade=3)
    return key


def browser(rt, *roles, **scope):
    opened = people.signed_in(rt, people.enrolled(rt, "reader", *roles, **scope))
    return people.browser(create_app(rt), opened)


def links(page: str) -> list[tuple[str, int]]:
    """Addresses of lists of fields, with the number each stands under."""
    return [(address.replace("&amp;", "&"), int(count)) for address, count in re.findall(
        r'<a href="(/dataset-fields\?[^"]+)">(\d+)</a>', page)]


@pytest.mark.parametrize("address", [
    "/grade-maps", "/grade-maps?counted=EXPECTED", "/accuracy-samples"])
def test_every_number_that_is_a_link_leads_to_so_many_fields(rt, home, address):
    client = browser(rt, "REGULATOR_VIEW")
    found = links(client.get(address).text)
    assert len(found) >= 2
    for link, count in found:
        page = client.get(link).text
        assert f"共 {count} 条" in page, link


def test_a_bar_says_its_numbers_and_the_page_reads_in_both_languages(rt, home):
    client = browser(rt, "AUDITOR")
    page = client.get("/grade-maps").text
    assert 'aria-label="L1 1，L3 1，未计入级别 3"' in page and "市税务局" in page
    client.set_cookie(LANGUAGE, "en", domain="localhost")
    assert 'aria-label="L1 1, L3 1, At no level 3"' in client.get("/grade-maps").text
    page = client.get("/accuracy-samples").text
    assert "Proposed and confirmed levels" in page and "2026-11" in page


def test_a_month_narrows_the_sample_and_then_leads_nowhere(rt, home):
    client = browser(rt, "AUDITOR")
    page = client.get("/accuracy-samples?month=2026-11").text
    assert not links(page) and 'class="raised">1<' in page
    assert "尚无可比" not in page
    assert "没有符合条件的记录" in client.get("/accuracy-samples?month=2020-01").text


def test_an_empty_zone_says_what_to_do_next(rt):
    client = browser(rt, "AUDITOR")
    assert "导入部门目录" in client.get("/grade-maps").text
    assert "确认或改变规则与扫描的建议" in client.get("/accuracy-samples").text


def test_both_are_taken_out_as_files_and_asked_by_programs(rt, home):
    client = browser(rt, "SEC_REVIEW")
    assert "市税务局" in client.get("/grade-maps.csv").text
    for address in ("/grade-maps.xlsx", "/accuracy-samples.xlsx", "/accuracy-samples.csv"):
        assert client.get(address).status_code == 200
    line = client.get("/api/v1/grade-maps").json["items"][0]
    assert (line["l1"], line["l3"], line["unplaced"], line["share"]) == (1, 1, 3, "20.0%")
    line = client.get("/api/v1/accuracy-samples").json["items"][0]
    assert {"proposed": 1, "confirmed": 3, "fields": 1} in line["levels"]
    assert client.get("/api/v1/grade-maps?of=PEOPLE").status_code == 422


def test_a_department_sees_its_own_and_an_institution_nothing(rt, home):
    other = supply.department(rt, "市水务局")
    client = browser(rt, "DEPT_LIAISON", department=other)
    assert "市税务局" not in client.get("/grade-maps").text
    assert client.get("/api/v1/grade-maps").json["total"] == 0


@pytest.mark.parametrize("address", ["/grade-maps", "/accuracy-samples"])
def test_an_institution_is_refused(rt, address):
    assert browser(rt, "INST_MAKER").get(address).status_code == 403


def test_fields_keep_what_a_link_narrowed_them_to(rt, home):
    client = browser(rt, "AUDITOR")
    page = client.get("/dataset-fields?by_rules=1&proposed=1&grade=3").text
    assert "另有限定" in page and '<input type="hidden" name="proposed" value="1">' in page
    assert "另有限定" not in client.get("/dataset-fields?level=1").text


def test_what_a_search_narrows_leads_to_no_list_of_everything(rt, home):
    client = browser(rt, "AUDITOR")
    whole = client.get("/grade-maps").text
    assert 'href="/dataset-fields?standing=CONFIRMED"' in whole
    for page in (client.get("/grade-maps?q=税务").text, client.get("/grade-maps?page=2").text):
        assert ('href="/dataset-fields?standing=CONFIRMED"' in page) == ("市税务局" not in page)
