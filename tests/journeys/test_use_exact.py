"""Use counted by separate processes: thirty-two callers at once never pass a bound by one, a limit
on requests is one limit, and a withdrawal binds the next decision of every process.

On PostgreSQL two web services of two processes each answer; on SQLite one process, as the product
runs there.
"""

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import runtime
from app.commands import subject_authorizations
from app.domain.callers import SYSTEM
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_use import UseCounter
from app.store.unit import begin, read
from tests import consents
from tests.conftest import caller
from tests.journeys.load import question
from tests.journeys.processes import Zone, zone
from tests.journeys.test_stop_in_time import _now, _reachable, _sent
from tests.postgres import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
BOUND, CALLS, CALLERS = 10, 96, 32


@pytest.fixture(scope="module", params=["sqlite", pytest.param(
    "postgres", marks=pytest.mark.postgres)])
def services(request, tmp_path_factory):
    """The web services, a runtime beside them, and chains whose use is bounded."""
    folder, chains, url = tmp_path_factory.mktemp("use"), {}, ""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_cluster").database("use_exact")

    def fill(rt):
        for name in ("consent", "withdrawn", "quota"):
            chains[name] = _reachable(rt)
        for name in ("consent", "withdrawn"):
            consents.asking(rt, chains[name])
        with begin(rt, SYSTEM) as act:
            row = act.find(type(chains["quota"].grant_version), chains["quota"].grant_version.id)
            row.quota = {"total": BOUND}
            act.record("grant_version.place", f"grant_version/{row.id}")
            act.affects("grant_version", row.id)

    told = {"HUFU_WORKERS": "2"}
    with zone(folder / "one", url, fill=fill, told=told) as one:
        webs = [one]
        if url:
            port = free_port()
            webs.append(Zone(one.folder, f"http://localhost:{port}", url, port, told=told))
            webs[1].start("web")
        rt = runtime.build(one.settings, durable=False)
        try:
            webs[-1].wait()
            yield webs, chains, rt
        finally:
            rt.close()
            for each in webs[1:]:
                each.stop()


def asked(web: Zone, chain, token: str = "") -> tuple[bool, list[str]]:
    told = json.loads(question(chain))
    if token:
        told["context"]["subject_authorization"] = token
    said = _sent(web, "/access/v1/evaluation", told, chain.secret)
    return said["decision"], [reason["code"] for reason in said["context"]["reasons"]]


def raced(webs: list[Zone], chain, token: str = "") -> list[tuple[bool, list[str]]]:
    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(lambda at: asked(webs[at % len(webs)], chain, token), range(CALLS)))


def require_exact(rt, answers, code: str, key: tuple[str, str, str]) -> None:
    assert sum(permits for permits, _ in answers) == BOUND
    assert {tuple(codes) for permits, codes in answers if not permits} == {(code,)}
    with read(rt) as session:
        row = session.get(UseCounter, key)
        assert row.reserved + row.used == BOUND


def test_Z06_uses_of_an_authorization_are_never_one_over_with_processes_of_their_own(services):
    webs, chains, rt = services
    row = consents.given(rt, chains["consent"], max_uses=BOUND)
    answers = raced(webs, chains["consent"], row.token)
    require_exact(rt, answers, "CONSENT.EXHAUSTED", ("consent/" + row.id, "TOTAL", ""))


def test_Z06_a_quota_is_never_one_over_with_processes_of_their_own(services):
    webs, chains, rt = services
    answers = raced(webs, chains["quota"])
    key = ("grant/" + chains["quota"].grant.number, "TOTAL", "")
    require_exact(rt, answers, "QUOTA.EXHAUSTED", key)


def test_INV_19_a_withdrawal_binds_the_next_decision_of_every_process(services):
    webs, chains, rt = services
    chain = chains["withdrawn"]
    row = consents.given(rt, chain)
    assert raced(webs, chain, row.token) == [(True, [])] * CALLS
    maker = caller("wang", "INST_MAKER", institution=chain.institution.id)
    subject_authorizations.withdraw(rt, maker, row.id, subject_authorizations.Why())
    assert raced(webs, chain, row.token) == [(False, ["CONSENT.WITHDRAWN"])] * CALLS
    with read(rt) as session:
        assert session.get(SubjectAuthorization, row.id).state == "WITHDRAWN"


LINKS, WINDOW_S = 60, 60  # links a source may open in a minute


def opened(web: Zone) -> tuple[int, int]:
    """The status of a link nobody was given, and the seconds a refusal says to wait."""
    try:
        with urllib.request.urlopen(web.url + "/invitations/nobody", timeout=30) as answer:
            return answer.status, 0
    except urllib.error.HTTPError as refusal:
        return refusal.code, int(refusal.headers.get("Retry-After") or 0)


def test_W07_a_limit_on_requests_is_one_limit_for_all_processes(services):
    webs, _, _ = services
    left = WINDOW_S - _now().timestamp() % WINDOW_S
    if left < 15:  # asked inside one window, however slow the machine is
        time.sleep(left + 0.1)
    with ThreadPoolExecutor(CALLERS) as pool:
        found = list(pool.map(lambda at: opened(webs[at % len(webs)]), range(LINKS + 30)))
    refused = [wait for status, wait in found if status == 429]
    assert len(refused) == 30 and all(0 < wait <= WINDOW_S for wait in refused)
