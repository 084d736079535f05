"""Automatic stops: a burst of denials stops its object once, and two persons have 72 hours."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
import yaml
from sqlmodel import select

from app.commands import automatic_stops, grants, holds
from app.commands.decide import Gate, Question
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
from app.domain.holds import Kind
from app.engines import stop_rules
from app.jobs import table
from app.queries.desk import desk
from app.store import denials
from app.store.tables import Task, TrailEntry
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp
from app.store.tables_notices import Notice
from app.store.tables_supply import Hold
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.test_decide import codes, question
from tests.commands.zone_people import DSO, SEC, WHY
from tests.decision_zone import LAW

OTHER = {"purpose": "PF.CRD.REN"}  # a purpose the tiny zone's grant does not name


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


@pytest.fixture
def rules(tmp_path):
    """Three denials within ten minutes."""
    path = tmp_path / "automatic.yaml"
    published = yaml.safe_load(stop_rules.RULES.read_text("utf-8"))
    path.write_text(yaml.safe_dump({"stops": [
        {**rule, "denials": 3, "within_minutes": 10} for rule in published["stops"]]}))
    return path


def beyond(gate, z, times: int = 3) -> None:
    """Calls for a purpose that was not granted."""
    for _ in range(times):
        assert "PURPOSE.NOT_GRANTED" in codes(gate.answer(question(z, **OTHER)))


def abroad(gate, z, times: int = 3, prefix: str = "") -> None:
    """Calls from a network that is not on the list."""
    for _ in range(times):
        asked = question(z)
        gate.answer(Question(asked.entities, Presented(prefix or z.credential.prefix,
                                                       "198.51.100.7")))


def grant(rt, z) -> Grant:
    with read(rt) as session:
        return session.get(Grant, z.grant.id)


def all_of(rt, *statement) -> list:
    with read(rt) as session:
        return list(session.exec(select(*statement)).all())


def test_a_burst_beyond_the_purpose_suspends_the_grant_and_a_second_run_does_nothing(
        rt, gate, rules, clock):
    z = rows.tiny(rt)
    beyond(gate, z)
    assert automatic_stops.stop_due(rt, rules) == 1
    row = grant(rt, z)
    assert (row.state, row.suspended_for) == ("SUSPENDED", "HOLD.INCIDENT")
    assert row.confirm_by == clock.at + timedelta(hours=72)
    assert automatic_stops.stop_due(rt, rules) == 0
    [task] = all_of(rt, Task)
    assert (task.action, task.role, task.due_at) == ("confirm_stop", "SEC_REVIEW", row.confirm_by)
    [letter] = all_of(rt, Notice)
    assert "out-of-purpose-burst" in letter.payload["reasons"][0]["fact"]["en"]
    with read(rt) as session:
        body = session.exec(select(TrailEntry.body).where(
            TrailEntry.kind == "grant.suspend")).one()
    facts = json.loads(body)["facts"]
    assert facts["automatic"] and facts["rule"] == "out-of-purpose-burst"
    assert facts["denials"] == 3 and facts["rules"].startswith("sha256:")
    assert not gate.answer(question(z))["decision"]


@pytest.mark.parametrize("times, minutes, stops", [(2, 0, 0), (3, 10, 1), (3, 11, 0)])
def test_fewer_denials_or_older_ones_stop_nobody(rt, gate, rules, clock, times, minutes, stops):
    z = rows.tiny(rt)
    beyond(gate, z, times)
    clock.forward(minutes=minutes)
    assert automatic_stops.stop_due(rt, rules) == stops


def test_permits_and_other_denials_do_not_count(rt, gate, rules):
    z = rows.tiny(rt)
    for _ in range(5):
        assert gate.answer(question(z))["decision"]
        gate.answer(question(z, region="310000"))
    assert automatic_stops.stop_due(rt, rules) == 0


def test_what_two_persons_lifted_is_not_stopped_again_for_the_same_denials(
        rt, gate, rules, clock):
    z = rows.tiny(rt)
    beyond(gate, z)
    automatic_stops.stop_due(rt, rules)
    clock.forward(minutes=1)
    grants.lift_stop(rt, SEC, z.grant.id, WHY)
    grants.lift_stop(rt, DSO, z.grant.id, WHY)
    assert automatic_stops.stop_due(rt, rules) == 0 and grant(rt, z).state == "ACTIVE"
    clock.forward(minutes=1)
    beyond(gate, z)
    assert automatic_stops.stop_due(rt, rules) == 1


def test_a_stolen_credential_used_from_elsewhere_holds_its_application(rt, gate, rules, clock):
    z = rows.tiny(rt)
    abroad(gate, z)
    assert automatic_stops.stop_due(rt, rules) == 1
    [hold] = all_of(rt, Hold)
    assert (hold.link, hold.object_id, hold.automatic) == ("client_app", z.app.id, True)
    assert hold.confirm_by == clock.at + timedelta(hours=72)
    assert "HOLD.INCIDENT" in codes(gate.answer(question(z)))
    assert automatic_stops.stop_due(rt, rules) == 0
    clock.forward(minutes=1)
    holds.lift(rt, SEC, hold.id, WHY)
    holds.lift(rt, DSO, hold.id, WHY)
    assert automatic_stops.stop_due(rt, rules) == 0


def test_a_second_process_that_finds_the_same_burst_at_the_same_time_stops_nothing(
        rt, gate, rules):
    z = rows.tiny(rt)
    abroad(gate, z)
    with ThreadPoolExecutor(1) as pool:
        with begin(rt, SYSTEM) as act:
            act.get(ClientApp, z.app.id)
            second = pool.submit(automatic_stops.stop_due, rt, rules)
            wait([second], timeout=0.5)
            holds.placed(act, "client_app", z.app.id, Kind.INCIDENT, "burst", automatic=True)
        assert second.result(timeout=20) == 0
    assert len(all_of(rt, Hold)) == 1


@pytest.mark.parametrize("rule", stop_rules.load(stop_rules.RULES, {
    "PURPOSE.NOT_GRANTED", "CTX.NETWORK"}).rules, ids=lambda rule: rule.rule)
def test_denials_are_looked_for_by_time_and_never_from_the_first_entry_on(rt, rule, clock):
    with read(rt) as session:
        statement = denials._counts(session, rule, denials.OBJECTS[rule.watches][1], clock.at)
        text = str(statement.compile(session.connection(), compile_kwargs={
            "literal_binds": True}))
        if not rt.db.is_sqlite:
            session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(str(tuple(row)) for row in session.connection().exec_driver_sql(
            ("EXPLAIN QUERY PLAN " if rt.db.is_sqlite else "EXPLAIN ") + text.replace("%", "%%")))
    assert "rowid>" in plan or "Index Cond: (seq >=" in plan, plan


def test_nobody_stops_somebody_else_by_calling_in_their_name(rt, gate, rules):
    z, stranger = rows.tiny(rt), rows.tiny(rt)
    abroad(gate, z, 5, prefix=stranger.credential.prefix)
    abroad(gate, z, 5, prefix="unknown1")
    assert automatic_stops.stop_due(rt, rules) == 0


@pytest.mark.parametrize("content", ["stops: [", "stops:\n- rule: x", None])
def test_rules_that_cannot_be_read_stop_nobody_and_call_a_person_once(
        rt, gate, rules, content):
    z = rows.tiny(rt)
    beyond(gate, z)
    good = rules.read_text()
    if content is None:
        rules.unlink()
    else:
        rules.write_text(content)
    assert [automatic_stops.stop_due(rt, rules) for _ in range(2)] == [0, 0]
    assert grant(rt, z).state == "ACTIVE"
    [task] = all_of(rt, Task)
    assert (task.role, task.done_at) == ("SEC_REVIEW", None)
    with read(rt) as session:
        assert len(session.exec(select(TrailEntry.seq).where(
            TrailEntry.kind == "stop_rules.unreadable")).all()) == 1
    assert desk(rt, SEC, "")
    rules.write_text(good)
    assert automatic_stops.stop_due(rt, rules) == 1
    assert {item.action for item in all_of(rt, Task) if item.done_at is None} == {"confirm_stop"}


def test_the_jobs_process_looks_every_minute():
    [job] = [job for job in table.jobs() if job.name == "automatic-stops"]
    assert (job.every_s, job.run) == (60, automatic_stops.stop_due)
