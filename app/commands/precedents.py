"""先例: what was decided on a question is said again to the next of its form, until it may change.

A decision hangs on the question, the picture, the law and the clock. Calls of one application
differ in a few members only, which the dimensions read as stated here; so a decision made once is
kept with its answer and its sealed facts as texts with places for what differs, and holds for the
picture it was made on and until the first instant it was compared with. What has to look something
up in the store is never kept. Tests hold what is said from here equal, byte by byte, to a decision
made anew.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from app.domain.answers import answer, facts, members, offered_until
from app.domain.asks import Ask
from app.domain.canonical import instant
from app.domain.decisions import CACHED_FOR, Decision, kept_until
from app.domain.dimensions import is_skewed
from app.domain.dimensions_of_right import is_reference, reference_form
from app.domain.hearing import Hearing
from app.domain.law import Law
from app.domain.moments import Moment
from app.domain.picture import Picture
from app.store.ledger import Line
from app.store.sealing import sealed_bytes, sha256
from app.store.trail import stream_of

# Members a decision reads in no other way than this module does: whether they are there, whether
# the reference has the agreed form, whether the caller's clock agrees.
PER_CALL = frozenset({"subject_hash", "subject_authorization", "business_ref", "time", "trace_id",
                      "min_epoch"})
KEPT = 4096  # forms of questions, of about 6 kB each
encode = msgspec.json.Encoder().encode
_shared = itemgetter(*(at for at, name in enumerate(Ask._fields) if name not in PER_CALL))


class Answer(NamedTuple):
    """One AuthZEN answer as it travels."""

    permits: bool
    text: bytes


class Heard(NamedTuple):
    """A question decided: what will be answered, and what must be sealed first."""

    answer: Answer
    line: Line


class Instants(NamedTuple):
    """When a call is heard, and how long a permit given then may be kept at most."""

    at: str
    kept: str


def instants(at: datetime) -> Instants:
    return Instants(instant(at), instant(at + CACHED_FOR))


def form_of(ask: Ask) -> tuple:
    """What questions have in common that get the same decision."""
    return (_shared(ask), not ask.subject_hash, not ask.subject_authorization,
            not ask.business_ref, not ask.time)


# What differs from call to call in what is said and sealed. Each is plain ASCII text.
PLACES = ("id", "at", "kept", "offered", "subject", "question")


class Template(NamedTuple):
    """A text with places in it: `parts` has room for each at every odd position, and `places` says
    which of PLACES belongs there."""

    parts: tuple[bytes, ...]
    places: tuple[int, ...]

    def filled(self, said: tuple[bytes, ...]) -> bytes:
        text = list(self.parts)
        text[1::2] = [said[place] for place in self.places]
        return b"".join(text)


def template(value: Mapping[str, Any], mark: str, encoded: Callable[[Any], bytes]) -> Template:
    """The template of a value that has a decision's number, or that and the name of a place, where
    the places are."""
    parts = re.split(rb"%b(?::(%b))?" % (mark.encode(), "|".join(PLACES).encode()), encoded(value))
    return Template(tuple(parts), tuple(
        PLACES.index(name.decode()) if name else 0 for name in parts[1::2]))


class Precedent(NamedTuple):
    """A decision kept for its form: from `since` on and before `until`."""

    since: str
    until: str
    form: str  # of business references, "" where they are not looked at
    fits: bool
    ends: str  # of what a permit may be kept, "" where it may not be
    is_offered: bool
    answer: Template
    facts: Template
    line: Line  # its `index` is what calls of the form are alike searched by
    need = None  # what has to look something up is never kept

    def holds(self, ask: Ask, at: str) -> bool:
        """Whether this question would be decided the same."""
        return (self.since <= at < self.until
                and not (self.form and is_reference(ask.business_ref, self.form) != self.fits)
                and not (ask.time and is_skewed(ask.time, at)))

    def heard(self, ask: Ask, now: Instants, decision_id: str) -> Heard:
        """The decision on this question, under its own number."""
        at, line = now.at, self.line
        kept = min(now.kept, self.ends) if self.ends else at
        said = (decision_id.encode(), at.encode(), kept.encode(),
                offered_until(at).encode() if self.is_offered else b"",
                ask.subject_hash.encode(), digest_of(ask).encode())
        sealed = self.facts.filled(said)
        index = (decision_id, at, *line.index, ask.trace_id, ask.business_ref, ask.subject_hash,
                 line.epoch, sha256(sealed))
        return Heard(Answer(line.permits, self.answer.filled(said)), Line(
            line.permits, line.epoch, line.kind, "decision/" + decision_id, line.stream, sealed,
            index))


class Precedents:
    """The precedents of one picture; another picture begins with none."""

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._of: dict[tuple, Precedent] = {}

    def find(self, ask: Ask, picture: Picture, at: str) -> Precedent | None:
        if picture is not self._picture:
            self._picture, self._of = picture, {}
        found = self._of.get(form_of(ask))
        return found if found and found.holds(ask, at) else None

    def keep(self, hearing: Hearing, decision: Decision, law: Law) -> None:
        """Keep a decision made without a look into the store, heard at a `Moment`."""
        if hearing.picture is not self._picture or is_singular(hearing):
            return
        form = form_of(hearing.ask)
        if len(self._of) >= KEPT and form not in self._of:
            del self._of[next(iter(self._of))]
        self._of[form] = precedent(hearing, decision, law)


def is_singular(hearing: Hearing) -> bool:
    """Whether a decision read a member of the call otherwise than a precedent can."""
    ask, right = hearing.ask, hearing.right
    return (not isinstance(hearing.at, Moment) or hearing.need is not None
            or (right is not None and right.population == "LISTED")
            or bool(ask.time and is_skewed(ask.time, hearing.at)))


def precedent(hearing: Hearing, decision: Decision, law: Law) -> Precedent:
    """What is kept of a decision. Its own number, which nobody knew before, marks the places."""
    mark = decision.id
    ends = kept_until(hearing, decision.results) if decision.permits else ""
    told = answer(decision, law)
    context = told["context"]
    context |= {"decided_at": f"{mark}:at", "valid_until": f"{mark}:kept"}
    if "access_request" in context:
        context["access_request"]["expires_at"] = f"{mark}:offered"
    sealed = facts(decision, hearing.picture, law, f"{mark}:question")
    sealed["at"] = f"{mark}:at"
    if "subject" in sealed["input"]:
        sealed["input"]["subject"] = f"{mark}:subject"
    is_asked = hearing.right is not None and hearing.right.business_ref_required
    form = reference_form(hearing) if is_asked else ""
    return Precedent(
        str(hearing.at), hearing.at.holds_until, form,
        is_reference(decision.ask.business_ref, form), ends, "access_request" in context,
        template(told, mark, encode), template(sealed, mark, sealed_bytes),
        Line(decision.permits, decision.epoch,
             "decision.permit" if decision.permits else "decision.deny", "",
             stream_of(owner_key(decision, hearing.picture) or None), b"",
             searched_by(decision, hearing.picture, law)))


def heard(decision: Decision, picture: Picture, law: Law) -> Heard:
    """What comes of a decision that was just made."""
    sealed = sealed_bytes(facts(decision, picture, law, digest_of(decision.ask)))
    ask = decision.ask
    index = (decision.id, decision.at, *searched_by(decision, picture, law), ask.trace_id,
             ask.business_ref, ask.subject_hash, decision.epoch, sha256(sealed))
    return Heard(Answer(decision.permits, encode(answer(decision, law))), Line(
        decision.permits, decision.epoch,
        "decision.permit" if decision.permits else "decision.deny", f"decision/{decision.id}",
        stream_of(owner_key(decision, picture) or None), sealed, index))


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
    """The digest of a question as understood."""
    return sha256(sealed_bytes(members(ask)))
