"""A draft is played over past decisions, goes on where it was cut off, and says what it flips."""

import json
from dataclasses import replace

import pytest
from sqlmodel import select

from app.commands import what_ifs
from app.commands.command import Reasoned
from app.commands.decide import Gate
from app.commands.what_ifs import NewWhatIf
from app.domain.refusals import IllegalMove, Invalid, NotAllowed
from app.domain.what_ifs import LEASE, MOST_TRIES
from app.engines import rulebooks
from app.jobs import what_ifs as job
from app.jobs.runs import Left
from app.queries.what_ifs import what_if
from app.store import what_ifs as rows
from app.store.tables import TrailEntry
from app.store.tables_grants import GrantVersion
from app.store.tables_played import WhatIf, WhatIfPart
from app.store.unit import read
from tests import zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.decision_zone import LAW

COMP, WHY = caller("fang", "COMP_REVIEW"), Reasoned(reason="按规定办理")


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


def never() -> bool:
    return False


def forbidden(code: str) -> NewWhatIf:
    """A draft that prohibits a purpose."""
    text = rulebooks.texts_of(rulebooks.FOLDER)["purposes.yaml"]
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.strip() == f"{code}:")
    indent = " " * (len(lines[at + 1]) - len(lines[at + 1].lstrip()))
    lines.insert(at + 1, f"{indent}prohibited: true")
    return NewWhatIf(book="purposes.yaml", text="\n".join(lines))


def granting(rt, z, edit) -> NewWhatIf:
    """A draft of the grant, edited from the version in force."""
    with read(rt) as session:
        document = json.loads(json.dumps(session.get(GrantVersion, z.grant_version.id).dimensions))
    edit(document)
    return NewWhatIf(kind="GRANT", grant=z.grant.number, rights=document)


def ask(gate, z, count: int, **changes) -> list[str]:
    return [gate.answer(question(z, **changes))["context"]["decision_id"] for _ in range(count)]


def played(rt, body: NewWhatIf):
    run = what_ifs.create(rt, COMP, body).number
    rt.clock.forward(seconds=1)
    assert job.turn(rt, "jobs-1", never)
    return what_if(rt, COMP, run)


def lines(sheet) -> dict:
    return {(one.number, flip.was, flip.codes): flip.count
            for one in sheet.flips for flip in one.lines}


def test_the_files_in_force_flip_nothing(rt, gate):
    z = zone.tiny(rt)
    ask(gate, z, 3)
    ask(gate, z, 2, purpose="X.MKT")
    sheet = played(rt, NewWhatIf())
    assert (sheet.state, sheet.heard, sheet.total, sheet.unsure) == ("DONE", 5, 5, 0)
    assert not sheet.flips and sheet.found.startswith("sha256:")


def test_a_purpose_that_would_be_prohibited_flips_its_permits_per_institution(rt, gate):
    one, other = zone.tiny(rt), zone.tiny(rt)
    ids = ask(gate, one, 7) + ask(gate, other, 2)
    ask(gate, one, 1, purpose="PF.CRD.REN")
    sheet = played(rt, forbidden("PF.CRD.NEW"))
    key = ("PERMIT_DENY", ("PURPOSE.PROHIBITED",))
    assert lines(sheet) == {(one.institution.number, *key): 7,
                            (other.institution.number, *key): 2}
    assert (sheet.permit_deny, sheet.deny_permit, sheet.heard) == (9, 0, 10)
    [first, second] = sheet.flips
    assert first.lines[0].examples == tuple(ids[:5]) and second.number == other.institution.number


def test_a_narrower_grant_flips_what_it_leaves_out(rt, gate):
    z = zone.tiny(rt)
    ask(gate, z, 2, fields=["ent_name"])
    ask(gate, z, 4, fields=["ent_name", "tax_grade"])
    sheet = played(rt, granting(rt, z, lambda d: d["scope"].update(
        fields=[f for f in d["scope"]["fields"] if f["field"] == "ent_name"])))
    assert lines(sheet) == {(z.institution.number, "PERMIT_DENY", ("SCOPE.FIELD",)): 4}


