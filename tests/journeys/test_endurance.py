"""The endurance run in small: what it measures is there, and it can tell a run that is wrong."""

from dataclasses import replace

import pytest

from tests.bench import aftermath
from tests.bench.endurance import Plan, measure, tell
from tests.bench.open_loop import RECORD, Came
from tests.bench.upsets import Ended
from tests.journeys.test_stop_in_time import _now

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
# One server of SQLite is away while it starts again: it is killed once something was denied.
SHORT = {"sqlite": Plan(14, 60, "sqlite", every_s=1, cycle_s=40),
         "postgres": Plan(14, 60, "postgres", every_s=1, cycle_s=14)}


@pytest.mark.parametrize("engine", ["sqlite", pytest.param(
    "postgres", marks=pytest.mark.postgres)])
def test_a_disturbed_run_keeps_its_laws(engine, request, tmp_path):
    url = ""
    if engine == "postgres":
        url = request.getfixturevalue("postgres_cluster").database("endurance")
    result = measure(SHORT[engine], tmp_path, url)
    told = result["measured"]
    assert tell(result) == 0, result
    assert told["kills"] == ["web"] and told["came"]["denial"]
    assert sum(told["came"].values()) >= 14 * 60 - 2
    if engine == "postgres":  # behind nginx nothing that was asked goes without a decision
        assert sum(told["came"][each] for each in ("permit", "denial")) >= 838, told["came"]


def record(sent: float, came: Came, key: bytes, call: int = 0) -> bytes:
    return RECORD.pack(sent, sent, sent + 0.002, call, came, key)


def test_a_permit_nobody_sealed_and_a_permit_after_a_stop_are_found(rt, tmp_path):
    calls = tmp_path / "calls"
    calls.write_bytes(record(10.0, Came.PERMIT, b"a" * 16) + record(11.5, Came.PERMIT, b"b" * 16)
                      + record(11.6, Came.DENIAL, b"c" * 16, call=1))
    found = aftermath.heard(calls)
    ended = [Ended(0, "stop", "GR-1", 10.2, _now()), Ended(1, "stop", "GR-2", 10.2, _now())]
    assert aftermath.unsealed(rt, found.permits) == 2
    assert aftermath.too_late(rt, found, ended) == ["stop GR-1: asked 1.300 s later"]
    assert aftermath.too_late(rt, found, [replace(ended[0], answered=10.6)]) == []
    assert (found.at(0.5), found.came[Came.PERMIT]) == (2.0, 2)


@pytest.mark.parametrize(("sizes", "flat"), [
    ((60.0, 100.0, 101.0, 105.0), True), ((60.0, 100.0, 101.0, 130.0), False),
    ((60.0, 0, 100.0, 130.0), False), ((60.0, 0, 0, 130.0), None)],
    ids=["like before", "grown", "grown while looked at", "looked at once"])
def test_memory_that_grew_is_told(sizes, flat):
    memory = aftermath.Memory()
    for at, size in enumerate(sizes):
        memory.taken["web"] += [(float(at * 10 + step), size) for step in range(10) if size]
    assert memory.kinds()["web"]["flat"] is flat
