"""A run scans table by table, goes on where it was cut off, and keeps nothing of any value."""

from io import StringIO

import pytest
import structlog
from sqlmodel import select

from app.commands import rule_proposals, scan_runs, scan_sources
from app.commands.command import Empty
from app.domain.refusals import IllegalMove
from app.domain.scans import LEASE, READ_AGAIN
from app.engines.classification.suggestions import proposer
from app.jobs import scans
from app.queries.scan_tables import scan_table
from app.queries.scans import scan_run, scan_source
from app.store import scans as rows
from app.store.schema import metadata
from app.store.tables import Task, TrailEntry
from app.store.tables_scans import ScanRun, ScanSecret
from app.store.tables_supply import DatasetField
from app.store.unit import read
from tests.jobs.scanning import (
    ID_NUMBER,
    MARKER,
    SEC,
    WHY,
    listed,
    never,
    registered,
    scanned,
    started,
    tables,
)
from tests.sources import PASSWORD


def test_a_run_reads_every_table_and_tells_what_it_found(rt, home, database):
    key = registered(rt, home, database.address)
    assert not scans.turn(rt, "jobs-1", never)
    run = scan_run(rt, SEC, scanned(rt, key))
    assert (run.state, run.finished, run.total) == ("DONE", 2, 2)
    assert [(table.name, table.state) for table in run.tables] == [
        ("patient", "SCANNED"), ("shop", "SCANNED")]
    assert not run.skipped and not run.differences and run.ended_at
    sheet = scan_table(rt, SEC, run.tables[0].id)
    columns = {column.name: column for column in sheet.columns}
    assert columns["sfzh"].identifier == "resident_id" and columns["sfzh"].personal
    assert columns["sfzh"].level >= 3 and columns["sfzh"].why
    assert sheet.rows_total == 300 and columns["xm"].distinct == 300
    assert scan_source(rt, SEC, key).runs[0].number == run.number


def test_H_no_value_and_no_password_is_stored_logged_or_put_in_the_trail(rt, home, database):
    written = StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    run = scanned(rt, registered(rt, home, database.address))
    structlog.reset_defaults()
    assert scan_run(rt, SEC, run).state == "DONE"
    with rt.db.reading() as connection:
        kept = [str(tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row))
                for table in metadata.sorted_tables
                for row in connection.execute(table.select())]
        entries = [bytes(body) for body in connection.execute(
            select(TrailEntry.body)).scalars()]
    everything = "\n".join(kept) + written.getvalue()
    raw = b"\n".join(entries)
    for value in (MARKER, ID_NUMBER, PASSWORD):
        assert value not in everything and value.encode() not in raw
        assert value.encode("unicode_escape").decode() not in everything
    if rt.db.is_sqlite:
        for path in rt.settings.data_dir.parent.glob("hufu.db*"):
            body = path.read_bytes()
            assert MARKER.encode() not in body and PASSWORD.encode() not in body


def test_a_run_that_was_cut_off_goes_on_behind_its_last_table(rt, home, database):
    run = started(rt, registered(rt, home, database.address))
    looks = iter([False, True])
    assert scans.turn(rt, "jobs-1", lambda: next(looks))
    first = tables(rt, run)
    assert list(first) == ["patient"] and scan_run(rt, SEC, run).state == "RUNNING"
    assert scans.turn(rt, "jobs-2", never)
    both = tables(rt, run)
    assert set(both) == {"patient", "shop"} and scan_run(rt, SEC, run).state == "DONE"
    assert both["patient"].id == first["patient"].id and both["patient"].at == first["patient"].at
    with read(rt) as session:
        kept = session.exec(select(TrailEntry.ref).where(
            TrailEntry.kind == "scan_table.store")).all()
    assert len(kept) == len(set(kept)) == 2


