"""The gate: no record, no permit; a stop binds the next decision; every engine alike."""

import json
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import event, select, text

from app.commands.decide import Gate, Question
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
from app.domain.canonical import canonical
from app.domain.vocabulary import Purposes
from app.engines import certification
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_institutions import Credential
from app.store.tables_supply import Hold
from app.store.unit import begin
from tests import zone
from tests.decision_zone import LAW, body


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


@pytest.fixture
def chain(rt, gate):
    """The tiny zone, in force, known to the gate."""
    return zone.tiny(rt)


def question(z, **changes) -> Question:
    asked = {"app": z.app.number, "product": z.product.number, "grant": z.grant.number,
             "region": "110105", "lookback_from": "2025-06-01", "business_ref": "LN1",
             "data_subject": {"kind": "ENTERPRISE", "id": "91110000"}, **changes}
    return Question(body(**asked), Presented(z.credential.prefix, "203.0.113.8"))


def sealed(rt) -> list[dict]:
    with rt.db.reading() as connection:
        rows = connection.execute(select(TrailEntry.body).where(
            TrailEntry.kind.in_(("decision.permit", "decision.deny"))).order_by(TrailEntry.seq))
        return [json.loads(row.body) for row in rows]


def codes(answer) -> list[str]:
    return [reason["code"] for reason in answer["context"]["reasons"]]


def test_a_permit_is_sealed_and_indexed_before_it_is_answered(rt, gate, chain):
    answer = gate.answer(question(chain, trace_id="t-1"))
    assert answer["decision"], codes(answer)
    [entry] = sealed(rt)
    assert entry["kind"] == "decision.permit" and entry["facts"]["permits"] is True
    assert entry["facts"]["decision"] == answer["context"]["decision_id"]
    assert entry["stream"] == f"inst/{chain.institution.id}"
    with rt.db.reading() as connection:
        row = connection.execute(select(DecisionIndex.__table__)).one()
        body = connection.execute(select(TrailEntry.body).where(TrailEntry.seq == row.seq)).scalar()
    assert (row.id, row.trace_id, row.business_ref) == (entry["facts"]["decision"], "t-1", "LN1")
    assert row.grant == chain.grant.number and row.subject.startswith("hmac-sha256:")
    assert canonical(json.loads(body)) == bytes(body)
    assert "LN1" not in bytes(body).decode() and "91110000" not in bytes(body).decode()


def test_a_refusal_is_sealed_as_well(rt, gate, chain):
    answer = gate.answer(question(chain, purpose="X.MKT"))
    assert not answer["decision"] and codes(answer) == ["PURPOSE.PROHIBITED"]
    assert sealed(rt)[0]["facts"]["reasons"] == [["PURPOSE.PROHIBITED", "", "X.MKT", ""]]


LINKS = [("head", "TERMINATED", "CHAIN.HEAD_AGREEMENT"), ("dataset", "FROZEN",
         "CHAIN.DATASET_FROZEN"), ("product", "PAUSED", "CHAIN.PRODUCT_PAUSED"),
         ("institution", "SUSPENDED", "INST.SUSPENDED"), ("app", "STOPPED",
         "ID.CREDENTIAL_REVOKED"), ("credential", "REVOKED", "ID.CREDENTIAL_REVOKED"),
         ("grant", "SUSPENDED", "TERM.SUSPENDED")]


def test_INV_01_suspending_any_link_binds_the_next_decision(rt, gate, chain):
    for link, state, code in LINKS:
        row = getattr(chain, link)
        before = row.state
        assert gate.answer(question(chain))["decision"]
        zone.set_state(rt, row, state)
        assert codes(gate.answer(question(chain))) == [code]
        zone.set_state(rt, row, before)
    assert gate.answer(question(chain))["decision"]


def test_a_hold_over_any_link_binds_the_next_decision(rt, gate, chain):
    for link in ("dataset", "department", "product", "institution", "app", "grant", "head",
                 "credential"):
        row = getattr(chain, link)
        with begin(rt, SYSTEM) as act:
            hold = act.create(Hold, number=f"HD-{link}", link=row.noun, object_id=row.id,
                              reason_code="TEST")
            act.record("hold.place", f"hold/{hold.id}")
            act.affects("hold", hold.id, stops=True)
        assert codes(gate.answer(question(chain))) == ["HOLD.EMERGENCY"], link
        zone.set_state(rt, hold, "LIFTED")
        assert gate.answer(question(chain))["decision"], link


def test_a_stop_committed_elsewhere_is_ordered_with_the_ledger(rt, gate, chain):
    """This process has not heard of the stop, and permits; under the head lock it hears of it."""
    rt.listeners.clear()
    zone.set_state(rt, chain.grant, "SUSPENDED")
    assert gate.picture.grants[chain.grant.number].state == "ACTIVE"
    answer = gate.answer(question(chain))
    assert codes(answer) == ["TERM.SUSPENDED"]
    assert sealed(rt)[0]["facts"]["permits"] is False
    assert answer["context"]["epoch"] == gate.picture.epoch
    rt.listeners.append(gate.follower.refresh)


