"""Requests of one key in one window: counted together by all processes, refused with a time."""

import pytest

from app import runtime
from app.domain.refusals import TooMany
from app.web.limits import hold


def test_the_request_over_the_limit_is_told_how_long_to_wait(rt):
    for _ in range(3):
        hold(rt, "k", 3, 60)
    rt.clock.forward(seconds=20)
    with pytest.raises(TooMany) as error:
        hold(rt, "k", 3, 60)
    assert error.value.facts["retry_after"] == 40
    hold(rt, "another", 3, 60)
    rt.clock.forward(seconds=40)
    hold(rt, "k", 3, 60)


def test_two_processes_share_one_count(rt):
    other = runtime.build(rt.settings, durable=False)
    other.clock = rt.clock
    hold(rt, "k", 2, 60)
    hold(other, "k", 2, 60)
    with pytest.raises(TooMany):
        hold(rt, "k", 2, 60)
    other.close()
