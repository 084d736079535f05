"""Answering a gateway: decide, make it durable, and only then say so. No record, no permit."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from app.commands import policy_bundles
from app.commands.heard import Answer, Heard, encode, heard
from app.commands.precedents import Precedents, Recalled, take
from app.domain import decisions
from app.domain.answers import answer
from app.domain.asks import Ask, Presented, read_ask
from app.domain.attributes import Entity
from app.domain.canonical import instant
from app.domain.decisions import Decision
from app.domain.hearing import Hearing
from app.domain.law import Law
from app.domain.moments import Instants, Moment
from app.domain.picture import CredentialPicture, Picture
from app.domain.quotas import needed
from app.store.appending import Line
from app.store.follower import Follower
from app.store.ledger import Found, Ledger, Refused
from app.store.sealing import sealed_bytes
from app.store.shelf import Shelf
from app.store.trail import stream_of

log = logging.getLogger("hufu.decide")
decode = msgspec.json.Decoder().decode
# Hears what gives the answers, or raises the defect that keeps them from being given.
Then = Callable[[Callable[[], list[Answer]]], object]
SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")


class Question(NamedTuple):
    """One evaluation with its four entities, shapes checked, and who asks it."""

    entities: Mapping[str, Any]
    presented: Presented

    @property
    def is_about_product(self) -> bool:
        return (self.entities["subject"]["type"] == "client_app"
                and self.entities["resource"]["type"] == "product")


class Gate:
    """What a process decides with: the law, the followed snapshot and the ledger."""

    def __init__(self, rt, law: Law | None = None) -> None:
        self.rt = rt
        self.law = law or rt.law
        policy_bundles.install(rt)
        self._told_epoch = -1  # at which it was said last that the rulebooks are not the published
        self._precedents = Precedents()
        self.follower = Follower(rt.db, self.law.sections.with_lines)
        self.ledger = Ledger(rt.db, self.follower.catch_up, rt.clock, rt.settings.decision_wait_s)
        rt.listeners.append(self.follower.refresh)

    def start(self) -> "Gate":
        """Follow the policy epoch in the background."""
        self.follower.start()
        return self

    def close(self) -> None:
        self.rt.listeners.remove(self.follower.refresh)
        self.follower.close()
        self.ledger.close()

    @property
    def picture(self) -> Picture:
        return self.follower.current.picture

    def credential(self, prefix: str) -> CredentialPicture | None:
        return self.picture.credentials.get(prefix)

    def answer(self, question: Question) -> dict[str, Any]:
        """The AuthZEN answer to one question, durable before it is returned."""
        return self.answers([question])[0]

    def answers(self, questions: Sequence[Question | Ask],
                semantic: str = "execute_all") -> list[dict[str, Any]]:
        """The answers in order, sealed in one commit; a short-circuit leaves the rest unasked."""
        return [decode(each.text) for each in self.told(questions, semantic)]

    def told(self, questions: Sequence[Question | Ask],
             semantic: str = "execute_all") -> list[Answer]:
        """The same, as they travel."""
        sitting = Sitting(self, [self.understood(question) for question in questions], semantic)
        if not questions:
            return []
        stale = self._stale(sitting.asked)
        if stale:
            return sitting.refused(stale)
        try:
            self.ledger.seal(sitting.hear, len(questions))
        except Refused as refusal:
            return sitting.refused(refusal.code)
        return sitting.answers

    def told_then(self, questions: Sequence[Question | Ask], semantic: str, then: Then) -> bool:
        """The same for who is called back in the running loop; False, and nobody is, where a
        thread would have to wait before it may decide."""
        sitting = Sitting(self, [self.understood(question) for question in questions], semantic)
        if not questions:
            then(list)
            return True
        if not self._is_ready(sitting.asked):
            is_lost = self.follower.is_lost(self.rt.settings.stale_after_s)
            if is_lost:
                then(lambda: sitting.refused("SYS.STALE"))
            return is_lost
        try:
            self.ledger.seal_then(sitting.hear, lambda code: then(
                lambda: sitting.refused(code) if code else sitting.answers), len(questions))
        except Refused as refusal:
            code = refusal.code
            then(lambda: sitting.refused(code))
        return True

    async def told_soon(self, questions: Sequence[Question | Ask],
                        semantic: str = "execute_all") -> list[Answer] | None:
        """The same for a task; None where a thread has to be asked."""
        told = asyncio.get_running_loop().create_future()
        is_heard = self.told_then(questions, semantic, lambda answers: told.done()
                                  or told.set_result(answers))
        return (await told)() if is_heard else None

    def _is_ready(self, asked: Sequence["Ask | Question"]) -> bool:
        """Whether it is known, without asking the store, that decisions may be made now."""
        epoch = self.picture.epoch
        return (self.runs_published()
                and self.follower.is_followed(self.rt.settings.stale_after_s)
                and all(ask.min_epoch <= epoch for ask in asked if isinstance(ask, Ask)))

    def understood(self, question: "Question | Ask") -> "Ask | Question":
        """A question about a product as it is understood; any other as it is."""
        if isinstance(question, Ask) or not question.is_about_product:
            return question
        return read_ask(question.entities, question.presented, self.rt.subject_hash)

    def _stale(self, asked: Sequence["Ask | Question"]) -> str:
        """Why nothing may be decided now, "" when it may."""
        if self.follower.is_stale(self.rt.settings.stale_after_s) or not self.runs_published():
            return "SYS.STALE"
        wanted = max((ask.min_epoch for ask in asked if isinstance(ask, Ask)), default=0)
        if wanted > self.picture.epoch and not self.follower.wait_for(
                wanted, self.rt.settings.decision_wait_s / 2):
            return "SYS.STALE"
        return ""

    def runs_published(self) -> bool:
        """Whether the rulebooks of this process are those in force at the epoch it decides on."""
        current = self.follower.current
        if current.published == self.law.digest:
            return True
        if self._told_epoch != current.picture.epoch:
            self._told_epoch = current.picture.epoch
            log.error("rulebooks %s are not the published ones", self.law.digest)
        return False

    def hearing(self, ask: "Ask | Question", picture: Picture,
                at: str) -> "Hearing | Recalled | None":
        """A question about a product as it is heard now, or what was decided on its like; None for
        any other question, and for one that a defect keeps from being heard."""
        if not isinstance(ask, Ask):
            return None
        try:
            found = self._precedents.find(ask, picture, at)
            if found:
                return found
            return self._anew(ask, picture, at)
        except Exception:
            log.exception("a question could not be heard")
            return None

    def _anew(self, ask: Ask, picture: Picture, at: str) -> Hearing:
        hearing = Hearing(ask, picture, self.law, Moment(at))
        hearing.need = needed(hearing)
        return hearing

    def heard(self, ask: "Ask | Question", hearing: "Hearing | Recalled | None",
              picture: Picture, shelf: Shelf | None, now: Instants, decision_id: str) -> Heard:
        """What comes of one question; its hearing, where it is about a product."""
        if not isinstance(ask, Ask):
            return self._attribute(ask, picture, decision_id)
        try:
            if hearing is None:
                raise ValueError("the question was not heard")
            if isinstance(hearing, Recalled):
                said = hearing.heard(ask, now, decision_id, shelf)
                if said:
                    return said
                hearing = self._anew(ask, picture, now.at)
            decision = judged(hearing, decision_id, shelf)
            self._precedents.keep(hearing, decision, self.law)
        except Exception:  # a defect in a rule refuses and is logged; it never permits (Z01)
            log.exception("decision %s could not be evaluated", decision_id)
            decision = decisions.refused(ask, self.law, instant(self.rt.clock()), decision_id,
                                         "SYS.UNAVAILABLE", picture.epoch)
        return heard(decision, picture, self.law)

    def _attribute(self, question: Question, picture: Picture, decision_id: str) -> Heard:
        """A question about something that is no product: declared permits, else refused."""
        entities = question.entities
        subject, action, resource = (entity_of(entities[name])
                                     for name in ("subject", "action", "resource"))
        at = instant(self.rt.clock())
        permit = self.law.attributes.permit(subject, action, resource) if is_live(
            question.presented, picture, at) else None
        is_known = (subject.type, resource.type) in self.law.attributes.by_types
        sealed = {"decision": decision_id, "permits": permit is not None, "at": at,
                  "epoch": picture.epoch, "rulebook": self.law.digest, "permit": permit or "",
                  "credential": question.presented.credential,
                  "types": [subject.type, resource.type] if is_known else []}
        text = sealed_bytes(sealed)
        index = (decision_id, at, permit is not None, "", "", "", "", "", "",
                 "", "", "", "", picture.epoch)
        kind = "decision.permit" if permit else "decision.deny"
        context = {"decision_id": decision_id, "decided_at": at, "epoch": picture.epoch}
        said = encode({"decision": permit is not None, "context": context})
        return Heard(Answer(permit is not None, said),
                     Line(permit is not None, picture.epoch, kind, f"decision/{decision_id}",
                          stream_of(None), text, index))

    def unsealed(self, asked: "Ask | Question", code: str) -> Answer:
        """A refusal that could not be recorded: it opens nothing, so it may be said."""
        ask = asked if isinstance(asked, Ask) else Ask(asked.presented, "", "", "")
        decision_id, = self.new_ids(1)
        decision = decisions.refused(ask, self.law, instant(self.rt.clock()), decision_id, code,
                                     self.picture.epoch)
        return Answer(False, encode(answer(decision, self.law)))

    def new_ids(self, count: int) -> list[str]:
        """So many ids of decisions, in their order."""
        return ["dec_" + number for number in self.rt.new_numbers(count)]


class Sitting:
    """Questions heard together: what came of each, in order."""

    def __init__(self, gate: Gate, asked: Sequence[Ask | Question], semantic: str) -> None:
        self.gate, self.asked, self.semantic = gate, asked, semantic
        self._heard: list[Heard] = []
        self._unjudged: tuple[Picture, Instants, list[Hearing | Recalled | None]] | None = None

    @property
    def answers(self) -> list[Answer]:
        return [each.answer for each in self._heard]

    def refused(self, code: str) -> list[Answer]:
        """Refusals that could not be recorded: they open nothing, so they may be said."""
        return [self.gate.unsealed(ask, code) for ask in self.asked]

    def hear(self, shelf: Shelf | None, now: Instants) -> Found:
        """Every question on the snapshot of now; a short-circuit leaves the rest unasked. Those
        that were only looked through for what they need are judged as they are.

        Raises:
            Refused: other rulebooks than those of this process came into force.
        """
        if not self.gate.runs_published():
            raise Refused("SYS.STALE")
        picture = self.gate.picture
        kept, self._unjudged = self._unjudged, None
        if kept and kept[0] is picture:
            _, now, hearings = kept
        else:
            hearings = [self.gate.hearing(ask, picture, now.at) for ask in self.asked]
        needs = [each.need for each in hearings if each and each.need]
        if needs and shelf is None:
            self._unjudged = (picture, now, hearings)
            return Found(picture.epoch, needs=needs)
        last = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(self.semantic)
        self._heard = []
        ids = self.gate.new_ids(len(hearings))
        for ask, hearing, decision_id in zip(self.asked, hearings, ids, strict=True):
            self._heard.append(self.gate.heard(ask, hearing, picture, shelf, now, decision_id))
            if self._heard[-1].line.permits is last:
                break
        return Found(picture.epoch, [each.line for each in self._heard])


def is_live(presented: Presented, picture: Picture, at: str) -> bool:
    """Whether the credential that was sent may still be used; none is sent where none is asked."""
    known = picture.credentials.get(presented.credential)
    return not presented.credential or (
        known is not None and not known.revoked and known.begins <= at < known.expires)


def entity_of(entity: Mapping[str, Any]) -> Entity:
    return Entity(entity.get("type", ""), entity.get("id") or entity.get("name", ""),
                  entity.get("properties") or {})


def judged(hearing: Hearing, decision_id: str, shelf: Shelf | None) -> Decision:
    """The decision, with what it needs looked up on the shelf, and what it uses set aside there."""
    need = hearing.need
    if need and shelf:
        hearing.on_record = shelf.on_record(need)
    decision = decisions.judged(hearing, decision_id)
    if need and shelf and decision.permits:
        within = decisions.acknowledged_in(decision)
        take(shelf, hearing, decision_id, instant(
            datetime.fromisoformat(decision.at) + within) if within else "")
    return decision
