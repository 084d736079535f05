"""Whoever watches the gateways sees which process is behind and which says nothing."""

from datetime import timedelta

import pytest

from app.domain.processes import Health, health
from app.domain.refusals import NotAllowed
from app.queries.processes import processes
from app.queries.query import Filters
from app.store import beats
from app.store.trail import read_head
from tests import zone
from tests.conftest import caller

OPS = caller("wei", "OPS")


@pytest.mark.parametrize(("behind", "seconds", "stands"), [
    (0, 0, "FOLLOWING"), (0, 5, "FOLLOWING"), (1, 5, "BEHIND"), (0, 6, "SILENT"),
    (3, 6, "SILENT")])
def test_a_process_follows_is_behind_or_is_silent(behind, seconds, stands):
    assert health(behind, timedelta(seconds=seconds)) is Health(stands)


def test_each_process_is_shown_with_its_lag_the_longest_silent_first(rt):
    zone.tiny(rt)
    at = rt.clock()
    with rt.db.writing() as connection:
        newest = read_head(connection).epoch
        for name, behind, ago in (("a", 0, 0), ("b", 1, 1), ("c", 0, 90)):
            beats.put(connection, beats.Beat(name, f"node-{name}", 1, newest - behind,
                                             at - timedelta(seconds=ago), at))
    page = processes(rt, OPS, Filters())
    assert [(line.id, line.state, line.behind, line.lag) for line in page.items] == [
        ("c", "SILENT", 0, 90), ("b", "BEHIND", 1, 1), ("a", "FOLLOWING", 0, 0)]
    assert processes(rt, OPS, Filters(state="SILENT")).total == 1
    assert processes(rt, OPS, Filters(q="node-a")).items[0].id == "a"


def test_institutions_see_no_process(rt):
    with pytest.raises(NotAllowed):
        processes(rt, caller("wang", "INST_MAKER", institution="i-1"), Filters())