def test_another_process_learns_of_a_stop_within_a_second(rt, gate, chain):
    rt.listeners.clear()
    other = Gate(rt, LAW).start()
    rt.listeners.clear()
    try:
        zone.set_state(rt, chain.grant, "SUSPENDED")
        ends = time.monotonic() + 1
        while other.picture.grants[chain.grant.number].state == "ACTIVE":
            assert time.monotonic() < ends
            time.sleep(0.01)
    finally:
        rt.listeners += [gate.follower.refresh, other.follower.refresh]
        other.close()


def test_no_record_no_permit(rt, gate, chain):
    """The store refuses the entry: the call is denied with its code and nothing is kept."""
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE decision RENAME TO gone"))
    answer = gate.answer(question(chain))
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO decision"))
    assert not answer["decision"] and codes(answer) == ["SYS.UNAVAILABLE"]
    assert sealed(rt) == []
    assert gate.answer(question(chain))["decision"]


def test_a_lock_held_too_long_denies_in_time(rt, gate, chain):
    began = time.monotonic()
    with rt.db.writing() as connection:
        connection.execute(text("SELECT size FROM trail_head WHERE id = 1" + (
            "" if rt.db.is_sqlite else " FOR UPDATE")))
        answer = gate.answer(question(chain))
    assert not answer["decision"] and codes(answer) == ["SYS.TIMEOUT"]
    assert time.monotonic() - began < 3


def test_an_epoch_unread_for_too_long_denies(rt, gate, chain):
    """The head cannot be read: what was known is not trusted for longer than the limit."""
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE trail_head RENAME TO gone"))
    gate.follower.refresh()
    gate.follower._confirmed -= rt.settings.stale_after_s
    assert codes(gate.answer(question(chain))) == ["SYS.STALE"]
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO trail_head"))
    assert gate.answer(question(chain))["decision"]


def test_a_credential_nobody_activated_opens_nothing(rt, gate, chain):
    zone.set_state(rt, chain.credential, "ISSUED")
    assert codes(gate.answer(question(chain))) == ["ID.CREDENTIAL_UNKNOWN"]


def test_min_epoch_is_waited_for_and_then_denied(rt, gate, chain):
    reached = gate.picture.epoch
    assert gate.answer(question(chain, min_epoch=reached))["decision"]
    assert codes(gate.answer(question(chain, min_epoch=reached + 1))) == ["SYS.STALE"]


def test_a_defect_in_a_rule_refuses_and_is_recorded(rt, gate, chain):
    broken = Gate(rt, replace(LAW, purposes=Purposes({"PF.CRD.NEW": None})))
    answer = broken.answer(question(chain))
    broken.close()
    assert codes(answer) == ["SYS.UNAVAILABLE"] and not sealed(rt)[0]["facts"]["permits"]


def test_a_batch_is_one_commit_and_keeps_its_order(rt, gate, chain):
    commits = []
    event.listen(rt.db.engine, "commit", commits.append)
    asked = [question(chain), question(chain, purpose="PF.PLM.CHK"), question(chain)]
    assert [each["decision"] for each in gate.answers(asked)] == [True, False, True]
    assert len(sealed(rt)) == 3
    writes = [each for each in commits if each.get_execution_options().get("hufu_write")]
    assert len(writes) == 1


@pytest.mark.parametrize(("semantic", "kept"), [
    ("execute_all", [True, False, True]), ("deny_on_first_deny", [True, False]),
    ("permit_on_first_permit", [True])])
def test_a_short_circuit_leaves_the_rest_unasked(rt, gate, chain, semantic, kept):
    asked = [question(chain), question(chain, purpose="X.MKT"), question(chain)]
    assert [each["decision"] for each in gate.answers(asked, semantic)] == kept
    assert len(sealed(rt)) == len(kept)


def test_many_callers_are_sealed_without_a_gap(rt, gate, chain):
    answers = []

    def call():
        for _ in range(20):
            answers.append(gate.answer(question(chain)))

    callers = [threading.Thread(target=call) for _ in range(12)]
    for each in callers:
        each.start()
    for each in callers:
        each.join(30)
    assert len(answers) == 240 and all(each["decision"] for each in answers)
    numbers = {each["context"]["decision_id"] for each in answers}
    entries = sealed(rt)
    assert {each["facts"]["decision"] for each in entries} == numbers
    assert sorted(each["stream_seq"] for each in entries) == list(
        range(entries[0]["stream_seq"], entries[0]["stream_seq"] + 240))


def test_things_that_are_no_products_are_decided_by_declared_permits(rt, gate, chain):
    gate.law = replace(gate.law, attributes=certification.load().attributes)

    def about(subject, action, record):
        return Question({"subject": {"type": "user", "id": subject}, "action": {"name": action},
                         "resource": {"type": "record", "id": record}},
                        Presented(chain.credential.prefix, "203.0.113.8"))

    assert gate.answer(about("alice", "read", "record-1"))["decision"] is True
    assert gate.answer(about("bob", "write", "record-1"))["decision"] is False
    assert [each["facts"]["permit"] for each in sealed(rt)] == ["members-read-active", ""]
    with begin(rt, SYSTEM) as act:
        act.open(Credential, chain.credential.id).revoked_at = act.at
        act.record("credential.revoke", f"credential/{chain.credential.id}")
        act.affects("credential", chain.credential.id)
    assert gate.answer(about("alice", "read", "record-1"))["decision"] is False
