"""A security reviewer scans a department's PostgreSQL from the page: 68 tables by a read-only
account, the jobs process killed in the middle, the run gone on with and every table read once."""

import csv
import json
import os
import time
from pathlib import Path

import pytest
from psycopg import sql
from sqlmodel import select

from app import runtime
from app.demo import story
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry
from app.store.tables_scans import ScanTable
from app.store.unit import read
from tests.journeys.person import Person, people
from tests.journeys.processes import Zone, zone
from tests.sources import PASSWORD, Source, source
from tests.web.browser import chromium, complaints, open_browser

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.postgres,
              pytest.mark.xdist_group("browser"),
              pytest.mark.skipif(not chromium(), reason="no Chromium")]
SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "finance-zone"
TABLES = 68
PATIENCE_S = 400


def fill(made: Source) -> None:
    """All tables of the sample with their comments, each value as the department wrote it."""
    for table in json.loads((SAMPLE / "schema.json").read_text("utf-8"))["tables"]:
        name = sql.Identifier(table["table"])
        columns = sql.SQL(", ").join(
            sql.SQL("{} text").format(sql.Identifier(column["column"]))
            for column in table["columns"])
        made.owner.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
        made.owner.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, table["name_zh"]))
        for column in table["columns"]:
            made.owner.execute(sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                name, sql.Identifier(column["column"]), column["name_zh"]))
        with (SAMPLE / "tables" / f"{table['table']}.csv").open(encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows)
            with made.owner.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                for row in rows:
                    copy.write_row([None if cell == r"\N" else cell for cell in row])
    made.settle()


@pytest.fixture(scope="module")
def department(postgres_cluster):
    with source(postgres_cluster) as made:
        fill(made)
        yield made


@pytest.fixture
def running(tmp_path):
    with zone(tmp_path / "zone", fill=lambda rt: story.tell(rt, decisions=50), demo=True,
              told={"HUFU_SCAN_NETWORKS": "127.0.0.0/8"}) as found:
        yield found


def test_a_department_is_scanned_from_the_page_through_a_kill(running, department, tmp_path):
    with open_browser(tmp_path) as browser:
        with people(browser, running) as person:
            reviewer = person("security")
            started(reviewer, "财税库", department.address)
            done = killed_in_the_middle(running, reviewer)
            running.start("jobs")
            ended(reviewer, "已完成")
            each_table_once(running, reviewer, done)
            pictured(reviewer, "run")
            looked_at(reviewer)
            refused(reviewer, department)


def started(who: Person, name: str, address: str) -> None:
    """Register the database and begin; the page of the run stands open."""
    who.visit("/scan-sources")
    who.follow('a[href="/scan-sources/new"]')
    form = who.page.locator("main form")
    first = form.locator("select[name=department] option[value]:not([value=''])").first
    who.fill(form, {"name": name, "address": address, "password": PASSWORD,
                    "department": first.get_attribute("value")})
    who.send(form.locator("button.primary"))
    who.press("start")
    who.follow('a[href^="/scan-runs/"]')


def finished(who: Person) -> int:
    """How many tables the open page says are done, without being loaded again."""
    bar = who.page.locator("#progress progress")
    return int(bar.get_attribute("value")) if bar.count() else 0


def killed_in_the_middle(running: Zone, who: Person) -> dict[str, tuple]:
    """Watch the bar move, end the jobs process at once; the tables that were done by then."""
    ends = time.monotonic() + PATIENCE_S
    while finished(who) < 10 and time.monotonic() < ends:
        who.page.wait_for_timeout(200)
    assert 10 <= finished(who) < TABLES and who.state == "扫描中"
    pictured(who, "running")
    running.kill("jobs")
    done = stored(running)
    assert 10 <= len(done) < TABLES
    return done


def stored(running: Zone) -> dict[str, tuple]:
    rt = runtime.build(running.settings)
    with read(rt) as session:
        found = {row.name: (row.id, row.at, row.state) for row in session.exec(select(ScanTable))}
    rt.close()
    return found


def ended(who: Person, state: str) -> None:
    """The open page tells by itself that the run ended."""
    who.page.wait_for_function(
        "state => document.querySelector('main .pill')?.innerText.trim() === state", arg=state,
        timeout=PATIENCE_S * 1000)


def each_table_once(running: Zone, who: Person, done: dict[str, tuple]) -> None:
    assert finished(who) == TABLES and who.page.locator("text=未读取的表").count() == 0
    found = stored(running)
    assert len(found) == TABLES and {state for _, _, state in found.values()} == {"SCANNED"}
    assert {name: found[name] for name in done} == done, "a finished table was not read again"
    rt = runtime.build(running.settings)
    with read(rt) as session:
        kept = session.exec(select(TrailEntry.ref).where(
            TrailEntry.kind == "scan_table.store")).all()
    assert len(kept) == len(set(kept)) == TABLES
    assert not recompute(rt).findings
    rt.close()


def looked_at(who: Person) -> None:
    """The pages of a run and of a table read well, and axe finds nothing."""
    assert complaints(who.page) == []
    who.follow('a[href^="/scan-tables/"]')
    assert "各列建议" in who.page.locator("main").inner_text()
    assert complaints(who.page) == []
    pictured(who, "table")
    who.follow('a[href^="/scan-runs/"]')
    who.visit("/scan-sources")
    assert complaints(who.page) == []
    pictured(who, "sources")


def refused(who: Person, made: Source) -> None:
    """An account that could write is turned away in one line."""
    started(who, "可写帐号", made.address_of("postgres"))
    ended(who, "未能进行")
    line = who.page.locator(".notice.red:visible").inner_text()
    assert "该帐号可以写入" in line and len(line) < 120
    assert who.page.locator("a[href^='/scan-tables/']").count() == 0
    pictured(who, "refused")


def pictured(who: Person, name: str) -> None:
    """Keep a picture in both themes, where somebody wants to look."""
    folder = os.environ.get("HUFU_PICTURES")
    if not folder:
        return
    for theme in ("light", "dark"):
        who.page.context.add_cookies([{"name": "hufu_theme", "value": theme,
                                       "url": who.zone.url}])
        who.page.reload()
        who.page.screenshot(path=f"{folder}/{name}-{theme}.png", full_page=True)
