"""A past decision made again: as recorded then, as recorded now for then, and as of now."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlmodel import Session

from app.domain.callers import Caller
from app.domain.canonical import digest, instant
from app.domain.decisions import Decision
from app.domain.law import Law
from app.domain.refusals import Invalid
from app.domain.replays import Part, again, differences, taken_over, was_heard
from app.domain.titled import Titled
from app.engines import rulebooks
from app.queries.decision_dimensions import DIMENSIONS
from app.queries.decisions import Told, holds, sought, told_reasons
from app.queries.field_titles import titles
from app.queries.query import may_read
from app.store.bundles import texts_of
from app.store.past import Past, Then
from app.store.tables import TrailEntry
from app.store.unit import read

LAST = 2**62


class Basis(Titled):
    """What a past decision is made again by."""

    RECORDED = "RECORDED", "当时所记", "As recorded then"
    VALID = "VALID", "今日所记、当时有效", "As recorded now for then"
    NOW = "NOW", "现在", "As of now"


@dataclass(frozen=True)
class Differs:
    """One part that came out otherwise; lists hold what only one of the two has."""

    part: str
    zh: str
    en: str
    sealed: tuple[str, ...]
    again: tuple[str, ...]


@dataclass(frozen=True)
class Dimension:
    """One dimension's result."""

    name: str
    zh: str
    en: str
    result: str


@dataclass(frozen=True)
class Made:
    """The decision made again by one basis. `law_kept` says that the rulebooks of then were at
    hand; where not, those in force here stand in."""

    basis: str
    zh: str
    en: str
    state: str
    grant: str
    grant_version: int
    dimensions: tuple[Dimension, ...]
    reasons: tuple[Told, ...]
    differences: tuple[Differs, ...]
    rulebook: str
    law_kept: bool
    agrees: bool


@dataclass(frozen=True)
class Replay:
    """A sealed decision beside what is made of it again. `taken` are codes of reasons that rest on
    what was not kept and were taken as sealed; `shared` the dimensions in the order of hearing."""

    id: str
    number: str
    at: str
    state: str
    rulebook: str
    digest: str
    holds: bool
    dimensions: tuple[Dimension, ...]
    reasons: tuple[Told, ...]
    taken: tuple[str, ...]
    made: tuple[Made, ...]


def replay(rt, caller: Caller, ref: str) -> Replay:
    """One decision by its number, its trace id or its place in the trail, made again.

    Raises:
        Invalid: it was no decision on a product, or could not be evaluated then.
    """
    may_read(rt, caller, "decision")
    with read(rt) as session:
        row = sought(session, caller, ref)
        entry = session.get(TrailEntry, row.seq)
        facts = json.loads(entry.body)["facts"]
        if not was_heard(facts):
            raise Invalid("这次询问不是对产品的判定，或当时未能判定，无法重放",
                          "this was no decision on a product, or could not be evaluated then")
        connection = session.connection()
        law, kept = law_then(rt, connection, facts["rulebook"])
        at = instant(rt.clock())
        past = Past(connection)
        made = tuple(_made(rt, session, facts, basis, again(
            facts, past.picture(facts["input"], then, of), of,
            at if basis == Basis.NOW else ""), kept or basis == Basis.NOW)
            for basis, then, of in (
                (Basis.RECORDED, Then(row.seq, facts["at"]), law),
                (Basis.VALID, Then(row.seq, facts["at"], True), law),
                (Basis.NOW, Then(LAST, at), rt.law)))
        return Replay(row.id, row.id, facts["at"], _state(facts["permits"]), facts["rulebook"],
                      digest(facts), holds(row, entry, facts),
                      _results(facts["dimensions"]), told_reasons(rt, session, facts),
                      taken_over(facts), made)


def law_then(rt, connection: Connection, digest: str) -> tuple[Law, bool]:
    """The law of the rulebooks with this digest, and that it was kept; where it was not or cannot
    be read any more, that of this process stands in."""
    if digest == rt.law.digest:
        return rt.law, True
    texts = texts_of(connection, digest)
    try:
        return (rulebooks.law_of(texts), True) if texts else (rt.law, False)
    except (ValueError, KeyError):
        return rt.law, False


def _made(rt, session: Session, facts: dict, basis: Basis, decision: Decision,
          law_kept: bool) -> Made:
    """What came of it, and where that is another than what was sealed."""
    found = differences(facts, decision)
    told = {"input": facts["input"], "reasons": [list(each) for each in decision.reasons]}
    called = titles(session, facts["input"].get("product", ""))
    return Made(
        basis.value, basis.zh, basis.en, _state(decision.permits), decision.grant,
        decision.grant_version, _results(decision.results), told_reasons(rt, session, told),
        tuple(Differs(each.part.value, each.part.zh, each.part.en,
                      _named(each.part, each.sealed, called), _named(each.part, each.again, called))
              for each in found), decision.rulebook, law_kept, not found)


def _named(part: Part, lines: tuple[str, ...], called: dict[str, str]) -> tuple[str, ...]:
    """The lines of a difference, fields with their titles."""
    if part is not Part.FIELDS:
        return lines
    return tuple(f"{called.get(line.partition(' ')[0], '')} {line}".strip() for line in lines)


def _state(permits: bool) -> str:
    return "PERMIT" if permits else "DENY"


def _results(results) -> tuple[Dimension, ...]:
    """Every dimension in the order of hearing, however its results were kept."""
    return tuple(Dimension(name, *DIMENSIONS[name], results[name]) for name in DIMENSIONS)
