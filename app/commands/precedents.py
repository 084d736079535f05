"""先例: what was decided on a question is said again to the next of its form, until it may change.

A decision hangs on the question, the picture, the law and the clock. Calls of one application
differ in a few members only, which the dimensions read as stated here; so a decision made once is
kept with its answer and its sealed facts as texts with places for what differs, and holds for the
picture it was made on and until the first instant it was compared with. What has to look something
up in the store is never kept. Tests hold what is said from here equal, byte by byte, to a decision
made anew.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

import msgspec

from app.commands.heard import (
    Answer,
    Heard,
    digest_of,
    encode,
    kind_of,
    owner_key,
    searched_by,
)
from app.domain.answers import answer, facts, offered_until
from app.domain.asks import Ask
from app.domain.canonical import instant
from app.domain.consents import consent
from app.domain.decisions import (
    CONSENT_LINK,
    Decision,
    acknowledged_in,
    kept_until,
    remaining,
)
from app.domain.dimensions import is_skewed
from app.domain.dimensions_of_right import is_reference, reference_form
from app.domain.hearing import PASS, Hearing
from app.domain.law import Law
from app.domain.moments import Instants, Moment
from app.domain.picture import Picture
from app.domain.quotas import needed, quota
from app.domain.reservations import Need
from app.store.appending import Line
from app.store.sealing import sealed_bytes
from app.store.shelf import Shelf
from app.store.trail import stream_of

# Members a decision reads in no other way than this module does: whether they are there, whether
# the reference has the agreed form, whether the caller's clock agrees.
PER_CALL = frozenset({"subject_hash", "subject_authorization", "business_ref", "time", "trace_id",
                      "min_epoch"})
KEPT = 4096  # forms of questions, of about 6 kB each
_shared = itemgetter(*(at for at, name in enumerate(Ask._fields) if name not in PER_CALL))


def form_of(ask: Ask) -> tuple:
    """What questions have in common that get the same decision."""
    return (_shared(ask), not ask.subject_hash, not ask.subject_authorization,
            not ask.business_ref, not ask.time)


# What differs from call to call in what is said and sealed, each as plain ASCII text; the last
# three are looked up. Those of BARE stand without quotes.
PLACES = ("id", "at", "kept", "offered", "subject", "question", "consent", "version", "quota")
BARE = ("version", "quota")


class Template(NamedTuple):
    """A text with places in it: `parts` has room for each at every odd position, and `places` says
    which of PLACES belongs there."""

    parts: tuple[bytes, ...]
    places: tuple[int, ...]

    def filled(self, said: tuple[bytes, ...]) -> bytes:
        text = list(self.parts)
        text[1::2] = [said[place] for place in self.places]
        return b"".join(text)


def template(text: bytes, mark: str) -> Template:
    """The template of a text that has a decision's number, or that and the name of a place, where
    the places are."""
    for name in BARE:
        text = text.replace(f'"{mark}:{name}"'.encode(), f"{mark}:{name}".encode())
    parts = re.split(rb"%b(?::(%b))?" % (mark.encode(), "|".join(PLACES).encode()), text)
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
    hearing: Hearing | None  # of a permit that something had to be looked up for
    results: Mapping[str, str]
    due_in: timedelta | None  # until when a permit must be acknowledged

    def holds(self, ask: Ask, at: str) -> bool:
        """Whether this question would be decided the same."""
        return (self.since <= at < self.until
                and not (self.form and is_reference(ask.business_ref, self.form) != self.fits)
                and not (ask.time and is_skewed(ask.time, at)))

    def heard(self, ask: Ask, now: Instants, decision_id: str,
              hearing: Hearing | None = None) -> Heard:
        """The decision on this question, under its own number; with its hearing, where something
        was looked up for it."""
        at, line = now.at, self.line
        kept = min(now.kept, self.ends) if self.ends else at
        said = (decision_id.encode(), at.encode(), kept.encode(),
                offered_until(at).encode() if self.is_offered else b"",
                ask.subject_hash.encode(), digest_of(ask).encode(),
                *(looked_up(hearing) if hearing else ()))
        sealed = self.facts.filled(said)
        index = (decision_id, at, *line.index, ask.trace_id, ask.business_ref, ask.subject_hash,
                 line.epoch)
        return Heard(Answer(line.permits, self.answer.filled(said)), Line(
            line.permits, line.epoch, line.kind, "decision/" + decision_id, line.stream, sealed,
            index))


def looked_up(hearing: Hearing) -> tuple[bytes, bytes, bytes]:
    """What a hearing found in the store, as it is said: consent, its version, what is left."""
    one = hearing.consent
    return (one.id.encode() if one else b"", str(one.version).encode() if one else b"",
            sealed_bytes(remaining(hearing)))


class Recalled(msgspec.Struct, frozen=True):
    """A question whose like was decided; its own hearing, where something is looked up for it."""

    precedent: Precedent
    hearing: Hearing | None = None

    @property
    def need(self) -> Need | None:
        return self.hearing.need if self.hearing else None

    def heard(self, ask: Ask, now: Instants, decision_id: str, shelf: Shelf | None) -> Heard | None:
        """The decision, with what it needs looked up; None where that makes it another one."""
        before, hearing = self.precedent, self.hearing
        if hearing is None:
            return before.heard(ask, now, decision_id)
        if shelf is None:
            return None
        hearing.on_record = shelf.on_record(hearing.need)
        if not is_found_alike(hearing, before):
            return None
        due = instant(datetime.fromisoformat(now.at) + before.due_in) if before.due_in else ""
        take(shelf, hearing, decision_id, due)
        return before.heard(ask, now, decision_id, hearing)


def is_found_alike(hearing: Hearing, before: Precedent) -> bool:
    """Whether consent and bounds on use come out as they did before."""
    was = before.hearing
    found = {"consent": consent(hearing) or PASS, "quota": quota(hearing) or PASS}
    return (not hearing.reasons and all(before.results[name] == each
                                        for name, each in found.items())
            and (hearing.consent is None) is (was.consent is None)
            and (hearing.tightest is None) is (was.tightest is None))


def take(shelf: Shelf, hearing: Hearing, decision_id: str, due: str) -> None:
    """Set aside what a permit uses; until ``due``, where it is to be acknowledged by then."""
    shelf.take(hearing.need, decision_id, due, {
        "institution_id": hearing.institution.key if hearing.institution else "",
        "credential": hearing.ask.presented.credential,
        "consent": hearing.consent.id if hearing.consent else ""})


class Precedents:
    """The precedents of one picture; another picture begins with none."""

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._of: dict[tuple, Precedent] = {}

    def find(self, ask: Ask, picture: Picture, at: str) -> Recalled | None:
        if picture is not self._picture:
            self._picture, self._of = picture, {}
        found = self._of.get(form_of(ask))
        if found is None or not found.holds(ask, at):
            return None
        if found.hearing is None:
            return Recalled(found)
        hearing = found.hearing.once_more(ask, Moment(at))
        hearing.need = needed(hearing)
        return Recalled(found, hearing)

    def keep(self, hearing: Hearing, decision: Decision, law: Law) -> None:
        """Keep a decision that was made on a `Moment`."""
        if hearing.picture is not self._picture or is_singular(hearing, decision):
            return
        form = form_of(hearing.ask)
        if len(self._of) >= KEPT and form not in self._of:
            del self._of[next(iter(self._of))]
        self._of[form] = precedent(hearing, decision, law)


def is_singular(hearing: Hearing, decision: Decision) -> bool:
    """Whether a decision read a member of the call otherwise than a precedent can, or was refused
    where something is looked up for it."""
    ask, right = hearing.ask, hearing.right
    return (not isinstance(hearing.at, Moment)
            or (hearing.need is not None and not decision.permits)
            or (right is not None and right.population == "LISTED")
            or bool(ask.time and is_skewed(ask.time, hearing.at)))


def precedent(hearing: Hearing, decision: Decision, law: Law) -> Precedent:
    """What is kept of a decision. Its own number, which nobody knew before, marks the places."""
    mark, until = decision.id, hearing.at.holds_until
    ends = kept_until(hearing, decision.results) if decision.permits else ""
    is_asked = hearing.right is not None and hearing.right.business_ref_required
    form = reference_form(hearing) if is_asked else ""
    said = decision._replace(
        chain=tuple((link, f"{mark}:consent", f"{mark}:version") if link == CONSENT_LINK else
                    (link, ref, number) for link, ref, number in decision.chain),
        quota=f"{mark}:quota" if decision.quota else None)
    told = answer(said, law)
    told["context"] |= {"decided_at": f"{mark}:at", "valid_until": f"{mark}:kept"}
    if "access_request" in told["context"]:
        told["context"]["access_request"]["expires_at"] = f"{mark}:offered"
    sealed = facts(said, hearing.picture, law, f"{mark}:question") | {"at": f"{mark}:at"}
    if "subject" in sealed["input"]:
        sealed["input"]["subject"] = f"{mark}:subject"
    return Precedent(
        str(hearing.at), until, form, is_reference(decision.ask.business_ref, form), ends,
        "access_request" in told["context"], template(encode(told), mark),
        template(sealed_bytes(sealed), mark),
        Line(decision.permits, decision.epoch, kind_of(decision.permits), "",
             stream_of(owner_key(decision, hearing.picture) or None), b"",
             searched_by(decision, hearing.picture, law)),
        hearing if hearing.need else None, decision.results, acknowledged_in(decision))
