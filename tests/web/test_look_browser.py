"""The style guide in a real browser: no violation of accessibility or policy, keys that work."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import WSGIRequestHandler, make_server

from app.web.noun_pages import noun_pages
from tests.web import browser
from tests.web.styleguide import create

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser.chromium() is None, reason="no Chromium on this machine"),
]
PAGES = ["", "list", "list?q=none-such", "sheet", "portal", "gate", "form", "fault/404"]


class Quiet(WSGIRequestHandler):
    """A server that does not write a line for every file."""

    def log_request(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = make_server("127.0.0.1", 0, create(), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser.open_browser(tmp_path_factory.mktemp("fonts")) as running:
        yield running


def visit(chromium, address, theme="light", language="zh", size=(1366, 768), **more):
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **more)
    for name, value in (("hufu_theme", theme), ("hufu_language", language)):
        context.add_cookies([{"name": name, "value": value, "url": address}])
    return context.new_page()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_breaks_a_rule_of_accessibility_or_policy(chromium, address, theme, language):
    page = visit(chromium, address, theme, language)
    seen = browser.watch(page)
    found = []
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found += [f"{path}: {line}" for line in browser.complaints(page)]
    page.context.close()
    assert not found
    assert [line for line in seen if "404 (NOT FOUND)" not in line] == []


def test_keys_walk_the_rows_open_the_drawer_and_close_it(chromium, address):
    page = visit(chromium, address)
    seen = browser.watch(page)
    page.goto(address + "list")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    assert (
        page.evaluate(
            "[...document.querySelectorAll('tbody tr')].findIndex(r => r.matches('.here'))"
        )
        == 1
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer h2")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert not browser.complaints(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('#drawer').childElementCount") == 0
    assert page.evaluate("document.activeElement.closest('tr') !== null")
    page.context.close()
    assert not seen


def test_filters_and_paging_change_the_list_in_place(chromium, address):
    page = visit(chromium, address)
    seen = browser.watch(page)
    page.goto(address + "list")
    page.evaluate("window.kept = true")
    page.fill(".filters input[type=search]", "海港")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert page.url.endswith("list?q=%E6%B5%B7%E6%B8%AF&sort=due") and page.evaluate("window.kept")
    assert page.evaluate("document.activeElement.name") == "q"
    page.goto(address + "list")
    page.evaluate("window.kept = true")
    page.click(".pager a[href*='page=2']")
    expect(page.locator(".pager .where")).to_have_text("51–100 / 1,204")
    assert "page=2" in page.url
    assert page.evaluate("window.kept")
    page.context.close()
    assert not seen


def test_commands_open_a_dialog_and_say_why_not(chromium, address):
    page = visit(chromium, address)
    seen = browser.watch(page)
    page.goto(address)
    page.click("a[data-dialog=do-suspend]")
    assert page.evaluate("document.querySelector('#do-suspend').matches(':modal')")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert not browser.complaints(page)
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('#do-suspend').open")
    assert page.is_visible("#why-revoke")
    page.context.close()
    assert not seen


def test_the_theme_is_switched_at_once_and_kept(chromium, address):
    page = visit(chromium, address)
    page.goto(address + "list")
    page.click("[data-theme-switch]")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.goto(address + "sheet")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.context.close()


def test_pages_work_without_javascript(chromium, address):
    page = visit(chromium, address, java_script_enabled=False)
    page.goto(address + "list?q=海港&page=1")
    assert page.locator("tbody tr").count() == 2
    page.goto(address)
    page.click("text=紧急停用 >> nth=1")
    assert page.is_visible("#do-suspend textarea")
    page.context.close()


def test_the_present_entry_of_the_navigation_is_never_cut(chromium, address):
    page = visit(chromium, address, language="en")
    page.goto(address + "list")
    titles = [one.en for one in noun_pages().values() if one.group]
    cut = page.evaluate("""titles => {
        const link = document.querySelector(".side li a"), text = link.querySelector("span");
        link.setAttribute("aria-current", "page");
        return titles.filter(title => {
            text.textContent = title;
            return text.scrollWidth > text.clientWidth;
        });
    }""", titles)
    page.context.close()
    assert len(titles) > 20 and cut == []


def test_boxes_of_a_row_stand_in_one_line_beside_a_fault_and_a_long_label(chromium, address):
    page = visit(chromium, address)
    page.goto(address + "form")
    tops = page.evaluate("""() => {
        const row = document.createElement("div");
        row.className = "row";
        row.innerHTML = `<fieldset><div class="cells">
            <div class="field"><label>a</label><input></div>
            <div class="field"><label>a label so long that it takes two lines</label><input>
            <div><p class="error">fill it in</p></div></div></div></fieldset>`;
        row.style.width = "360px";
        document.querySelector("main").append(row);
        return [...row.querySelectorAll("input")].map(box => box.getBoundingClientRect().top);
    }""")
    page.context.close()
    assert tops[0] == tops[1]