def test_a_run_whose_process_died_is_free_when_its_lease_ends(rt, home, database):
    run = started(rt, registered(rt, home, database.address))
    with rt.db.writing() as connection:
        assert rows.claim(connection, run, "dead", rt.clock())
        assert not rows.claim(connection, run, "other", rt.clock())
    assert not scans.turn(rt, "jobs-2", never)
    rt.clock.forward(seconds=LEASE.total_seconds() - 1)
    assert not scans.turn(rt, "jobs-2", never)
    rt.clock.forward(seconds=1)
    assert scans.turn(rt, "jobs-2", never)
    assert scan_run(rt, SEC, run).state == "DONE"


def test_a_holder_that_lost_its_run_stores_nothing(rt, home, database):
    run = started(rt, registered(rt, home, database.address))
    held = scan_runs.Held(run, "ghost")
    assert not scan_runs.begin_run(rt, held, "rules")
    scan_runs.keep(rt, held, scan_runs.Found("patient", "", "sha256:0", 1, 1, (), {}, {}))
    scan_runs.skip(rt, held, "patient", "错", "wrong")
    scan_runs.fail(rt, held, "错", "wrong")
    scan_runs.finish(rt, held, ())
    assert not tables(rt, run) and scan_run(rt, SEC, run).state == "QUEUED"


def test_a_cancelled_run_stops_between_tables_and_keeps_what_it_has(rt, home, database):
    run = started(rt, registered(rt, home, database.address))

    def cancelled_after_the_first() -> bool:
        if tables(rt, run):
            with read(rt) as session:
                version = session.get(ScanRun, run).version
            scan_runs.cancel(rt, SEC.expecting(version), run, WHY)
        return False

    assert scans.turn(rt, "jobs-1", cancelled_after_the_first)
    sheet = scan_run(rt, SEC, run)
    assert (sheet.state, len(sheet.tables)) == ("CANCELLED", 1) and sheet.ended_at
    assert not scans.turn(rt, "jobs-1", never)


def test_a_table_that_looks_the_same_is_carried_over_until_it_is_old(rt, home, database):
    key = registered(rt, home, database.address)
    first = tables(rt, scanned(rt, key))
    again = tables(rt, scanned(rt, key))
    assert {row.state for row in again.values()} == {"UNCHANGED"}
    assert again["patient"].verdicts == first["patient"].verdicts
    assert again["patient"].read_at == first["patient"].read_at
    assert {row.state for row in tables(rt, scanned(rt, key, afresh=True)).values()} == {"SCANNED"}
    rt.clock.forward(days=READ_AGAIN.days + 1)
    assert {row.state for row in tables(rt, scanned(rt, key)).values()} == {"SCANNED"}


def test_a_table_whose_columns_changed_is_read_again_and_the_change_is_told(rt, home, database):
    key = registered(rt, home, database.address)
    scanned(rt, key)
    database.owner.execute("ALTER TABLE shop ADD COLUMN phone varchar(11);"
                           "ALTER TABLE shop DROP COLUMN sl")
    database.settle()
    run = scan_run(rt, SEC, scanned(rt, key))
    assert {table.name: table.state for table in run.tables} == {
        "patient": "UNCHANGED", "shop": "SCANNED"}
    assert {(change.table, change.column, change.kind) for change in run.differences} == {
        ("shop", "sl", "DROPPED"), ("shop", "phone", "NEW")}


def test_verdicts_stand_beside_the_fields_and_contradict_what_was_confirmed(rt, home, database):
    dataset = listed(rt, home)
    run = scanned(rt, registered(rt, home, database.address))
    number = scan_run(rt, SEC, run).number
    with read(rt) as session:
        fields = {field.code: field for field in session.exec(select(DatasetField).where(
            DatasetField.dataset_id == dataset))}
        asked = session.exec(select(Task).where(Task.object_id == dataset,
                                                Task.done_at.is_(None))).all()
    assert fields["xm"].proposed_by == f"扫描 {number}"
    assert proposer(fields["xm"].proposed_by).en == f"Scan {number}"
    assert fields["sfzh"].grade == 1 and fields["sfzh"].confirmed_by == "li"
    assert fields["sfzh"].contradicted["level"] >= 3 and not fields["absent"].proposed_by
    assert {(task.role, task.action) for task in asked} == {
        ("SEC_REVIEW", "settle_contradictions"), ("SEC_REVIEW", "review_changes")}
    assert tables(rt, run)["patient"].dataset_id == dataset


