"""An application walks from draft to a grant in force, each step by somebody else."""

from sqlmodel import select

from app.store.tables import Clock, Task, Transition
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_notices import Notice
from app.store.unit import read
from tests.commands.zone_people import Walk


def test_an_application_becomes_a_grant_in_force(rt):
    walk = Walk(rt).draft().submit()
    assert walk.row().state == "SUBMITTED" and walk.row().screening["purpose"]["result"] == "MATCH"
    walk.accept()
    assert {item.kind for item in walk.open_opinions()} == {"BUSINESS", "COMPLIANCE", "SECURITY"}
    walk.opinions()
    assert walk.row().state == "APPROVAL"
    walk.approve(per_day=500, obligations=["no_onward"])
    assert walk.row().state == "APPROVED"
    walk.prepare().sign()
    assert walk.row().state == "CONCLUDED"
    with read(rt) as session:
        grant = session.get(Grant, walk.row().grant_id)
        version = session.exec(select(GrantVersion).where(
            GrantVersion.grant_id == grant.id)).one()
        assert (grant.state, version.n, version.quota) == ("ACTIVE", 1, {"per_day": 500})
        assert version.scope_digest == walk.row().scope_digest == walk.contract().scope_digest
        assert walk.contract().state == "SIGNED" and len(walk.contract().signatures) == 2
        kinds = session.exec(select(Notice.kind).where(Notice.about_id == walk.id)).all()
        assert sorted(kinds) == ["ACCEPTANCE", "GRANT"]
        assert session.exec(select(Task).where(
            Task.object_id.in_([walk.id, walk.contract().id]),
            Task.done_at.is_(None))).all() == []
        assert session.exec(select(Clock).where(
            Clock.object_id == walk.id, Clock.stopped_at.is_(None))).all() == []


def test_a_contract_prepared_twice_is_owed_one_signature_of_each_side(rt):
    walk = Walk(rt).draft().submit().accept().opinions().approve().prepare().prepare()
    with read(rt) as session:
        owed = session.exec(select(Task.role, Task.action).where(
            Task.object_id.in_([walk.id, walk.contract().id]), Task.done_at.is_(None))).all()
    assert sorted(owed) == [("INST_SIGNER", "sign"), ("OPERATOR_SIGNER", "sign")]


def test_INV_13_every_step_leaves_its_transition(rt):
    walk = Walk(rt).draft().submit().accept().opinions().approve().prepare().sign()
    with read(rt) as session:
        steps = session.exec(select(Transition.action, Transition.person).where(
            Transition.object_id == walk.id).order_by(Transition.seq, Transition.duty)).all()
    assert [action for action, _ in steps] == [
        "submit", "submit", "accept", "give_opinion", "give_opinion", "give_opinion",
        "close_review", "approve", "sign", "sign"]
    assert {person for action, person in steps if action in ("submit", "accept", "approve")} == {
        "wang", "sun", "shen", "qian"}
