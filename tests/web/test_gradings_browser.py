"""The grading sheet in a real browser: walked by keys, filtered, asking for a reason where due."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from app.queries.onboarding import onboarding_case
from app.web import create_app
from app.web.identity import COOKIE
from tests import people
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS
from tests.web import browser
from tests.web.test_look_browser import Quiet

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser.chromium() is None, reason="no Chromium on this machine"),
]
ROW = "form[data-gradings] tbody tr"
MANY = (*FIELDS, *((f"col_{at}", "企业名称", "VARCHAR") for at in range(80)))


@pytest.fixture
def sheet(rt, tmp_path):
    """A page of the security reviewer on a case that is being graded."""
    case = supply.accepted(rt, supply.department(rt), fields=MANY)
    opened = people.signed_in(rt, people.enrolled(rt, "sunsec", "SEC_REVIEW"))
    server = make_server("localhost", 0, create_app(rt), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://localhost:{server.server_port}"
    with browser.open_browser(tmp_path) as chromium:
        context = chromium.new_context(viewport={"width": 1366, "height": 768},
                                       locale="zh-CN")
        context.add_cookies([{"name": COOKIE, "value": opened.token, "domain": "localhost",
                              "path": "/", "secure": True, "httpOnly": True}])
        page = context.new_page()
        page.goto(f"{url}/onboarding-cases/{onboarding_case(rt, supply.SEC, case).number}")
        yield page
        context.close()
    server.shutdown()


def test_the_sheet_is_walked_filtered_and_asks_for_a_reason_where_a_row_differs(sheet):
    seen = browser.watch(sheet)
    shown = sheet.locator("[data-shown]")
    expect(shown).to_contain_text("85 / 85")
    for key in ("j", "j", "c"):
        sheet.keyboard.press(key)
    row = sheet.locator(ROW).nth(1)
    expect(row.locator(".tick [type=checkbox]")).to_be_checked()
    sheet.keyboard.press("w")
    expect(row.locator("details.because")).to_have_attribute("open", "")
    reason = row.locator("[name$='.reason']")
    expect(reason).to_be_hidden()
    row.locator("[name$='.grade']").select_option("3")
    expect(reason).to_be_visible()

    sheet.locator("[data-view=personal]").click()
    expect(sheet.locator(f"{ROW}:visible")).to_have_count(1)
    sheet.locator("[data-view=all]").click()
    sheet.keyboard.press("/")
    sheet.keyboard.type("tyshxydm")
    expect(sheet.locator(f"{ROW}:visible")).to_have_count(1)
    sheet.keyboard.type("?")
    expect(sheet.locator("[data-none]")).to_be_visible()
    sheet.locator("[data-search-rows]").fill("")

    category = sheet.locator(ROW).nth(0).locator("[data-categories]")
    assert category.locator("option").count() < 10
    category.focus()
    assert category.locator("option").count() > 100
    assert sheet.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not browser.complaints(sheet)
    assert not seen
