"""Four deciding processes on one PostgreSQL, under load: a stop is confirmed by each within a
second, nothing asked a second after it is permitted, and a process that was killed is fenced."""

import os
import signal
import time
from datetime import timedelta

import pytest

from app import runtime
from app.commands.proofs import prove
from app.domain.callers import SYSTEM
from tests import people
from tests.journeys.load import asking
from tests.journeys.processes import Zone, zone
from tests.journeys.test_request_budgets import require_workers
from tests.journeys.test_stop_in_time import _asked, _reachable, _sent, _token
from tests.postgres import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.xdist_group("processes")]
STOPS, BOUND_MS = 6, 1000
TWO = {"HUFU_WORKERS": "2"}


@pytest.fixture(scope="module")
def four(tmp_path_factory, postgres_cluster):
    """Two web services of two processes each, a chain for each stop, and an officer's session."""
    folder, told = tmp_path_factory.mktemp("four"), {}

    def fill(rt):
        told["chains"] = [_reachable(rt) for _ in range(STOPS + 2)]
        told["officer"] = people.enrolled(rt, "qin", "SEC_REVIEW")

    url = postgres_cluster.database("stop_proved")
    with zone(folder / "one", url, fill=fill, told=TWO) as one:
        port = free_port()
        other = Zone(one.folder, f"http://localhost:{port}", url, port, told=TWO)
        other.start("web")
        rt = runtime.build(one.settings, durable=False)
        try:
            other.wait()
            require_workers(rt)
            yield one, other, _token(one, told["officer"]), told["chains"], rt
        finally:
            rt.close()
            other.stop()


def stopped(web: Zone, token: str, chain) -> tuple[str, float]:
    """The number of a stop of this chain's grant, and when it was answered."""
    said = _sent(web, "/api/v1/holds/place", {
        "link": "grant", "object": chain.grant.number, "reason": "接口密钥疑似外泄"}, token)
    return said["number"], time.monotonic()


@pytest.mark.parametrize("at", range(STOPS))
def test_Z08_a_stop_is_confirmed_by_every_process_within_a_second_and_nothing_passes_after(
        four, at):
    one, other, token, chains, rt = four
    with asking(one.port, chains[at], 2, keep=False) as here, \
            asking(other.port, chains[at], 2, keep=False) as there:
        time.sleep(0.7)
        number, answered = stopped(one, token, chains[at])
        proof = prove(rt, SYSTEM, number)
        time.sleep(1.2)
    assert len(here.permits) > 5 and len(there.permits) > 5, "there was something to stop"
    assert max(each.last_permit() for each in (here, there)) <= answered + BOUND_MS / 1000
    assert len([each for each in there.decisions if not each[3]]) > 5
    assert proof.is_whole and len(proof.standings) == 4
    assert {each.how for each in proof.standings} == {"CONFIRMED"}
    lags = [each.lag_ms(proof.stopped) for each in proof.standings]
    assert max(lags) <= BOUND_MS, lags


def test_Z08_a_process_that_was_frozen_is_fenced_and_permits_nothing_when_it_wakes(four):
    one, other, token, chains, rt = four
    chain = chains[STOPS + 1]
    assert _asked(other, chain) == (True, [])
    os.killpg(other.processes["web"].pid, signal.SIGSTOP)
    try:
        number, _ = stopped(one, token, chain)
        proof = prove(rt, SYSTEM, number)
    finally:
        os.killpg(other.processes["web"].pid, signal.SIGCONT)
    assert sorted(each.how for each in proof.standings) == ["CONFIRMED"] * 2 + ["FENCED"] * 2
    for _ in range(8):
        permits, codes = _asked(other, chain)
        assert not permits and codes in (["HOLD.EMERGENCY"], ["SYS.STALE"])


def test_Z08_a_process_that_was_killed_is_fenced_by_its_own_staleness(four):
    one, other, token, chains, rt = four
    other.kill("web", signal.SIGKILL)
    number, _ = stopped(one, token, chains[STOPS])
    began = time.monotonic()
    proof = prove(rt, SYSTEM, number)
    assert proof.is_whole and time.monotonic() - began < rt.settings.stale_after_s + 3
    assert sorted(each.how for each in proof.standings) == ["CONFIRMED"] * 2 + ["FENCED"] * 2
    limit = timedelta(seconds=rt.settings.stale_after_s)
    assert all(each.since <= proof.stopped.at + limit for each in proof.standings)