def test_names_alone_do_not_lower_what_a_scan_proposed(rt, home, database):
    dataset = listed(rt, home)
    scanned(rt, registered(rt, home, database.address))
    rule_proposals.propose_by_rules(rt, SEC, dataset, Empty())
    with read(rt) as session:
        field = session.exec(select(DatasetField).where(
            DatasetField.dataset_id == dataset, DatasetField.code == "xm")).one()
    assert field.proposed_by.startswith("扫描 ")


def test_a_change_at_the_source_is_one_task_until_somebody_looked(rt, home, database):
    dataset, key = listed(rt, home), registered(rt, home, database.address)
    scanned(rt, key)
    for column in ("fax", "mail"):
        database.owner.execute(f"ALTER TABLE patient ADD COLUMN {column} text")
        database.settle()
        scanned(rt, key)

    def waiting() -> int:
        with read(rt) as session:
            return len(session.exec(select(Task).where(
                Task.object_id == dataset, Task.action == "review_changes",
                Task.role == "SEC_REVIEW", Task.done_at.is_(None))).all())

    assert waiting() == 1
    scan_runs.review_changes(rt, SEC, dataset, WHY)
    assert waiting() == 0
    with pytest.raises(IllegalMove):
        scan_runs.review_changes(rt, SEC, dataset, WHY)


@pytest.mark.parametrize("address, said", [
    (lambda made: made.address_of("postgres"), "could write"),
    (lambda made: "postgresql://reader@127.0.0.1:1/zone", "cannot be reached"),
    (lambda made: "postgresql://reader@169.254.169.254/zone", ""),
])
def test_O02_a_source_that_cannot_be_scanned_fails_in_one_line(rt, home, database, address, said):
    run = scan_run(rt, SEC, scanned(rt, registered(rt, home, address(database))))
    assert run.state == "FAILED" and not run.tables
    assert said in run.failure.en and run.failure.zh and "\n" not in run.failure.zh


def test_a_table_that_cannot_be_read_costs_itself_only(rt, home, database):
    database.owner.execute("CREATE TABLE hidden (a text)")
    run = scan_run(rt, SEC, scanned(rt, registered(rt, home, database.address)))
    assert (run.state, run.finished, run.total) == ("DONE", 3, 3)
    assert [(line.table, line.en) for line in run.skipped] == [
        ("hidden", "the account may not read it")]


def test_only_the_tables_that_were_asked_for_are_read(rt, home, database):
    run = scanned(rt, registered(rt, home, database.address, tables=["SH*"]))
    assert list(tables(rt, run)) == ["shop"]
    none = scan_run(rt, SEC, scanned(rt, registered(rt, home, database.address, tables=["x"])))
    assert none.state == "FAILED" and "no table fits" in none.failure.en


def test_sources_are_scanned_by_the_calendar(rt, home, database):
    daily = registered(rt, home, database.address, schedule="DAILY")
    registered(rt, home, database.address)
    assert scan_sources.queue_due(rt) == 1 and scan_sources.queue_due(rt) == 0
    assert scans.turn(rt, "jobs-1", never)
    rt.clock.forward(hours=23)
    assert scan_sources.queue_due(rt) == 0
    rt.clock.forward(hours=2)
    assert scan_sources.queue_due(rt) == 1
    assert scan_source(rt, SEC, daily).runs[0].asked_by == "系统"


def test_a_password_is_sealed_for_its_place_and_forgotten_with_the_source(rt, home, database):
    key = registered(rt, home, database.address)
    with read(rt) as session:
        sealed = session.get(ScanSecret, key).sealed
    assert sealed.startswith("aes-256-gcm.") and PASSWORD not in sealed
    scan_sources.set_secret(rt, SEC, key, scan_sources.Secret(password="another-one"))
    scan_sources.close(rt, SEC, key, WHY)
    with read(rt) as session:
        assert session.get(ScanSecret, key).sealed == ""
    with pytest.raises(IllegalMove):
        started(rt, key)
