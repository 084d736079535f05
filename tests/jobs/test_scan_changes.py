"""What changed at a source is told and asked about: columns, tables, refused readings, failures."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import scan_runs, scan_sources
from app.domain.negative_examples import GOOD_FOR, Reach, State
from app.jobs import scans
from app.queries.scan_tables import scan_table
from app.queries.scans import scan_run, scan_source
from app.store.tables import Task
from app.store.tables_supply import Dataset, DatasetField, NegativeExample
from app.store.unit import begin, read
from tests.jobs.scanning import (
    SEC,
    WHY,
    listed,
    never,
    registered,
    scanned,
    tables,
)


def waiting(rt, key: str, action: str) -> list[Task]:
    """The open tasks of an object by their action."""
    with read(rt) as session:
        return list(session.exec(select(Task).where(
            Task.object_id == key, Task.action == action, Task.role == "SEC_REVIEW",
            Task.done_at.is_(None))).all())


def differences(rt, run: str) -> set[tuple[str, str, str]]:
    return {(one.table, one.column, one.kind) for one in scan_run(rt, SEC, run).differences}


def test_the_first_scan_of_a_table_is_held_against_its_catalogue(rt, home, database):
    dataset = listed(rt, home)
    with begin(rt, SEC) as act:
        act.first(select(DatasetField).where(
            DatasetField.dataset_id == dataset, DatasetField.code == "xm")).type = "DATE"
        act.record("test.type", f"dataset/{dataset}")
    key = registered(rt, home, database.address)
    assert differences(rt, scanned(rt, key)) == {
        ("patient", "absent", "MISSING"), ("patient", "id", "UNLISTED"),
        ("patient", "bz", "UNLISTED"), ("patient", "xm", "OTHER_TYPE")}
    assert len(waiting(rt, dataset, "review_changes")) == 1
    scan_runs.review_changes(rt, SEC, dataset, WHY)
    assert not differences(rt, scanned(rt, key, afresh=True))
    assert not waiting(rt, dataset, "review_changes")


def test_a_table_scanned_before_it_was_listed_is_held_against_its_catalogue_then(
        rt, home, database):
    key = registered(rt, home, database.address)
    assert not differences(rt, scanned(rt, key))
    dataset = listed(rt, home)
    assert ("patient", "absent", "MISSING") in differences(rt, scanned(rt, key))
    assert len(waiting(rt, dataset, "review_changes")) == 1


def test_a_table_that_vanished_is_told_once_and_asks_a_person(rt, home, database):
    dataset, key = listed(rt, home), registered(rt, home, database.address)
    first = tables(rt, scanned(rt, key))
    scan_runs.review_changes(rt, SEC, dataset, WHY)
    database.owner.execute("DROP TABLE patient")
    sheet = scan_run(rt, SEC, scanned(rt, key))
    [gone] = sheet.differences
    assert (gone.table, gone.kind, gone.column) == ("patient", "TABLE_DROPPED", "")
    assert gone.table_id == first["patient"].id and scan_table(rt, SEC, gone.table_id).columns
    assert sheet.counts.differences == 1 and (sheet.finished, sheet.total) == (1, 1)
    assert len(waiting(rt, dataset, "review_changes")) == 1
    assert not differences(rt, scanned(rt, key))


def test_a_vanished_table_is_told_though_the_last_run_could_not_read_it(rt, home, database):
    key = registered(rt, home, database.address)
    scanned(rt, key)
    database.owner.execute(f"REVOKE SELECT ON patient FROM {database.reader}")
    scanned(rt, key, afresh=True)
    database.owner.execute("DROP TABLE patient")
    assert differences(rt, scanned(rt, key)) == {("patient", "", "TABLE_DROPPED")}


def test_a_table_nobody_wants_scanned_any_more_has_not_vanished(rt, home, database):
    key = registered(rt, home, database.address)
    scanned(rt, key)
    scan_sources.edit(rt, SEC, key, scan_sources.Extent(name="业务库", tables=["shop"]))
    assert not differences(rt, scanned(rt, key))
    database.owner.execute("DROP TABLE patient")
    assert not differences(rt, scanned(rt, key))


def by_calendar(rt) -> None:
    """A day later the calendar asks for a run, and it is taken up."""
    rt.clock.forward(days=1)
    assert scan_sources.queue_due(rt) == 1 and scans.turn(rt, "jobs-1", never)


def test_a_scheduled_run_that_failed_is_one_task_until_a_run_is_done(rt, home, database):
    key = registered(rt, home, database.address, schedule="DAILY", tables=["none"])
    for _ in range(2):
        by_calendar(rt)
        [task] = waiting(rt, key, "start")
    runs = scan_source(rt, SEC, key).runs
    assert [run.state for run in runs] == ["FAILED", "FAILED"]
    assert runs[1].number in task.title and task.title.endswith("：业务库")
    scan_sources.edit(rt, SEC, key, scan_sources.Extent(name="业务库", schedule="DAILY"))
    by_calendar(rt)
    assert scan_source(rt, SEC, key).runs[0].state == "DONE" and not waiting(rt, key, "start")


def test_a_failed_run_somebody_waits_for_is_no_task_and_a_closed_source_owes_nothing(
        rt, home, database):
    key = registered(rt, home, database.address, schedule="DAILY", tables=["none"])
    scanned(rt, key)
    assert not waiting(rt, key, "start")
    by_calendar(rt)
    assert waiting(rt, key, "start")
    scan_sources.close(rt, SEC, key, WHY)
    assert not waiting(rt, key, "start")


def refuse(rt, dataset: str, column: str, element: str) -> None:
    """A person said that the column does not hold the element."""
    with begin(rt, SEC) as act:
        row = act.create(
            NegativeExample, number=act.number("NEG"), element=element, reach=str(Reach.FIELD),
            department_id=act.find(Dataset, dataset).department_id, dataset_id=dataset,
            column=column, reason="并非此类", refused_by="sun", expires_at=act.at + GOOD_FOR,
            state=str(State.ACTIVE))
        act.record("negative_example.create", f"negative_example/{row.id}")


def resident_id(number: int) -> str:
    """A number nobody has, with the check digit of GB 11643-1999."""
    digits = f"11010519491231{number:03d}"
    total = sum(int(digit) * (1 << 17 - at) % 11 for at, digit in enumerate(digits))
    return digits + "10X98765432"[total % 11]


@pytest.mark.parametrize("column, is_borne_out", [("xm", False), ("sfzh", True)])
def test_a_refused_reading_has_an_unchanged_table_judged_anew(
        rt, home, database, column, is_borne_out):
    database.owner.cursor().executemany("UPDATE patient SET sfzh = %s WHERE id = %s", [
        (resident_id(number), number) for number in range(1, 301)])
    dataset, key = listed(rt, home), registered(rt, home, database.address)
    first = tables(rt, scanned(rt, key))
    was = first["patient"].verdicts[column]["element"]
    assert was and tables(rt, scanned(rt, key))["patient"].state == "UNCHANGED"
    refuse(rt, dataset, column, was)
    again = tables(rt, scanned(rt, key))
    assert again["patient"].fingerprint != first["patient"].fingerprint
    assert (again["patient"].state, again["shop"].state) == ("SCANNED", "UNCHANGED")
    assert (again["patient"].verdicts[column]["element"] == was) is is_borne_out
    with read(rt) as session:
        field = session.exec(select(DatasetField).where(
            DatasetField.dataset_id == dataset, DatasetField.code == "xm")).one()
    assert field.proposed_element == again["patient"].verdicts["xm"]["element"]
    rt.clock.forward(seconds=(GOOD_FOR + timedelta(days=1)).total_seconds())
    assert tables(rt, scanned(rt, key))["patient"].fingerprint == first["patient"].fingerprint
