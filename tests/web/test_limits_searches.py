"""Searches of the lane count for the credential that asks; decisions do not."""

from dataclasses import replace

import pytest

from app.web.authzen_search import PATHS
from tests.conftest import START
from tests.web.test_authzen_search import sought
from tests.web.test_lane import lane  # noqa: F401 - the fixture

FEW = 5


@pytest.mark.parametrize("whose", ["credential", "institution"])
def test_a_credential_that_searches_too_often_is_told_when_to_come_back(
        rt, lane, whose):  # noqa: F811
    rt.settings, rt.clock.at = replace(rt.settings, **{f"{whose}_rate": FEW}), START
    body = sought(lane, "resource")
    for _ in range(FEW):
        assert lane.send(PATHS["resource"], body)[0] == 200
    status, text, headers = lane.send(PATHS["resource"], body)
    assert (status, {name.lower(): value for name, value in headers.items()}["retry-after"]) == (
        429, "60")
    assert "请在 60 秒后再试 / " in text and "come back in 60 s" in text
    assert lane.ask()["decision"] is True, "a decision has a budget of its own"
    rt.clock.forward(seconds=60)
    assert lane.send(PATHS["resource"], body)[0] == 200
