"""A budget of requests is one budget for four worker processes on PostgreSQL, with the error it is
said to have and no other."""

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import func, select

from app import runtime
from app.store.tables_gateways import ProcessBeat
from tests import people
from tests.journeys.processes import Zone, zone
from tests.journeys.test_stop_in_time import _now, _reachable, _token

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.xdist_group("processes")]
WORKERS, MOST, ASKED, CALLERS, WINDOW_S = 4, 100, 300, 16, 60
BLOCKS = (WORKERS - 1) * MOST // 20  # what the others may pass, or hold, beside the budget


@pytest.fixture(scope="module")
def service(postgres_cluster, tmp_path_factory):
    """One web service of four processes, and what an account and a credential show to it."""
    bearers = {}

    def fill(rt):
        bearers["account"] = people.enrolled(rt, "business", "BIZ_REVIEW")
        bearers["credential"] = _reachable(rt).secret

    told = {"HUFU_WORKERS": str(WORKERS), "HUFU_ACCOUNT_RATE": str(MOST),
            "HUFU_CREDENTIAL_RATE": str(MOST)}
    with zone(tmp_path_factory.mktemp("budgets"), postgres_cluster.database("budgets"), fill=fill,
              told=told) as web:
        rt = runtime.build(web.settings, durable=False)
        try:
            require_workers(rt)
            bearers["account"] = _token(web, bearers["account"])
            yield web, bearers
        finally:
            rt.close()


def require_workers(rt) -> None:
    """Wait until every process says that it runs."""
    ends = time.monotonic() + 60
    running = 0
    while running < WORKERS and time.monotonic() < ends:
        time.sleep(0.2)
        with rt.db.reading() as connection:
            running = connection.execute(select(func.count()).select_from(ProcessBeat)).scalar_one()
    assert running == WORKERS


def asked(web: Zone, path: str, bearer: str) -> tuple[int, int]:
    """The status, and the seconds a refusal says to wait."""
    request = urllib.request.Request(web.url + path, headers={
        "Authorization": f"Bearer {bearer}", "Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, 0
    except urllib.error.HTTPError as refusal:
        return refusal.code, int(refusal.headers.get("Retry-After") or 0)


@pytest.mark.parametrize(("whose", "path"), [
    ("account", "/api/v1/session"), ("credential", "/api/v1/epoch")])
def test_W07_a_budget_of_requests_is_one_budget_for_four_processes(service, whose, path):
    web, bearers = service
    left = WINDOW_S - _now().timestamp() % WINDOW_S
    if left < 35:  # asked inside one minute, however slow the machine is
        time.sleep(left + 0.1)
    with ThreadPoolExecutor(CALLERS) as pool:
        found = list(pool.map(lambda _: asked(web, path, bearers[whose]), range(ASKED)))
    waits = [wait for status, wait in found if status == 429]
    through = [status for status, _ in found if status != 429]
    assert set(through) == {200}
    assert MOST - BLOCKS <= len(through) <= MOST + BLOCKS
    assert all(0 < wait <= WINDOW_S for wait in waits)