def test_a_wider_grant_flips_refusals_and_a_later_begin_is_not_held_against_the_past(rt, gate):
    z = zone.tiny(rt)
    ask(gate, z, 1)
    refused = ask(gate, z, 3, region="310115")
    ask(gate, z, 2, region="310115", purpose="X.MKT")

    def widen(document):
        document["scope"]["rows"]["regions"] = []
        document["term"]["from"] = "2026-12-01T00:00:00.000000Z"

    sheet = played(rt, granting(rt, z, widen))
    assert lines(sheet) == {(z.institution.number, "DENY_PERMIT", ("SCOPE.REGION",)): 3}
    assert sheet.flips[0].lines[0].examples == tuple(refused)


def test_a_window_of_the_draft_is_asked_of_every_instant(rt, gate):
    z = zone.tiny(rt)
    ask(gate, z, 2)                       # 10:00 in Shanghai
    rt.clock.forward(hours=9)
    ask(gate, z, 3)                       # 19:00
    sheet = played(rt, granting(rt, z, lambda d: d["term"].update(
        window={"from": "08:00", "to": "18:00"})))
    assert lines(sheet) == {(z.institution.number, "PERMIT_DENY", ("TERM.WINDOW",)): 3}


def test_the_registry_of_then_is_played_on_not_that_of_today(rt, gate):
    z = zone.tiny(rt)
    ask(gate, z, 2)
    rt.clock.forward(minutes=1)
    zone.set_state(rt, z.grant, "REVOKED")
    ask(gate, z, 1)
    sheet = played(rt, forbidden("PF.CRD.NEW"))
    assert lines(sheet) == {
        (z.institution.number, "PERMIT_DENY", ("PURPOSE.PROHIBITED",)): 2}


def test_the_days_institution_and_product_choose_the_decisions(rt, gate):
    z, other = zone.tiny(rt), zone.tiny(rt)
    ask(gate, z, 1)
    rt.clock.forward(days=1)
    ask(gate, z, 2)
    ask(gate, other, 5)
    rt.clock.forward(days=1)
    ask(gate, z, 4)
    day = (rt.clock().date()).isoformat()[:8] + "24"
    sheet = played(rt, NewWhatIf(begins=day, ends=day, institution=z.institution.number,
                                 product=z.product.number))
    assert sheet.heard == 2


def test_a_run_that_was_cut_off_goes_on_behind_its_last_stretch(rt, gate, monkeypatch):
    z = zone.tiny(rt)
    ask(gate, z, 9)
    monkeypatch.setattr(job, "STRETCH", 2)
    run = what_ifs.create(rt, COMP, forbidden("PF.CRD.NEW"))
    looks = iter([False, False, False])
    assert job.turn(rt, "jobs-1", lambda: next(looks, True))
    assert 0 < what_if(rt, COMP, run.number).played < 9
    with rt.db.writing() as connection:      # and once more by a process that dies
        rt.clock.forward(seconds=1)
        assert rows.claim(connection, run.id, "jobs-2", rt.clock())
    assert not job.turn(rt, "jobs-3", never)
    rt.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert job.turn(rt, "jobs-3", never)
    sheet = what_if(rt, COMP, run.number)
    assert (sheet.state, sheet.played, sheet.permit_deny) == ("DONE", 9, 9)
    with read(rt) as session:
        assert len(session.exec(select(WhatIfPart)).all()) == 5


def test_a_run_taken_over_counts_nothing_twice(rt, gate, monkeypatch):
    z = zone.tiny(rt)
    ask(gate, z, 3)
    run = what_ifs.create(rt, COMP, NewWhatIf())
    with rt.db.writing() as connection:
        rows.claim(connection, run.id, "jobs-1", rt.clock())
        rt.clock.forward(seconds=LEASE.total_seconds() + 1)
        rows.claim(connection, run.id, "jobs-2", rt.clock())
    with pytest.raises(Left):
        job._counted(rt, what_ifs.Held(run.id, "jobs-1"), 3, job.Tally(heard=3))
    with read(rt) as session:
        assert not session.exec(select(WhatIfPart)).all()


