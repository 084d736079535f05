"""The short form of `python -m tests.bench.stops 1000`: no stop is missed by any of four processes,
and each says so within a second."""

import pytest

from tests.bench.stops import BOUND_S, measured

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.xdist_group("processes")]
STOPS = 10


def test_Z08_of_many_stops_under_load_none_is_missed(postgres_cluster, tmp_path):
    found = measured(postgres_cluster.database("many_stops"), tmp_path, STOPS)
    assert len(found.stopped) == STOPS and len(found.permits) > 4 * STOPS
    assert found.denials > STOPS, "what was stopped was asked about again"
    assert found.missed == 0 and not found.failures, found.failures[:3]
    assert len(found.confirmed) == 4 * STOPS and max(found.confirmed) <= BOUND_S * 1000
