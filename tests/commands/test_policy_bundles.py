"""Rulebooks come into force by two persons, and a process that runs others decides nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.commands.command import Empty, Reasoned
from app.commands.decide import Gate
from app.commands.policy_bundles import PUBLISHED, install, is_in_force, propose, publish
from app.domain.refusals import NotAllowed, NotFound
from app.store.bundles import newest
from app.store.tables import TrailEntry
from tests import zone
from tests.commands.test_decide import codes, question
from tests.conftest import caller

FANG, HE = caller("fang", "COMP_REVIEW"), caller("he", "DSO")
WHY = Reasoned(reason="调整目的目录")


def test_the_installation_publishes_what_it_brings_once(rt):
    install(rt)
    install(rt)
    with rt.db.reading() as connection:
        entries = connection.execute(select(TrailEntry).where(TrailEntry.kind == PUBLISHED)).all()
        assert newest(connection, PUBLISHED).digest == rt.law.digest
    assert len(entries) == 1 and is_in_force(rt, rt.law.digest)


def test_rulebooks_changed_after_publication_decide_nothing(rt):
    z = zone.tiny(rt)
    Gate(rt).close()
    edited = Gate(rt, replace(rt.law, digest="sha256:edited"))
    assert codes(edited.answer(question(z))) == ["SYS.STALE"]
    zone.set_state(rt, z.grant, "SUSPENDED")  # stops are still allowed
    edited.close()


def test_INV_04_two_persons_publish_and_other_rulebooks_stop_deciding(rt):
    z = zone.tiny(rt)
    before = Gate(rt, replace(rt.law, digest="sha256:before"))
    install(replace(rt, law=before.law))
    with pytest.raises(NotFound):
        publish(rt, HE, rt.law.digest, Empty())
    assert propose(rt, FANG, WHY).number == rt.law.digest
    both = caller("fang", "COMP_REVIEW", "DSO")
    with pytest.raises(NotAllowed):
        publish(rt, both, rt.law.digest, Empty())
    publish(rt, HE, rt.law.digest, Empty())
    assert is_in_force(rt, rt.law.digest)
    assert codes(before.answer(question(z))) == ["SYS.STALE"]
    before.close()
    gate = Gate(rt)
    assert gate.answer(question(z))["decision"]
    gate.close()


def test_who_may_not_publish_is_refused(rt):
    for person, act in ((HE, lambda who: propose(rt, who, WHY)),
                        (FANG, lambda who: publish(rt, who, "x", Empty()))):
        with pytest.raises(NotAllowed):
            act(person)