def test_a_cancelled_run_stops_and_is_no_list_of_flips(rt, gate, monkeypatch):
    z = zone.tiny(rt)
    ask(gate, z, 5)
    monkeypatch.setattr(job, "STRETCH", 2)
    run = what_ifs.create(rt, COMP, forbidden("PF.CRD.NEW"))

    def cancelling() -> bool:
        if what_if(rt, COMP, run.number).played:
            what_ifs.cancel(rt, COMP, run.number, WHY)
        return False

    assert job.turn(rt, "jobs-1", cancelling)
    sheet = what_if(rt, COMP, run.number)
    assert sheet.state == "CANCELLED" and sheet.ended_at and not sheet.found
    with pytest.raises(IllegalMove):
        what_ifs.cancel(rt, COMP, run.number, WHY)
    assert not job.turn(rt, "jobs-1", never)


def test_a_run_that_is_always_cut_off_is_given_up(rt):
    run = what_ifs.create(rt, COMP, NewWhatIf())
    for _ in range(MOST_TRIES):
        with rt.db.writing() as connection:
            assert rows.claim(connection, run.id, "jobs-1", rt.clock())
        rt.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert job.turn(rt, "jobs-1", never)
    sheet = what_if(rt, COMP, run.number)
    assert sheet.state == "FAILED" and str(MOST_TRIES) in sheet.failure.zh


@pytest.mark.parametrize("body, at", [
    ({"book": "purposes.yaml"}, "text"), ({"text": "x"}, "book"),
    ({"book": "purposes.yaml", "text": "purposes: {"}, "text"),
    ({"institution": "INST-NONE"}, "institution"), ({"product": "PRD-NONE"}, "product"),
    ({"begins": "2026-02-02", "ends": "2026-02-01"}, "ends"),
    ({"kind": "GRANT", "grant": "GR-NONE"}, "grant")])
def test_a_draft_that_says_nothing_known_is_refused_by_name(rt, body, at):
    with pytest.raises(Invalid) as refusal:
        what_ifs.create(rt, COMP, NewWhatIf(**body))
    assert refusal.value.facts["errors"][0]["at"] == at
    with read(rt) as session:
        assert not session.exec(select(WhatIf)).all()


def test_a_draft_of_a_grant_is_of_its_own_product(rt):
    z, other = zone.tiny(rt), zone.tiny(rt)
    with pytest.raises(Invalid):
        what_ifs.create(rt, COMP, granting(rt, z, lambda d: d["scope"].update(
            product=other.product.number)))


def test_who_may_not_ask_is_refused(rt):
    with pytest.raises(NotAllowed):
        what_ifs.create(rt, caller("zhou", "OPS"), NewWhatIf())


def test_what_was_sealed_of_a_run_names_draft_and_flips(rt, gate):
    z = zone.tiny(rt)
    ask(gate, z, 1)
    sheet = played(rt, forbidden("PF.CRD.NEW"))
    with read(rt) as session:
        entries = [json.loads(row.body)["facts"] for row in session.exec(select(TrailEntry).where(
            TrailEntry.ref == f"what_if/{sheet.id}").order_by(TrailEntry.seq)).all()]
    assert [entry.get("now") for entry in entries] == [None, "RUNNING", "DONE"]
    assert entries[0]["bundle"].removeprefix("sha256:") == sheet.draft_ref
    assert entries[2]["flips"] == sheet.found and entries[2]["permit_deny"] == 1


def test_decisions_that_do_not_come_out_alike_without_the_draft_are_no_flips(rt, gate):
    z = zone.tiny(rt)
    odd = Gate(rt, replace(LAW, duties=LAW.duties, reasons=LAW.reasons, purposes=replace(
        LAW.purposes, by_code={**LAW.purposes.by_code, "PF.CRD.NEW": replace(
            LAW.purposes["PF.CRD.NEW"], prohibited=True)})))
    ask(odd, z, 2)
    odd.close()
    sheet = played(rt, NewWhatIf())
    assert (sheet.unsure, sheet.heard) == (2, 2) and not sheet.flips
