"""The rules, the grade map and the accuracy sample in a real browser: axe, keys, both themes."""

import threading

import pytest
from werkzeug.serving import make_server

from app.web import create_app
from tests import people
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS, judge
from tests.web import browser
from tests.web.test_look_browser import Quiet

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser.chromium() is None, reason="no Chromium on this machine"),
]
PAGES = ("grade-maps", "grade-maps?of=DATASETS&counted=EXPECTED", "accuracy-samples", "identifiers",
         "data-elements/resident_id", "escalation-rules", "grading-schemes/gbt43697",
         "identifiers/try")


@pytest.fixture
def served(rt, tmp_path):
    dataset = supply.dataset_id(rt, supply.accepted(rt, supply.department(rt), fields=FIELDS))
    judge(rt, dataset, "tyshxydm", category="ent_name", grade=3)
    token = people.signed_in(rt, people.enrolled(rt, "sec", "SEC_REVIEW"), "127.0.0.1").token
    server = make_server("127.0.0.1", 0, create_app(rt), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with browser.open_browser(tmp_path) as chromium:
        yield chromium, f"http://127.0.0.1:{server.server_port}/", token
    server.shutdown()


def test_no_page_breaks_a_rule_of_accessibility_and_verdicts_come_in_place(served):
    chromium, address, token = served
    found, seen = [], []
    for theme, language in (("light", "zh"), ("dark", "en")):
        context = chromium.new_context(viewport={"width": 1366, "height": 768},
                                       extra_http_headers={"Authorization": f"Bearer {token}"})
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in (
            ("hufu_theme", theme), ("hufu_language", language))])
        page = context.new_page()
        seen.append(browser.watch(page))
        for path in PAGES:
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            found += [f"{theme} {path}: {line}" for line in browser.complaints(page)]
        page.fill("#columns", "lxdh,联系电话")
        page.click("form[action='/identifiers/try'] .btn.primary")
        page.wait_for_selector(".verdicts")
        found += browser.complaints(page)
        page.goto(address + "grade-maps")
        page.keyboard.press("j")
        assert page.evaluate("document.querySelector('tbody tr').matches('.here')")
        context.close()
    assert not found
    assert not any(seen)
