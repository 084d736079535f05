"""Web and jobs are killed at chance instants while acts and decisions run: nothing answered is
lost, nothing done is unrecorded, the trail verifies.

Source: the fault table's row «process killed at each instant»; 20 kills, 2,000 mixed operations.
"""

import http.client
import json
import threading
import urllib.error
from dataclasses import dataclass, field

import pytest
from sqlmodel import select

from app import runtime
from app.demo.dice import Dice
from app.domain.callers import SYSTEM
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_supply import Department
from app.store.unit import begin, read
from tests import people
from tests.decision_zone import body
from tests.journeys.processes import zone
from tests.journeys.test_stop_in_time import _now, _reachable, _sent, _token

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
KILLS, OPERATIONS, THREADS = 20, 2_000, 4


@dataclass
class Answered:
    """What was answered before a connection broke."""

    permits: list[str] = field(default_factory=list)
    denials: list[str] = field(default_factory=list)
    departments: list[str] = field(default_factory=list)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def operate(web, chain, token: str, answered: Answered, stop: threading.Event, upto: int) -> None:
    """Ask and act in turn until told to stop, cut off, or enough was asked."""
    while not stop.is_set():
        with answered.lock:
            if answered.asked >= upto:
                return
            answered.asked += 1
            at = answered.asked
        try:
            if at % 2:
                said = _sent(web, "/access/v1/evaluation", body(
                    app=chain.app.number, product=chain.product.number, grant=chain.grant.number,
                    institution=chain.institution.number, region="110000", business_ref=f"LN{at}",
                    lookback_from=_now().date().replace(day=1).isoformat(),
                    data_subject={"kind": "ENTERPRISE", "id": "91110000"}), chain.secret)
                key = said["context"]["decision_id"]
                (answered.permits if said["decision"] else answered.denials).append(key)
            else:
                done = _sent(web, "/api/v1/departments", {"name": f"部门{at}"}, token)
                answered.departments.append(done["id"])
        except (urllib.error.URLError, OSError, http.client.HTTPException, json.JSONDecodeError):
            stop.set()


def round_of(web, chain, token: str, answered: Answered, upto: int, kill_after: float | None,
             words: tuple[str, ...] = ()) -> None:
    stop = threading.Event()
    threads = [threading.Thread(target=operate,
                                args=(web, chain, token, answered, stop, upto))
               for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    if kill_after is not None:
        stop.wait(kill_after)
        for word in words:
            web.kill(word)
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize("engine", ["sqlite", pytest.param(
    "postgres", marks=pytest.mark.postgres)])
def test_nothing_answered_is_lost_and_nothing_done_is_unrecorded(engine, request, tmp_path):
    url = ""
    if engine == "postgres":
        url = request.getfixturevalue("postgres_cluster").database("killed")
    told = {}

    def fill(rt):
        told["chain"] = _reachable(rt)
        told["officer"] = people.enrolled(rt, "business", "BIZ_REVIEW")
        with begin(rt, SYSTEM) as act:  # the chain's department took the first number by hand
            act.next("DEPT")
            act.record("test.number", "test/1")

    chance, answered = Dice("kills"), Answered()
    with zone(tmp_path, url, fill=fill) as web:
        token = _token(web, told["officer"])
        for kill in range(KILLS):
            words = ("web", "jobs") if kill % 2 else ("web",)
            round_of(web, told["chain"], token, answered, OPERATIONS,
                     0.05 + chance.below(600) / 1000, words)
            for word in words:
                web.start(word)
            web.wait()
        while answered.asked < OPERATIONS:
            round_of(web, told["chain"], token, answered, OPERATIONS, None)
    verify(web.settings, answered)


def verify(settings, answered: Answered) -> None:
    """Rows, entries and answers agree, and the tree is the tree of the rows."""
    assert len(answered.permits) > 200 and len(answered.departments) > 200
    assert not answered.denials
    rt = runtime.build(settings)
    with read(rt) as session:
        entries = session.exec(select(TrailEntry.kind, TrailEntry.ref)).all()
        decided = {row.id: row.permits for row in session.exec(select(DecisionIndex))}
        departments = set(session.exec(select(Department.id)).all())
    created = {ref.split("/")[1] for kind, ref in entries if kind == "department.create"}
    sealed = {ref.split("/")[1] for kind, ref in entries if kind.startswith("decision.")}
    assert set(answered.departments) <= created
    assert all(decided.get(key) for key in answered.permits)
    assert sealed == set(decided), "a decision row and its entry stand or fall together"
    assert created <= departments and len(departments) <= len(created) + 1  # the tiny zone's own
    trail = recompute(rt)
    assert not trail.findings and trail.size == len(entries), trail.findings
    rt.close()
