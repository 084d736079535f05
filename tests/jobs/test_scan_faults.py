"""A run ends where another try helps nothing, and waits where it does; no table counts twice."""

import pytest
from sqlalchemy import exc

from app.commands import scan_runs
from app.domain.refusals import NotRecorded, Stale
from app.domain.scans import LEASE, MOST_TRIES
from app.jobs import scans
from app.queries.scans import scan_run
from app.store import scans as rows
from app.store.unit import read
from tests.jobs.scanning import MARKER, SEC, never, registered, scanned, started, tables


def failing(error: Exception):
    """Rules that cannot be read, as a bug or a lost registry would have it."""
    def fail():
        raise error
    return fail


def statement(kind: type[exc.DBAPIError]) -> exc.DBAPIError:
    return kind(f"INSERT {MARKER}", {"value": MARKER}, Exception(MARKER))


@pytest.mark.parametrize("error", [
    RuntimeError(MARKER), KeyError(MARKER), statement(exc.DataError),
    statement(exc.ProgrammingError)], ids=lambda error: type(error).__name__)
def test_a_bug_ends_the_run_once_and_tells_no_value(rt, home, database, error, log):
    run = started(rt, registered(rt, home, database.address))
    rt.grading_rules = failing(error)
    assert scans.turn(rt, "jobs-1", never)
    sheet = scan_run(rt, SEC, run)
    assert (sheet.state, sheet.failure.en) == (
        "FAILED", f"the scan broke off ({type(error).__name__})")
    assert sheet.ended_at and MARKER not in sheet.failure.zh + log.getvalue()
    assert not scans.turn(rt, "jobs-1", never)


@pytest.mark.parametrize("error", [
    NotRecorded("暂不可用", "not now"), Stale("冲突", "met another"),
    statement(exc.OperationalError), statement(exc.InterfaceError), exc.TimeoutError()],
    ids=lambda error: type(error).__name__)
def test_a_lost_registry_ends_no_run_and_is_not_asked_again_at_once(rt, home, database, error):
    run, sound = started(rt, registered(rt, home, database.address)), rt.grading_rules
    rt.grading_rules = failing(error)
    assert scans.turn(rt, "jobs-1", never)
    assert scan_run(rt, SEC, run).state == "QUEUED"
    rt.grading_rules = sound
    assert not scans.turn(rt, "jobs-1", never)
    rt.clock.forward(seconds=LEASE.total_seconds())
    assert scans.turn(rt, "jobs-1", never)
    assert scan_run(rt, SEC, run).state == "DONE"


def died(rt, run: str, times: int) -> None:
    """Processes took the run up and died with it."""
    for number in range(times):
        with rt.db.writing() as connection:
            assert rows.claim(connection, run, f"dead-{number}", rt.clock())
        rt.clock.forward(seconds=LEASE.total_seconds())


def test_a_run_that_kills_whoever_takes_it_up_is_given_up(rt, home, database):
    run = started(rt, registered(rt, home, database.address))
    died(rt, run, MOST_TRIES)
    assert scans.turn(rt, "jobs-1", never)
    sheet = scan_run(rt, SEC, run)
    assert sheet.state == "FAILED" and f"cut off {MOST_TRIES} times" in sheet.failure.en
    assert not sheet.tables


@pytest.mark.parametrize("stops_before", [1, 2])
def test_a_run_that_comes_further_or_is_laid_down_is_not(rt, home, database, stops_before):
    run = started(rt, registered(rt, home, database.address))
    died(rt, run, MOST_TRIES - 1)
    looks = iter([False] * (stops_before - 1) + [True])
    assert scans.turn(rt, "jobs-1", lambda: next(looks))
    died(rt, run, MOST_TRIES - 1)
    assert scans.turn(rt, "jobs-2", never)
    assert scan_run(rt, SEC, run).state == "DONE"


def test_a_table_finished_between_starts_the_count_anew(rt, home, database):
    run = started(rt, registered(rt, home, database.address))
    died(rt, run, MOST_TRIES - 1)
    with rt.db.writing() as connection:
        assert rows.claim(connection, run, "slow", rt.clock()) == MOST_TRIES
    scan_runs.skip(rt, scan_runs.Held(run, "slow"), "patient", "错", "wrong")
    rt.clock.forward(seconds=LEASE.total_seconds())
    with rt.db.writing() as connection:
        assert rows.claim(connection, run, "next", rt.clock()) == 1


def test_a_table_that_was_skipped_and_then_read_counts_once(rt, home, database):
    database.owner.execute("CREATE TABLE hidden (a text)")
    run = started(rt, registered(rt, home, database.address))
    looks = iter([False, True])
    assert scans.turn(rt, "jobs-1", lambda: next(looks))
    cut = scan_run(rt, SEC, run)
    assert (cut.finished, cut.not_read) == (1, 1) and not cut.tables
    database.settle()
    assert scans.turn(rt, "jobs-2", never)
    sheet = scan_run(rt, SEC, run)
    assert (sheet.state, sheet.finished, sheet.total) == ("DONE", 3, 3)
    assert not sheet.skipped and sheet.counts.tables == 3


def held(rt, run: str) -> scan_runs.Held:
    with rt.db.writing() as connection:
        assert rows.claim(connection, run, "jobs-1", rt.clock())
    return scan_runs.Held(run, "jobs-1")


def test_a_table_that_was_skipped_and_then_carried_counts_once(rt, home, database):
    key = registered(rt, home, database.address)
    before = tables(rt, scanned(rt, key))
    mine = held(rt, started(rt, key))
    scan_runs.skip(rt, mine, "patient", "错", "wrong")
    assert scan_runs.carry(rt, mine, "patient", before["patient"].fingerprint)
    sheet = scan_run(rt, SEC, mine.run)
    assert (sheet.finished, sheet.not_read, sheet.unchanged) == (1, 0, 1)


def test_a_table_that_was_read_and_then_skipped_counts_once(rt, home, database):
    key = registered(rt, home, database.address)
    before = tables(rt, scanned(rt, key))
    mine = held(rt, started(rt, key))
    assert scan_runs.carry(rt, mine, "patient", before["patient"].fingerprint)
    scan_runs.skip(rt, mine, "patient", "错", "wrong")
    sheet = scan_run(rt, SEC, mine.run)
    assert (sheet.finished, sheet.not_read) == (1, 1)
    with read(rt) as session:
        assert list(rows.finished(session, mine.run)) == ["patient"]
