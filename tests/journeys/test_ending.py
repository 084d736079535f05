"""A web process told to stop answers what it has taken in; a rolling restart fails no decision."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlmodel import select

from app import runtime
from app.store.tables_decisions import DecisionIndex
from app.store.tables_gateways import ProcessBeat
from app.store.unit import read
from tests.journeys.load import asking
from tests.journeys.processes import ROOT, zone
from tests.journeys.test_stop_in_time import _reachable
from tests.postgres import free_port

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


def workers_of(web) -> list[int]:
    """The processes that answer calls, found by whose children they are."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            said = path.read_text().rpartition(")")[2].split()
            if int(said[1]) == web.processes["web"].pid and b"resource_tracker" not in (
                    path.with_name("cmdline").read_bytes()):
                found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bond is Linux's")
def test_a_killed_process_is_started_again_and_none_outlives_its_parent(tmp_path):
    with zone(tmp_path) as web:
        one, = workers_of(web)
        os.kill(one, signal.SIGKILL)
        waited_for(lambda: workers_of(web) not in ([], [one]) and readiness(web.url) == 200)
        parent = web.processes.pop("web")
        parent.kill()
        parent.wait(10)
        waited_for(lambda: readiness(web.url) == 0)
        web.start("web")
        web.wait()


def waited_for(happened) -> None:
    ends = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.1)


BROKEN = """
from app.settings import load
from app.web.serve import run
if __name__ == "__main__":
    run("no.such.place:build", load())
"""


def test_a_process_that_cannot_be_started_is_not_started_for_ever(tmp_path):
    env = {**os.environ, "HUFU_DATA": str(tmp_path), "HUFU_PORT": str(free_port())}
    done = subprocess.run([sys.executable, "-c", BROKEN], env=env, cwd=ROOT, timeout=60,
                          capture_output=True, check=False)
    assert done.returncode == 1
