"""The fault table with real processes: whatever breaks below a decision, it is denied with its code
inside two seconds, nothing is answered that is not recorded, and all goes on by itself.

A database that is gone, read-only or full, a lock held, a clock that jumps, a process killed
at each point of sealing a batch; acts are refused with a time. After each the trail verifies.
"""

import http.client
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app import runtime
from app.domain.callers import SYSTEM
from app.store.tables import TrailEntry
from app.store.tables_institutions import Credential
from app.store.unit import begin, read
from tests import people
from tests.journeys.breaking import Broken, Slow, full, locked, read_only
from tests.journeys.processes import ROOT, zone
from tests.journeys.test_stop_in_time import _now, _reachable, _token

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
AT_WORK = 80
ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module", params=ENGINES)
def broken(request, tmp_path_factory):
    """One zone an engine, whose database is reached over a wire where there is one."""
    folder, told, wire, url, server = tmp_path_factory.mktemp("faults"), {}, None, "", None
    faults = folder / "told"
    faults.mkdir()
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_cluster")
        wire = Slow(server.port)
        url = server.database("faults").replace(f":{server.port}/", f":{wire.port}/")

    def fill(rt):
        told["chain"] = _reachable(rt)
        told["officer"] = people.enrolled(rt, "business", "BIZ_REVIEW")
        with begin(rt, SYSTEM) as act:
            act.next("DEPT")  # the chain's department took the first number by hand
            key = act.find(Credential, told["chain"].credential.id)
            key.issued_at -= timedelta(days=1)  # in force whichever way the clock jumps
            act.record("credential.place", f"credential/{key.id}", institution=key.institution_id)
            act.affects("credential", key.id)

    path = os.pathsep.join((str(Path(__file__).parent / "faulty"), str(ROOT)))
    with zone(folder / "one", url, fill=fill,
              told={"PYTHONPATH": path, "FAULTS": str(faults)}) as web:
        token = _token(web, told["officer"])
        yield Broken(web, told["chain"], token, faults, server, wire)
    if wire:
        wire.door.close()


def test_Z07_while_the_database_is_gone_every_question_is_denied_and_then_all_goes_on(broken):
    if broken.is_sqlite:
        pytest.skip("the database is a file of the same machine: it is full, locked or there")
    broken.is_back()
    before = broken.recorded()
    broken.wire.cut()
    codes = [broken.denied() for _ in range(3)]
    assert set(codes) <= {"SYS.UNAVAILABLE", "SYS.TIMEOUT", "SYS.STALE"}
    assert broken.act() == 503
    time.sleep(broken.web.settings.stale_after_s)
    assert broken.denied() == "SYS.STALE"  # its picture is too old to say anything
    broken.wire.mend()
    broken.is_back()
    assert broken.act() == 201
    after = broken.recorded()
    assert [after[key] for key in after if key not in before] == [True]


def test_Z01_while_the_database_is_slow_every_question_is_denied_in_time(broken):
    if broken.is_sqlite:
        pytest.skip("nothing lies between the process and its file")
    broken.is_back()
    broken.wire.is_flowing.clear()
    assert {broken.denied() for _ in range(2)} <= {"SYS.TIMEOUT", "SYS.STALE"}
    with ThreadPoolExecutor(AT_WORK) as pool:  # more than threads that could wait for the store
        for _ in range(AT_WORK):
            pool.submit(broken.act)
        time.sleep(broken.web.settings.stale_after_s)
        said = broken.denied()
        broken.wire.is_flowing.set()
    assert said == "SYS.STALE"
    broken.is_back()
    broken.recorded()


@pytest.mark.parametrize("breaks", [full, read_only], ids=["full", "read-only"])
def test_Z07_a_store_that_takes_nothing_permits_nothing_and_nothing_is_half_written(broken, breaks):
    broken.is_back()
    with breaks(broken):
        refused: list[str] = []
        for _ in range(400):  # what still fits into pages that are there is taken, and recorded
            permits, codes = broken.timed()
            refused = [] if permits else [*refused, *codes]
            if len(refused) > 3:
                break
        assert set(refused) == {"SYS.UNAVAILABLE"}
        assert any(broken.act() == 503 for _ in range(40))
        with ThreadPoolExecutor(30) as pool:  # connections that are opened meanwhile
            assert set(pool.map(lambda _: broken.act(), range(60))) <= {201, 503}
    broken.is_back()
    assert any(broken.act() == 201 for _ in range(3))  # one more may fail, and let go of them all
    assert broken.act() == 201
    broken.recorded()


def test_Z01_behind_a_lock_that_is_held_a_question_is_denied_in_time_and_never_written(broken):
    broken.is_back()
    before = broken.recorded()
    with locked(broken):
        assert broken.denied() == "SYS.TIMEOUT"
    time.sleep(0.5)  # whoever still waited is let in now
    assert broken.recorded() == before
    with locked(broken):
        assert broken.act() == 503
    broken.is_back()
    assert broken.act() == 201


def test_a_clock_that_jumps_is_told_to_callers_and_never_turns_the_trail_back(broken):
    broken.is_back()
    right = {"time": _now().isoformat()}
    assert broken.asked(**right) == [(True, [])]
    for hours in (1, -1, 0):
        (broken.faults / "clock").write_text(str(hours * 3600))
        off = [] if hours == 0 else ["REQ.CLOCK_SKEW"]
        assert broken.asked(**right) == [(not off, off)]
        assert broken.asked() == [(True, [])]  # all terms hold for a day: it decides by its clock
        assert broken.act() in (201, 401), "a session may end by that clock, nothing else"
        behind = _now() + timedelta(hours=hours)
        there = {"time": behind.isoformat()}
        assert broken.asked(**there) == [(True, [])]
    broken.recorded()
    rt = runtime.build(broken.web.settings, durable=False)
    with read(rt) as session:
        times = session.exec(select(TrailEntry.at).order_by(TrailEntry.seq)).all()
    rt.close()
    assert times == sorted(times)


POINTS = ("before lock", "after lock", "half written", "before commit", "after commit")
AT_ONCE = 7


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_each_point_has_written_all_of_a_batch_or_none_of_it(broken, point):
    broken.is_back()
    before = broken.recorded()
    (broken.faults / "die").write_text(point)
    with pytest.raises((OSError, http.client.HTTPException)):
        broken.asked(AT_ONCE)
    assert not (broken.faults / "die").exists()
    written = broken.recorded().keys() - before.keys()
    assert len(written) == (AT_ONCE if point == "after commit" else 0)
    broken.is_back()  # another process has taken its place
    broken.recorded()
