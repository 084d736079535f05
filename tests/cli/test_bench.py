"""The benchmark measures what it says; its bounds are those the product promises."""

import pytest

from app.cli import _bench_engine, _bench_server
from app.cli.bench import bounds
from tests.bench import sealed


def test_the_engine_is_measured_on_permitted_decisions():
    measured = _bench_engine.measure(300)
    assert measured["stock_over_compiled"] > 1 and measured["decision_us_at_300"] > 0


def test_each_bound_is_held_on_its_side_only():
    within = {"stock_over_compiled": 20, "large_over_small": 2, "decision_over_echo": 5,
              "web_rss_mb": 300}
    beyond = {"stock_over_compiled": 19.9, "large_over_small": 2.01, "decision_over_echo": 5.1,
              "web_rss_mb": 301}
    assert all(row["held"] for row in bounds(within))
    assert not any(row["held"] for row in bounds(beyond))
    assert bounds({}) == []


@pytest.mark.slow
def test_the_lane_is_measured_over_http_on_both_engines(database_url, monkeypatch):
    server = "" if database_url.startswith("sqlite") else database_url
    monkeypatch.setattr(_bench_server, "ROUNDS", 1)
    calls = 2 * _bench_server.CALLERS
    measured = _bench_server.measure_http(calls, server)
    measured |= _bench_server.measure_sizes(calls, 2000, server)
    assert all(value > 0 for value in measured.values())
    assert {"decision_over_echo", "single_over_batched", "large_over_1000"} <= set(measured)


@pytest.mark.slow
@pytest.mark.postgres
def test_deciding_is_compared_with_sealing_alone():
    measured = sealed.measure(1, 2)
    assert measured["decided_per_s"] > 0 and measured["sealed_per_s"] > 0
