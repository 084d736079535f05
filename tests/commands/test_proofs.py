"""A stop is proved by every process that decides: it runs the stop's epoch, or denies by itself."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from app.cli import probe as word
from app.cli.__main__ import parser
from app.commands import grants, holds, proofs
from app.commands.decide import Gate
from app.commands.proofs import prove
from app.domain.callers import SYSTEM
from app.domain.refusals import NotFound
from app.store import beats
from app.store.tables import TrailEntry
from app.store.unit import read
from app.web.pulse import Pulse
from tests import zone as rows
from tests.commands.zone_people import SEC
from tests.decision_zone import LAW


@pytest.fixture
def hold(rt):
    z = rows.tiny(rt)
    return holds.place(rt, SEC, holds.Placed(
        link="institution", object=z.institution.number, reason="接监管电话，立即停用"))


def beat(rt, process: str, epoch: int, ago: float = 0) -> None:
    at = rt.clock() - timedelta(seconds=ago)
    with rt.db.writing() as connection:
        beats.put(connection, beats.Beat(process, "node-1", 7, epoch, at, at))


def proved(rt) -> list[dict]:
    with read(rt) as session:
        return [json.loads(row.body) for row in session.exec(select(TrailEntry).where(
            TrailEntry.kind == "hold.proved")).all()]


def test_each_process_is_confirmed_by_the_epoch_or_fenced_by_its_silence(rt, hold):
    epoch = prove(rt, SYSTEM, hold.number).stopped.epoch
    beat(rt, "a", epoch)
    beat(rt, "b", epoch - 1, ago=5.5)
    proof = prove(rt, SYSTEM, hold.number)
    assert proof.is_whole
    confirmed, fenced = proof.standings
    assert (confirmed.how, confirmed.since) == ("CONFIRMED", rt.clock())
    assert (fenced.how, fenced.since) == ("FENCED", rt.clock() - timedelta(seconds=0.5))
    facts = proved(rt)[-1]["facts"]
    assert facts["epoch"] == epoch
    assert [(each["process"], each["epoch"], each["how"]) for each in facts["processes"]] == [
        ("a", epoch, "CONFIRMED"), ("b", epoch - 1, "FENCED")]


def test_a_process_that_follows_and_is_behind_leaves_the_stop_unproved(rt, hold, monkeypatch):
    monkeypatch.setattr(proofs, "PATIENCE_S", 0.1 - rt.settings.stale_after_s)
    with read(rt) as session:
        epoch = proofs._stopped(session, hold.number).epoch
    beat(rt, "a", epoch - 1, ago=4.5)
    proof = prove(rt, SYSTEM, hold.number)
    assert not proof.is_whole and [each.how for each in proof.standings] == ["OPEN"]
    assert not proved(rt), "what is not proved is not written"


def test_a_process_says_a_new_epoch_at_once(rt):
    gate = Gate(rt, LAW).start()
    pulse = Pulse(rt, gate).start()
    try:
        z = rows.tiny(rt)
        placed = holds.place(rt, SEC, holds.Placed(
            link="grant", object=z.grant.number, reason="接口密钥疑似外泄"))
        proof = prove(rt, SYSTEM, placed.number)
        [standing] = proof.standings
        assert proof.is_whole and standing.how == "CONFIRMED"
        assert standing.epoch >= proof.stopped.epoch and standing.lag_ms(proof.stopped) == 0
    finally:
        pulse.close()
        gate.close()


def test_without_a_number_the_newest_act_that_stops_is_proved(rt, hold):
    assert prove(rt, SYSTEM).stopped.ref == f"hold/{hold.id}"
    z = rows.tiny(rt)
    grants.suspend(rt, SEC, z.grant.number, grants.Stop(
        ground="HOLD.EMERGENCY", reason="接口密钥疑似外泄"))
    newest, named = prove(rt, SYSTEM).stopped, prove(rt, SYSTEM, hold.number).stopped
    assert newest.ref == f"grant/{z.grant.id}" and newest.epoch > named.epoch


def test_the_command_tells_each_process_and_says_by_its_code_whether_it_is_proved(
        rt, hold, capsys, monkeypatch):
    monkeypatch.setattr(proofs, "PATIENCE_S", 0.1 - rt.settings.stale_after_s)
    monkeypatch.setattr(word.runtime, "build", lambda settings: rt)
    monkeypatch.setattr(rt, "close", lambda: None)
    asked = parser().parse_args(["probe", "--hold", hold.number])
    beat(rt, "a", 99)
    assert word.run(asked) == 0
    assert "confirmed" in capsys.readouterr().out
    beat(rt, "b", 0)
    assert word.run(asked) == 1
    assert "not proved" in capsys.readouterr().out


def test_what_was_never_stopped_is_not_proved(rt):
    for number in ("", "HOLD-2026-999999"):
        with pytest.raises(NotFound):
            prove(rt, SYSTEM, number)
    assert not proved(rt)
