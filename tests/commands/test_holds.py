"""Emergency stop: one person, everything below denied from the next decision on, two to lift."""

import pytest
from sqlmodel import select

from app.commands import holds, probes
from app.commands.command import commands, perform
from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.domain.holds import Kind
from app.domain.refusals import FactorNeeded, GuardFailed, IllegalMove, NotAllowed, NotFound
from app.store.chain import Moment, chain_of
from app.store.tables import PolicyChange, Task
from app.store.tables_institutions import Institution
from app.store.tables_supply import Hold
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.zone_people import BIZ, BOSS, DSO, SEC, WHY
from tests.conftest import caller

LINKS = ("head", "department", "dataset", "product", "institution", "grant", "app", "credential")


def stop(z, what: str = "institution") -> holds.Placed:
    row = getattr(z, what)
    return holds.Placed(link=row.noun, object=row.number, reason="接监管电话，立即停用")


def kept(rt, hold_id: str) -> Hold:
    with read(rt) as session:
        return session.get(Hold, hold_id)


@pytest.mark.parametrize("what", LINKS)
def test_a_stop_of_any_link_lists_the_grant_it_hits_and_raises_the_epoch_for_it(rt, what):
    z = rows.tiny(rt)
    placed = holds.place(rt, SEC, stop(z, what))
    hit = placed.detail["impact"]["grants"]
    assert hit == [z.grant.number]
    with read(rt) as session:
        epoch = session.exec(select(PolicyChange.epoch).order_by(
            PolicyChange.epoch.desc()).limit(1)).one()
        changed = session.exec(select(PolicyChange).where(PolicyChange.epoch == epoch)).all()
        assert {("grant", z.grant.id, True), ("hold", placed.id, True)} <= {
            (item.noun, item.object_id, item.stops) for item in changed}
        chain = chain_of(session, z.grant, Moment.of(rt))
        assert "HOLD.EMERGENCY" in {
            fault.code for link in chain.links for fault in link.faults}


@pytest.mark.parametrize("what", LINKS)
def test_a_real_question_under_the_stopped_link_is_denied_and_kept_as_proof(rt, what):
    z = rows.tiny(rt)
    gate = Gate(rt)
    try:
        with read(rt) as session:
            before = gate.answer(probes._question(rt, session, Hold(
                link="grant", object_number=z.grant.number, number="", object_id="",
                reason_code="", impact={}))[0])
        assert before["decision"] is True
        placed = holds.place(rt, SEC, stop(z, what))
        proof = probes.probe(rt, gate, SEC, kept(rt, placed.id))
        assert proof.denied and proof.codes == ("HOLD.EMERGENCY",)
        assert kept(rt, placed.id).probe_decision == proof.decision
    finally:
        gate.close()


def test_the_proof_asks_with_a_business_number_of_the_form_on_file(rt):
    z = rows.tiny(rt)
    with begin(rt, SYSTEM) as act:
        bank = act.open(Institution, z.institution.id)
        bank.business_ref_pattern = "LN?-*"
        act.touch(bank)
        act.record("institution.edit", f"institution/{bank.id}", institution=bank.id)
    gate = Gate(rt)
    try:
        placed = holds.place(rt, SEC, stop(z, "institution"))
        assert probes.probe(rt, gate, SEC, kept(rt, placed.id)).codes == ("HOLD.EMERGENCY",)
    finally:
        gate.close()


def test_a_stop_that_hits_nobody_has_no_probe(rt):
    with begin(rt, SYSTEM) as act:
        row = rows.product(act)
    placed = holds.place(rt, SEC, holds.Placed(link="product", object=row.number, reason="停用"))
    assert probes.probe(rt, None, SEC, kept(rt, placed.id)) == probes.Probe()


@pytest.mark.parametrize("by", [BIZ, BOSS, caller("a", "AUDITOR"), caller("s", "SYS_ADMIN")])
def test_nobody_else_places_a_stop(rt, by):
    z = rows.tiny(rt)
    with pytest.raises(NotAllowed):
        holds.place(rt, by, stop(z))


def test_a_stop_asks_for_the_second_factor(rt):
    z = rows.tiny(rt)
    tired = caller("feng", "SEC_REVIEW").__class__(
        account="acc-feng", person="feng", name="feng", roles=frozenset({"SEC_REVIEW"}))
    with pytest.raises(FactorNeeded):
        perform(rt, tired, commands()["hold", "place"], None, stop(z))


def test_an_unknown_link_is_not_found(rt):
    with pytest.raises(NotFound):
        holds.place(rt, SEC, holds.Placed(link="grant", object="GR-0", reason="停用"))


def owing(rt, key) -> set[tuple[str, str]]:
    """What is owed to a stop, by whom; what falls due does so when the stop must be confirmed."""
    with read(rt) as session:
        owed = session.exec(select(Task).where(Task.object_id == key, Task.done_at.is_(None)))
        until = session.get(Hold, key).confirm_by
        return {(task.action, task.role) for task in owed if task.due_at == until}


def test_INV_04_two_persons_lift_a_stop_and_the_chain_is_whole_again(rt):
    z = rows.tiny(rt)
    placed = holds.place(rt, SEC, stop(z))
    assert holds.lift(rt, SEC, placed.id, WHY).waiting == ("check",)
    assert owing(rt, placed.id) == {("lift", "APPROVER"), ("lift", "DSO")}
    with pytest.raises(NotAllowed):
        holds.lift(rt, SEC, placed.id, WHY)
    assert holds.lift(rt, DSO, placed.id, WHY).state == "LIFTED"
    assert owing(rt, placed.id) == set()
    with read(rt) as session:
        assert chain_of(session, z.grant, Moment.of(rt)).in_force
    with pytest.raises(IllegalMove):
        holds.lift(rt, SEC, placed.id, WHY)


def test_an_automatic_stop_is_confirmed_by_two_a_manual_one_needs_none(rt):
    z = rows.tiny(rt)
    with begin(rt, SYSTEM) as act:
        placed, _ = holds.placed(act, "product", z.product.number, Kind.INCIDENT, "规则触发",
                                 automatic=True)
    assert kept(rt, placed.id).confirm_by is not None
    holds.confirm(rt, SEC, placed.id, WHY)
    assert owing(rt, placed.id) == {("confirm", "APPROVER"), ("confirm", "DSO")}
    holds.confirm(rt, DSO, placed.id, WHY)
    assert owing(rt, placed.id) == set()
    assert kept(rt, placed.id).confirm_by is None and kept(rt, placed.id).state == "ACTIVE"
    manual = holds.place(rt, SEC, stop(z))
    with pytest.raises(GuardFailed):
        holds.confirm(rt, SEC, manual.id, WHY)
