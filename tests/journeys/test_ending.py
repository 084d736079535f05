"""A web process told to stop answers what it has taken in; a rolling restart fails no decision."""

import signal
import time
import urllib.error
import urllib.request

import pytest
from sqlmodel import select

from app import runtime
from app.store.tables_decisions import DecisionIndex
from app.store.tables_gateways import ProcessBeat
from app.store.unit import read
from tests.journeys.load import asking
from tests.journeys.processes import zone
from tests.journeys.test_stop_in_time import _reachable

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
ENDS_WITHIN_S = 8.0


def decided(settings) -> tuple[set[str], int]:
    """Every decision that was sealed, and how many processes are expected to beat."""
    rt = runtime.build(settings, durable=False)
    with read(rt) as session:
        found = set(session.exec(select(DecisionIndex.id)).all())
        beating = len(session.exec(select(ProcessBeat)).all())
    rt.close()
    return found, beating


def readiness(url: str) -> int:
    try:
        return urllib.request.urlopen(f"{url}/readyz", timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("engine", ["sqlite", pytest.param(
    "postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("keep", [True, False], ids=["kept", "fresh"])
def test_what_was_taken_in_is_answered_and_what_was_not_is_not_decided(
        engine, keep, request, tmp_path):
    url, told = "", {}
    if engine == "postgres":
        url = request.getfixturevalue("postgres_cluster").database(f"ending_{keep}".lower())

    def fill(rt):
        told["chain"] = _reachable(rt)

    with zone(tmp_path, url, fill=fill, told={"HUFU_WORKERS": "2"}) as web:
        with asking(web.port, told["chain"], keep=keep) as answers:
            time.sleep(1.5)
            process = web.processes.pop("web")
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            seen = []
            while process.poll() is None and time.monotonic() - began < ENDS_WITHIN_S:
                seen.append(readiness(web.url))
                time.sleep(0.05)
            took = time.monotonic() - began
        assert process.wait(20) == 0 and took < ENDS_WITHIN_S
        sealed, beating = decided(web.settings)
    assert 503 in seen and seen[-1] in (0, 503)
    assert not answers.broken and set(answers.statuses) == {200}
    assert len(answers.permits) > 50 and len(answers.permits) == len(answers.decisions)
    assert sealed == set(answers.permits), "decided and answered are the same"
    assert answers.refused and not beating
    assert answers.unheard <= 4, "a caller meets the closing of the door at most once"
