"""Two web processes on one PostgreSQL: a stop placed through one binds its next decision, and
every decision of the other that is asked a second later."""

import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.engines import one_time_codes
from app.store.unit import begin
from tests import people
from tests.decision_zone import body
from tests.journeys.processes import Zone, zone
from tests.postgres import free_port
from tests.zone import tiny

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
STEP_S, BOUND_S, PATIENCE_S = 0.02, 1.0, 20.0
OFFICERS = ("qin", "yang")
# What is stopped, how, and what a caller is then told.
STOPS = (
    ("holds", {"link": "institution"}, "HOLD.EMERGENCY"),
    ("holds", {"link": "dataset"}, "HOLD.EMERGENCY"),
    ("grants", {"ground": "HOLD.EMERGENCY"}, "TERM.SUSPENDED"),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory, postgres_cluster):
    """Two web processes, one chain in force and an officer for each stop of each process."""
    folder, told = tmp_path_factory.mktemp("pair"), {}

    def fill(rt):
        told["chains"] = [_reachable(rt) for _ in range(2 * len(STOPS))]
        told["officers"] = [people.enrolled(rt, name, "SEC_REVIEW") for name in OFFICERS]

    url = postgres_cluster.database("stop_in_time")
    with zone(folder / "one", url, fill=fill) as one:
        port = free_port()
        other = Zone(one.folder, f"http://localhost:{port}", url, port)
        other.start("web")
        try:
            other.wait()
            tokens = [_token(each, officer) for each, officer in
                      zip((one, other), told["officers"], strict=True)]
            yield (one, other), tokens, told["chains"]
        finally:
            other.stop()


def _reachable(rt):
    """A chain whose gateway calls from this machine."""
    now = rt.clock()
    chain = tiny(rt, term={"from": instant(now - timedelta(days=1)),
                           "to": instant(now + timedelta(days=1)), "window": None,
                           "retention_days": 180, "data_life_days": 30})
    with begin(rt, SYSTEM) as act:
        app = act.find(type(chain.app), chain.app.id)
        app.networks = ["127.0.0.0/8"]
        act.record("client_app.edit", f"client_app/{app.id}", institution=app.institution_id)
        act.affects("client_app", app.id)
    return chain


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _token(web: Zone, officer: people.Enrolled) -> str:
    """A session of the officer's own, by password and code, as programs open one."""
    code = one_time_codes.code_now(officer.secret, _now())
    return _sent(web, "/api/v1/session", {"login": officer.login, "password": officer.password,
                                          "code": code})["token"]


def _sent(web: Zone, path: str, told: dict, bearer: str = "") -> dict:
    headers = {"Content-Type": "application/json", "Accept": "application/json",
               **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
    request = urllib.request.Request(web.url + path, json.dumps(told).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _asked(web: Zone, chain) -> tuple[bool, list[str]]:
    """What this process decides now of a call well inside the chain's grant."""
    question = body(app=chain.app.number, product=chain.product.number, grant=chain.grant.number,
                    institution=chain.institution.number, region="110000", business_ref="LN1",
                    lookback_from=(_now() - timedelta(days=30)).date().isoformat(),
                    data_subject={"kind": "ENTERPRISE", "id": "91110000"})
    said = _sent(web, "/access/v1/evaluation", question, chain.secret)
    return said["decision"], [reason["code"] for reason in said["context"]["reasons"]]


def _stop(web: Zone, token: str, chain, noun: str, told: dict) -> None:
    if noun == "grants":
        path = f"/api/v1/grants/{chain.grant.number}/suspend"
    else:
        path, told = "/api/v1/holds/place", {**told, "object": getattr(chain, told["link"]).number}
    _sent(web, path, {**told, "reason": "接口密钥疑似外泄"}, token)


@pytest.mark.parametrize("at", range(len(STOPS)), ids=lambda at: "/".join(
    (STOPS[at][0], STOPS[at][1].get("link", "suspend"))))
@pytest.mark.parametrize("through", (0, 1))
def test_INV_01_a_stop_binds_the_next_decision_here_and_within_a_second_there(pair, through, at):
    webs, tokens, chains = pair
    chain, (noun, told, code) = chains[through * len(STOPS) + at], STOPS[at]
    here, there = webs[through], webs[1 - through]
    for web in webs:
        assert _asked(web, chain) == (True, []), web.url
    _stop(here, tokens[through], chain, noun, told)
    stopped = time.monotonic()
    assert _asked(here, chain) == (False, [code])

    last_permit = 0.0
    while time.monotonic() - stopped < PATIENCE_S:
        asked = time.monotonic() - stopped
        permits, codes = _asked(there, chain)
        if not permits:
            break
        last_permit = asked
        time.sleep(STEP_S)
    assert (permits, codes) == (False, [code])
    assert last_permit <= BOUND_S + STEP_S, f"still permitted {last_permit:.3f} s after the stop"
