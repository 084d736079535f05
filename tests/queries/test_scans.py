"""The sheets of runs and tables stay light and bounded, however much was found."""

import pytest

from app.commands import scan_sources
from app.domain.classification.facts import Profile
from app.domain.scans import as_document
from app.queries import scan_tables, scans
from app.queries.scan_progress import progress_of
from app.store.tables_scans import ScanRun, ScanTable
from app.store.unit import begin
from tests import people
from tests.commands import supply
from tests.conftest import caller

SEC = caller("sun", "SEC_REVIEW")
UNREADABLE = {"c": {}}  # whoever looks into this verdict stumbles


@pytest.fixture
def run(rt):
    """The id of a run that found something in four tables."""
    source = scan_sources.create(rt, SEC, scan_sources.NewSource(
        name="业务库", department=supply.department(rt), address="postgresql://r@h/zone"))
    return scan_sources.start(rt, SEC, source.id, scan_sources.Start()).id


def found(rt, run: str, count: int, **values) -> None:
    """Tables of a run, each with one change and no verdict anybody can read."""
    with begin(rt, SEC) as act:
        source = act.find(ScanRun, run).source_id
        for number in range(count):
            act.add(ScanTable(**{
                "id": act.new_id(), "run_id": run, "source_id": source, "name": f"t{number:05d}",
                "state": "UNCHANGED" if number % 2 else "SCANNED", "fingerprint": "sha256:0",
                "at": act.at, "read_at": act.at, "verdicts": UNREADABLE, "columns": 3,
                "personal": 2, "changed": 1,
                "changes": [{"kind": "NEW", "column": "c", "was": "", "now": ""}], **values}))
        act.record("test.found", f"scan_run/{run}")


def test_a_run_is_told_without_reading_a_verdict(rt, run):
    found(rt, run, 4)
    sheet = scans.scan_run(rt, SEC, run)
    assert [(line.columns, line.personal, line.changes) for line in sheet.tables] == [(3, 2, 1)] * 4
    assert (sheet.unchanged, len(sheet.differences)) == (2, 4)
    assert progress_of(rt, SEC, sheet.number).unchanged == 2


def test_lists_of_a_run_are_cut_and_say_how_long_they_are(rt, run, monkeypatch):
    monkeypatch.setattr(scans, "SHOWN", 5)
    found(rt, run, 7)
    skipped = [{"table": f"s{number}", "zh": "读不到", "en": "not read"} for number in range(6)]
    with begin(rt, SEC) as act:
        row = act.find(ScanRun, run)
        row.skipped, row.dropped = skipped, [{"table": "gone", "table_id": "x"}]
        act.record("test.dropped", f"scan_run/{run}")
    sheet = scans.scan_run(rt, SEC, run)
    assert [len(part) for part in (sheet.tables, sheet.skipped, sheet.differences)] == [5, 5, 5]
    assert sheet.differences[0].kind == "TABLE_DROPPED" and sheet.unchanged == 3
    assert vars(sheet.counts) == {"tables": 7, "skipped": 6, "differences": 8}
    shown = page(rt, f"/scan-runs/{sheet.number}")
    for said in ("未读取的表共 6 条，只列出前 5 条", "差异共 8 条", "各表结果共 7 条"):
        assert said in shown


def page(rt, path: str) -> str:
    reader = people.browser(people.application(rt), people.signed_in(
        rt, people.enrolled(rt, "reviewer", "SEC_REVIEW")))
    return reader.get(path, base_url=people.HOST).get_data(as_text=True)


def test_a_run_that_is_not_cut_says_nothing_of_it(rt, run):
    found(rt, run, 2)
    assert "只列出" not in page(rt, f"/scan-runs/{scans.scan_run(rt, SEC, run).number}")


def verdict(level: int) -> dict:
    return {"type": "TEXT", "title": "", "element": "", "identifier": "", "level": level,
            "personal": False, "confidence": 50, "why": []}


def test_of_too_many_columns_the_highest_graded_are_told_in_their_order(rt, run):
    verdicts = {f"c{number}": verdict(4 if number % 10 == 7 else 1) for number in range(10_000)}
    found(rt, run, 1, verdicts=verdicts, columns=10_000,
          profiles=dict.fromkeys(verdicts, as_document(Profile())))
    [line] = scans.scan_run(rt, SEC, run).tables
    sheet = scan_tables.scan_table(rt, SEC, line.id)
    assert (len(sheet.columns), sheet.columns_in_all) == (scan_tables.SHOWN, 10_000)
    assert {column.level for column in sheet.columns} == {4}
    numbers = [int(column.name[1:]) for column in sheet.columns]
    assert numbers == sorted(numbers)
    assert "本表共 10,000 列，只列出建议级别最高的 500 列" in page(rt, f"/scan-tables/{line.id}")
