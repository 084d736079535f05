"""The fault table for rules: rulebooks that are missing, edited or broken decide nothing, and stops
are still taken; a defect in a rule refuses, is sealed and is told to the watchers."""

import logging
import shutil
from dataclasses import replace

import pytest

from app.commands import holds
from app.commands.decide import Gate
from app.commands.policy_bundles import install
from app.domain.callers import SYSTEM
from app.domain.vocabulary import Purposes
from app.engines import rulebooks
from app.store.unit import begin
from tests import zone
from tests.commands.test_decide import codes, question, sealed
from tests.commands.zone_people import SEC
from tests.decision_zone import LAW


@pytest.fixture
def folder(tmp_path):
    """A copy of the rulebooks that may be spoilt."""
    return shutil.copytree(rulebooks.FOLDER, tmp_path / "access")


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file()
                  and path.suffix in (".conf", ".csv", ".yaml"))


def test_Z01_rulebooks_with_any_file_missing_do_not_load(folder):
    for path in files(folder):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises((ValueError, OSError)):
            rulebooks.load(folder)
        path.write_bytes(kept)
    assert rulebooks.load(folder).digest == LAW.digest


def test_Z01_rulebooks_changed_by_a_byte_are_not_the_published_ones(rt, folder, caplog):
    install(rt)
    path = folder / "ceiling.csv"
    path.write_bytes(path.read_bytes() + b"\n# a remark\n")
    edited = rulebooks.load(folder)
    assert edited.digest != rt.law.digest
    z = zone.tiny(rt)
    gate = Gate(rt, edited)
    with caplog.at_level(logging.ERROR):
        assert codes(gate.answer(question(z))) == ["SYS.STALE"]
    assert "not the published ones" in caplog.text
    # A stop needs no rulebook: one person, and the next decision is refused under the right ones.
    holds.place(rt, SEC, holds.Placed(link="grant", object=z.grant.number, reason="监管要求"))
    gate.close()
    right = Gate(rt)
    assert "HOLD.EMERGENCY" in codes(right.answer(question(z)))
    right.close()


def test_Z01_rulebooks_nobody_signed_decide_nothing(rt):
    """A publication on the trail by nobody's hand names another digest; the right files wait."""
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        act.record("policy_bundle.publish", "policy_bundle/access", digest="sha256:unsigned")
    gate = Gate(rt)
    assert codes(gate.answer(question(z))) == ["SYS.STALE"]
    gate.close()


def test_Z01_an_exception_in_a_rule_refuses_is_sealed_and_told(rt, caplog):
    z = zone.tiny(rt)
    gate = Gate(rt, replace(LAW, purposes=Purposes({"PF.CRD.NEW": None})))
    with caplog.at_level(logging.ERROR):
        answer = gate.answer(question(z))
    gate.close()
    assert answer["decision"] is False and codes(answer) == ["SYS.UNAVAILABLE"]
    [entry] = sealed(rt)
    assert entry["kind"] == "decision.deny" and entry["facts"]["reasons"][0][0] == "SYS.UNAVAILABLE"
    assert "could not be evaluated" in caplog.text
    assert entry["facts"]["decision"] == answer["context"]["decision_id"]


def test_Z10_every_decision_seals_which_rules_and_which_lines_decided(rt):
    """The digest of the rulebooks, and the one of law and lines of the grant version."""
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    assert gate.answer(question(z))["decision"]
    assert not gate.answer(question(z, purpose="PF.PLM.CHK"))["decision"]
    lines = gate.picture.grants[z.grant.number].current.lines_digest
    gate.close()
    facts = [each["facts"] for each in sealed(rt)]
    assert [each["permits"] for each in facts] == [True, False]
    assert {(each["rulebook"], each["policy_digest"]) for each in facts} == {(LAW.digest, lines)}
