"""What comes of a decision: the answer as it travels, and the line that is sealed before it."""

import msgspec

from app.domain.answers import answer, facts
from app.domain.asks import Ask
from app.domain.decisions import Decision
from app.domain.law import Law
from app.domain.picture import Picture
from app.store.appending import Line
from app.store.sealing import sealed_bytes, sha256
from app.store.trail import stream_of

encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One AuthZEN answer as it travels."""

    permits: bool
    text: bytes


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A question decided: what will be answered, and what must be sealed first."""

    answer: Answer
    line: Line


def heard(decision: Decision, picture: Picture, law: Law) -> Heard:
    """What comes of a decision that was just made."""
    sealed = sealed_bytes(facts(decision, picture, law, digest_of(decision.ask)))
    ask = decision.ask
    index = (decision.id, decision.at, *searched_by(decision, picture, law), ask.trace_id,
             ask.business_ref, ask.subject_hash, decision.epoch)
    return Heard(Answer(decision.permits, encode(answer(decision, law))), Line(
        decision.permits, decision.epoch, kind_of(decision.permits), f"decision/{decision.id}",
        stream_of(owner_key(decision, picture) or None), sealed, index))


def kind_of(permits: bool) -> str:
    """The kind of the entry a decision is sealed under."""
    return "decision.permit" if permits else "decision.deny"


def searched_by(decision: Decision, picture: Picture, law: Law) -> tuple:
    """What a decision is searched by that calls of its form have in common."""
    ask = decision.ask
    return (decision.permits, owner_key(decision, picture),
            ask.app if ask.app in picture.apps else "",
            ask.product if ask.product in picture.products else "", decision.grant,
            ask.purpose if ask.purpose in law.purposes else "",
            ask.action if ask.action in law.vocabulary.actions else "",
            " ".join(dict.fromkeys(reason.code for reason in decision.reasons)))


def owner_key(decision: Decision, picture: Picture) -> str:
    """The key of the institution whose call it was, "" where none is known."""
    owner = picture.institutions.get(decision.institution)
    return owner.key if owner else ""


def digest_of(ask: Ask) -> str:
    """The digest of a question as understood: of its members in order but the first, which says who
    asked."""
    return sha256(sealed_bytes(ask[1:]))
