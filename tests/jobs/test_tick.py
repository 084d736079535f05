"""The fault table for jobs: a turn nobody can take waits, a job that fails gives its turn back with
the reason and does not stop the others, two processes never take one turn."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from app.domain.callers import SYSTEM
from app.jobs import leases
from app.jobs.__main__ import tick
from app.jobs.table import Job
from app.store.tables_jobs import JobLease
from app.store.unit import begin
from tests.commands.test_decide_faults import full, require_whole
from tests.web.test_store_faults import gone


@pytest.fixture
def done():
    return []


@pytest.fixture
def jobs(done):
    """One that writes to the trail, one that has a defect, one after them."""
    def records(rt):
        with begin(rt, SYSTEM) as act:
            act.record("test.turn", "test/1", filler="x" * 3000)
        done.append("records")

    def breaks(rt):
        raise RuntimeError("a defect")

    return (Job("records", 5, records), Job("breaks", 5, breaks),
            Job("last", 5, lambda rt: done.append("last")))


def failures(rt) -> dict[str, str]:
    with rt.db.reading() as connection:
        return dict(connection.execute(select(JobLease.name, JobLease.failure)).all())


def test_a_failing_job_is_told_and_the_others_go_on(rt, jobs, done):
    tick(rt, "one", jobs)
    assert done == ["records", "last"]
    assert failures(rt) == {"records": "", "breaks": "RuntimeError", "last": ""}
    tick(rt, "one", jobs)
    assert done == ["records", "last"], "no turn is due again yet"
    rt.clock.forward(seconds=5)
    tick(rt, "two", jobs)
    assert done == ["records", "last"] * 2


def test_while_the_database_is_gone_jobs_pause_and_go_on_by_themselves(rt, jobs, done):
    with gone(rt):
        tick(rt, "one", jobs)
        assert done == []
    tick(rt, "one", jobs)
    assert done == ["records", "last"]
    require_whole(rt)


def test_in_a_store_that_takes_nothing_a_turn_stays_queued(rt, jobs, done):
    tick(rt, "one", jobs)
    done.clear()
    rt.clock.forward(seconds=5)
    lift = full(rt)
    try:
        for _ in range(40):
            before = len(done)
            tick(rt, "one", jobs[:1])
            rt.clock.forward(seconds=65)
            if len(done) == before:
                break
        assert len(done) == before, "the store is full and nothing is done"
    finally:
        lift()
    done.clear()
    rt.clock.forward(seconds=65)
    tick(rt, "one", jobs[:1])
    assert done == ["records"]
    require_whole(rt)


def test_while_the_head_is_locked_a_job_fails_gives_its_turn_back_and_does_it_later(rt, jobs, done):
    if rt.db.is_sqlite:
        pytest.skip("SQLite has one lock for every writer: the turn itself cannot be taken")
    with rt.db.writing() as connection:
        connection.execute(text("SELECT size FROM trail_head WHERE id = 1 FOR UPDATE"))
        tick(rt, "one", jobs[:1])
        assert done == [] and failures(rt) == {"records": "SYS.UNAVAILABLE"}
    rt.clock.forward(seconds=5)
    tick(rt, "one", jobs[:1])
    assert done == ["records"]


def test_of_many_processes_one_takes_the_turn(rt, jobs, done):
    leases.claim(rt, "records", "nobody", 5)
    rt.clock.forward(seconds=61)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda owner: tick(rt, f"p{owner}", jobs[:1]), range(6)))
    assert done == ["records"]


def test_a_clock_that_jumps_neither_skips_turns_nor_doubles_them(rt, jobs, done):
    for jump in ({}, {"hours": 1}, {"hours": -2}, {"hours": 1}):
        done.clear()
        rt.clock.forward(**jump)
        for owner in ("one", "two"):
            tick(rt, owner, jobs[:1])
        assert done == ["records"], jump
    rt.clock.forward(seconds=4)
    tick(rt, "one", jobs[:1])
    assert done == ["records"], "no turn is due again yet"


def test_a_turn_held_by_a_clock_that_was_ahead_is_free_once_it_is_set_back(rt, jobs, done):
    rt.clock.forward(hours=1)
    assert leases.claim(rt, "records", "killed", 5)
    rt.clock.forward(hours=-1)
    tick(rt, "one", jobs[:1])
    assert done == ["records"]
