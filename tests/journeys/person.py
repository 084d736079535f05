"""A persona of the demonstration zone at a browser: reads pages, fills forms, presses buttons."""

import re
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

from app.domain.workdays import day_of
from tests.journeys.processes import Zone
from tests.web.browser import watch

PATIENCE_MS = 60_000
VIEW = {"width": 1366, "height": 768}
NOTICES = ".notices[role=status] .notice"
REFUSED = ".notice.red:visible, p.error:visible"


def today() -> date:
    """The calendar day of the zone, whatever clock the machine of the test keeps."""
    return day_of(datetime.fromtimestamp(time.time(), UTC))


class Person:
    """One signed-in browser session. `seen` grows with every error of the console."""

    def __init__(self, browser, zone: Zone, login: str):
        context = browser.new_context(viewport=VIEW, locale="zh-CN", accept_downloads=True)
        context.set_default_timeout(PATIENCE_MS)
        self.zone, self.login, self.page = zone, login, context.new_page()
        self.seen = watch(self.page)
        self.page.goto(f"{zone.url}/personas")
        self.page.click(f'tr:has(small:text-is("{login}")) button')
        self.page.wait_for_url(f"{zone.url}/")

    def leave(self, failed: bool) -> None:
        """Close the browser; a walk that failed leaves a picture of what this person saw."""
        if failed:
            self.page.screenshot(path=str(self.zone.folder / f"{self.login}.png"), full_page=True)
        self.page.context.close()

    def visit(self, path: str) -> None:
        """Open an address that must be there for this person."""
        answer = self.page.goto(self.zone.url + path)
        assert answer.status == 200, f"{self.login} {path}: {answer.status}"

    def follow(self, link: str) -> None:
        """Press the first visible link that fits."""
        with self.page.expect_navigation(wait_until="load") as answered:
            self.page.locator(f"main {link}:visible").first.click()
        assert answered.value.status == 200, f"{self.login} {self.page.url}"

    def owed(self, about: str) -> list[str]:
        """What the desk says is owed to objects of that name, in words."""
        self.visit(f"/?q={quote(about)}")
        return self.page.locator("main td.title a").all_inner_texts()

    def takes_up(self, task: str, about: str) -> str:
        """Find a task on the desk and open what it is about; the task in words."""
        found = [words for words in self.owed(about) if words.startswith(task)]
        assert len(found) == 1, f"{self.login}: {task} {about}: {found}"
        self.follow(f'td.title a[title^="{task}"]')
        return found[0]

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.zone.url).partition("?")[0]

    @property
    def number(self) -> str:
        """The number of the object whose sheet is open."""
        return self.path.rpartition("/")[2]

    @property
    def state(self) -> str:
        """The state the header of the sheet shows, in words."""
        return self.page.locator("main .pill").first.inner_text().strip()

    def press(self, verb: str, **fields) -> str:
        """A command of the open sheet: fill its dialog, send it; what the page says then."""
        opener = self.page.locator(f'[data-dialog="do-{verb}"]:visible')
        if opener.count():
            opener.first.click()
            form = self.page.locator(f"#do-{verb} form")
            self.fill(form, fields)
            return self.send(form.locator("footer button.primary"))
        plain = f'form[action$="/{verb.replace("_", "-")}"] button'
        return self.send(self.page.locator(plain).first)

    def fill(self, form, fields: dict) -> None:
        """Every named field as its widget takes it: a list ticks boxes, a path is a file; a list
        of fields fills rows."""
        for name, value in fields.items():
            found = form.locator(f'[name="{name}"], [data-rows-of="{name}"]')
            assert found.count(), f"{self.login}: the form has no field {name}"
            if found.first.get_attribute("data-rows-of"):
                self._fill_rows(found.first, value)
            elif isinstance(value, list):
                for one in value:
                    form.locator(f'[name="{name}"][value="{one}"]').check()
            elif isinstance(value, Path):
                found.set_input_files(str(value))
            elif found.first.evaluate("e => e.localName") == "select":
                found.select_option(value)
            elif found.first.get_attribute("type") == "radio":
                form.locator(f'[name="{name}"][value="{value}"]').check()
            else:
                found.fill(value)

    def _fill_rows(self, held, lines: list[dict]) -> None:
        """Row by row in their order; where none is left, one is added."""
        rows = held.locator("li.row")
        for at, line in enumerate(lines):
            if at == rows.count():
                held.locator("[data-row-add]").click()
            for name, value in line.items():
                rows.nth(at).locator(f'[name$=".{name}"]').fill(value)

    def send(self, button) -> str:
        """Press and wait for the answer; what it says. A refusal fails with its words."""
        with self.page.expect_navigation(wait_until="load") as answered:
            button.click()
        refused = self.page.locator(REFUSED).all_inner_texts()
        assert answered.value.ok and not refused, f"{self.login} {self.page.url}: {refused}"
        return " ".join(self.page.locator(NOTICES).all_inner_texts())

    def confirms_factor(self, then: str) -> None:
        """The second factor again, with the code the demonstration shows, on to a page."""
        self.visit(f"/step-up?next={then}")
        code = self.page.locator(".notice.blue b.mono").inner_text()
        self.page.fill("[name=code]", code)
        self.send(self.page.locator("main form button.primary"))
        assert self.path == then.partition("#")[0], self.page.url

    def options(self, boxes: str) -> list[str]:
        """The values a group of boxes offers."""
        return self.page.locator(boxes).evaluate_all("all => all.map(e => e.value)")

    def waits_for(self, state: str) -> None:
        """Reload the sheet until it shows a state that comes without this person."""
        ends = time.monotonic() + PATIENCE_MS / 1000
        while self.state != state and time.monotonic() < ends:
            self.page.reload()
        assert self.state == state, f"{self.path} is {self.state}"

    def downloads(self, link: str, folder: Path) -> Path:
        """The file behind a link, kept in a folder under the name the site gives it."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=link).click()
        kept = folder / coming.value.suggested_filename
        coming.value.save_as(kept)
        return kept

    def reads(self, pattern: str) -> str:
        """What the page says that fits the pattern: its group if it has one."""
        text = self.page.locator("main").inner_text()
        found = re.search(pattern, text)
        assert found, f"{self.login} {self.page.url}: no {pattern!r} in {text[:3000]}"
        return found[found.lastindex or 0]


@contextmanager
def people(browser, zone: Zone):
    """`person(login)` is that persona with a browser of their own, open until the block ends."""
    met: dict[str, Person] = {}

    def person(login: str) -> Person:
        return met.get(login) or met.setdefault(login, Person(browser, zone, login))

    failed = True
    try:
        yield person
        failed = False
    finally:
        for each in met.values():
            each.leave(failed)
    assert not any(each.seen for each in met.values()), {
        login: each.seen for login, each in met.items()}
