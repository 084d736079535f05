"""Every page of the demonstration zone in a real browser: no axe finding, no console error, two
languages, two themes, two window sizes without clipped layout."""

import os
from pathlib import Path

import pytest

from app.demo import story
from app.web.noun_pages import noun_pages
from app.web.routes import plural
from tests.journeys.processes import zone
from tests.web.browser import chromium, complaints, open_browser, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser"),
              pytest.mark.skipif(not chromium(), reason="no Chromium")]
# Who opens which page beside the lists and sheets of nouns.
PERSONAS = {
    "approver": ["/", "/search?q=银行", "/me"],
    "security": ["/emergency-stop"],
    "auditor": ["/"],
    "sysadmin": ["/"],
    "maker1": ["/"],
    "liaison1": ["/"],
}
SIZES = ((1440, 900), (1366, 768))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zone")
    with zone(folder, fill=lambda rt: story.tell(rt, decisions=400), demo=True) as found:
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with open_browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


def signed_in(browser, running, login: str, theme: str, language: str, size=SIZES[0]):
    """A page of a persona, with the problems it has had so far."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]},
                                  locale="zh-CN" if language == "zh" else "en-GB")
    page = context.new_page()
    seen = watch(page)
    page.goto(f"{running.url}/personas")
    page.click(f'tr:has(small:text-is("{login}")) button')
    page.wait_for_url(f"{running.url}/")
    # Entering sets the account's language; the reader's switch comes after.
    context.add_cookies([{"name": name, "value": value, "url": running.url}
                         for name, value in (("hufu_theme", theme), ("hufu_language", language))])
    return page, seen


def addresses(page, running) -> list[str]:
    """Every list this person may open and the first sheet of each."""
    found = []
    for noun in noun_pages():
        answer = page.goto(f"{running.url}/{plural(noun)}")
        if answer.status != 200:
            continue
        found.append(f"/{plural(noun)}")
        link = page.query_selector("tbody tr td a[href]")
        if link:
            found.append(link.get_attribute("href"))
        if link and noun == "grant":
            found += led_to(page, running, found[-1])
    return found


def led_to(page, running, sheet: str) -> list[str]:
    """The pages a grant's sheet leads to: its policy, and the forms of applications to change it,
    for those who may."""
    page.goto(running.url + sheet)
    return [link.get_attribute("href") for link in page.query_selector_all(
        'main a[href$="/policy"], main a[href^="/grant-cases/new?"]')]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("login", sorted(PERSONAS))
def test_no_axe_finding_and_no_console_error(browser, running, login, theme):
    page, seen = signed_in(browser, running, login, theme, "zh")
    findings = []
    for path in [*PERSONAS[login], *addresses(page, running)]:
        seen.clear()
        answer = page.goto(running.url + path)
        assert answer.status == 200, path
        findings += [f"{path} {line}" for line in (*complaints(page), *seen)]
    page.context.close()
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_runs_off_the_page_and_no_word_stays_in_one_language(browser, running, language,
                                                                     size):
    page, seen = signed_in(browser, running, "approver", "light", language, size)
    wide, chinese = [], []
    pictures = os.environ.get("HUFU_PICTURES")
    for at, path in enumerate([*PERSONAS["approver"], *addresses(page, running)]):
        page.goto(running.url + path)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
            wide.append(path)
        if language == "en":
            labels = page.evaluate("""
                [...document.querySelectorAll('h1,h2,th,dt,button,label,nav a')]
                .filter(e => !e.closest('[lang=zh-CN], td, .title-block, .timeline'))
                .map(e => e.textContent.trim())""")
            chinese += [f"{path} {text}" for text in labels
                        if any("一" <= mark <= "鿿" for mark in text)
                        and "中文" not in text and "虎符" not in text]
        if pictures:
            name = f"{size[0]}-{language}-{at:02d}-{path.strip('/').replace('/', '_')[:40]}.png"
            page.screenshot(path=str(Path(pictures) / name))
    page.context.close()
    assert not wide and not chinese, "\n".join([*wide, *sorted(set(chinese))[:40]])
