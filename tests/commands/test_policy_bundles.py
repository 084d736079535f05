"""Rulebooks come into force by two persons, and a process that runs others decides nothing."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.commands import what_ifs
from app.commands.command import Reasoned
from app.commands.decide import Gate
from app.commands.policy_bundles import Seen, install, propose, publish
from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.engines import rulebooks
from app.jobs import what_ifs as job
from app.queries.policy_bundles import policy_bundle, policy_bundles
from app.queries.query import Filters
from app.queries.what_ifs import what_if
from app.store.bundles import PROPOSED, PUBLISHED, REF, newest, short, texts_of
from app.store.tables import TrailEntry
from app.store.unit import begin
from tests import zone
from tests.commands.test_decide import codes, question, sealed
from tests.conftest import caller

FANG, HE = caller("fang", "COMP_REVIEW"), caller("he", "DSO")
WHY = Reasoned(reason="调整目的目录")


def played(rt, **body) -> str:
    """The digest of the flips of the files, or of a draft of them."""
    run = what_ifs.create(rt, FANG, what_ifs.NewWhatIf(**body)).number
    rt.clock.forward(seconds=1)
    assert job.turn(rt, "jobs-1", lambda: False)
    return what_if(rt, FANG, run).found


def entries(rt, kind: str) -> list[dict]:
    with rt.db.reading() as connection:
        return [json.loads(row.body)["facts"] for row in connection.execute(
            select(TrailEntry.body).where(TrailEntry.kind == kind).order_by(TrailEntry.seq))]


def test_the_installation_publishes_what_it_brings_once(rt):
    install(rt)
    install(rt)
    with rt.db.reading() as connection:
        entries = connection.execute(select(TrailEntry).where(TrailEntry.kind == PUBLISHED)).all()
        assert newest(connection, PUBLISHED).digest == rt.law.digest
    assert len(entries) == 1


def test_rulebooks_changed_after_publication_decide_nothing(rt):
    z = zone.tiny(rt)
    Gate(rt).close()
    edited = Gate(rt, replace(rt.law, digest="sha256:edited"))
    assert codes(edited.answer(question(z))) == ["SYS.STALE"]
    zone.set_state(rt, z.grant, "SUSPENDED")  # stops are still allowed
    edited.close()


def test_rulebooks_published_between_hearing_and_sealing_decide_already(rt):
    """What was heard by the rulebooks of before is refused, and nothing of it is sealed."""
    z = zone.tiny(rt)
    gate = Gate(rt)
    hear = gate.hearing

    def published_meanwhile(*asked):
        heard = hear(*asked)
        rt.listeners.remove(gate.follower.refresh)
        install_anew(rt)
        rt.listeners.append(gate.follower.refresh)
        gate.hearing = hear
        return heard

    gate.hearing = published_meanwhile
    assert codes(gate.answer(question(z))) == ["SYS.STALE"]
    assert not sealed(rt)
    gate.close()


def install_anew(rt) -> None:
    with begin(rt, SYSTEM) as act:
        act.record(PUBLISHED, REF, digest="sha256:later")
        act.affects("policy_bundle", "sha256:later")


def test_INV_04_two_persons_publish_and_other_rulebooks_stop_deciding(rt):
    z = zone.tiny(rt)
    before = Gate(rt, replace(rt.law, digest="sha256:before"))
    install(replace(rt, law=before.law))
    ref = short(rt.law.digest)
    with pytest.raises(NotFound):
        publish(rt, HE, ref, Seen(flips="sha256:none"))
    flips = played(rt)
    assert propose(rt, FANG, ref, WHY).number == ref
    both = caller("fang", "COMP_REVIEW", "DSO")
    with pytest.raises(NotAllowed):
        publish(rt, both, ref, Seen(flips=flips))
    publish(rt, HE, ref, Seen(flips=flips))
    assert codes(before.answer(question(z))) == ["SYS.STALE"]
    before.close()
    gate = Gate(rt)
    assert gate.answer(question(z))["decision"]
    gate.close()


def test_who_may_not_publish_is_refused(rt):
    for person, act in ((HE, lambda who: propose(rt, who, rt.law.digest, WHY)),
                        (FANG, lambda who: publish(rt, who, "x", Seen(flips="x")))):
        with pytest.raises(NotAllowed):
            act(person)


def test_rulebooks_nobody_played_are_not_proposed(rt):
    install(rt)
    with pytest.raises(Invalid) as refusal:
        propose(rt, FANG, short(rt.law.digest), WHY)
    assert refusal.value.code == "POLICY.NOT_PLAYED"


def test_a_draft_that_does_not_lie_in_the_files_is_not_proposed(rt):
    install(rt)
    text = rulebooks.texts_of(rulebooks.FOLDER)["reasons.yaml"]
    played(rt, book="reasons.yaml", text=text.replace("已到期", "已期满"))
    [draft] = policy_bundles(rt, FANG, Filters(state="TRIED")).items
    with pytest.raises(Invalid) as refusal:
        propose(rt, FANG, draft.number, WHY)
    assert refusal.value.code == "POLICY.OTHER_FILES"


def test_the_second_person_publishes_the_flips_that_were_seen_and_no_others(rt):
    install(rt)
    ref, flips = short(rt.law.digest), played(rt)
    propose(rt, FANG, ref, WHY)
    with pytest.raises(Invalid) as refusal:
        publish(rt, HE, ref, Seen(flips="sha256:others"))
    assert refusal.value.code == "POLICY.OTHER_FLIPS"
    publish(rt, HE, ref, Seen(flips=flips))
    assert entries(rt, PROPOSED)[0]["flips"] == entries(rt, PUBLISHED)[-1]["flips"] == flips
    assert entries(rt, PUBLISHED)[-1]["proposed_by"] == "fang"


def test_a_sheet_tells_standing_changes_and_the_attached_flips(rt):
    install(rt)
    ref = short(rt.law.digest)
    assert policy_bundle(rt, FANG, ref).state == "IN_FORCE"
    text = rulebooks.texts_of(rulebooks.FOLDER)["reasons.yaml"]
    played(rt, book="reasons.yaml", text=text.replace("已到期", "已期满", 1))
    [draft] = policy_bundles(rt, FANG, Filters(state="TRIED")).items
    sheet = policy_bundle(rt, FANG, draft.number)
    assert sheet.books[0].name == "reasons.yaml" and (
        sheet.books[0].added, sheet.books[0].taken) == (1, 1)
    assert not sheet.books[1].difference and sheet.runs[0].state == "DONE"
    flips = played(rt)
    propose(rt, FANG, ref, WHY)
    again = policy_bundle(rt, FANG, ref)
    assert again.flips == flips and again.what_if and again.proposed_by == "fang"


def test_a_proposal_is_open_until_something_is_published_after_it(rt):
    install(replace(rt, law=replace(rt.law, digest="sha256:before")))
    ref, flips = short(rt.law.digest), played(rt)
    propose(rt, FANG, ref, WHY)
    assert policy_bundle(rt, FANG, ref).state == "PROPOSED"
    publish(rt, HE, ref, Seen(flips=flips))
    assert policy_bundle(rt, FANG, ref).state == "IN_FORCE"


def test_the_rulebooks_a_process_decides_by_are_kept_byte_for_byte(rt):
    install(rt)
    with rt.db.reading() as connection:
        kept = texts_of(connection, rt.law.digest)
    assert rulebooks.digest_of_texts(kept) == rt.law.digest
    assert rulebooks.law_of(kept).digest == rt.law.digest
