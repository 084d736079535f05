"""Rulebooks as people see them: which are in force, what a draft changes, and its flips."""

from dataclasses import dataclass
from difflib import unified_diff

from sqlalchemy import Connection
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import NotFound
from app.domain.what_ifs import Book, BundleState, RunState
from app.engines.rulebooks import FILES
from app.queries.query import Filters, Page, may_read, query
from app.queries.what_ifs import FlipsOf, WhatIfLine, flips_of, line_of
from app.store.bundles import PROPOSED, PUBLISHED, Said, full, said, short, texts_of
from app.store.tables_people import Person
from app.store.tables_played import PolicyBundle, WhatIf
from app.store.unit import read

MOST, LINES_SHOWN, RUNS_SHOWN = 200, 400, 20


@dataclass(frozen=True)
class BundleLine:
    """Rulebooks of one digest."""

    id: str
    number: str
    short: str
    state: str
    kept_at: str
    published_at: str
    version: int


@dataclass(frozen=True)
class BookText:
    """One file: how much of it, and what it changes against the rulebooks in force."""

    name: str
    zh: str
    en: str
    lines: int
    added: int
    taken: int
    difference: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class BundleSheet:
    """Rulebooks of one digest with their files, the runs over them, and what was proposed. `flips`
    is the digest of the list attached to the proposal, `flipped` that list."""

    id: str
    number: str
    short: str
    digest: str
    state: str
    kept_at: str
    proposed_by: str
    proposed_at: str
    published_by: str
    published_at: str
    what_if: str
    flips: str
    heard: int
    permit_deny: int
    deny_permit: int
    flipped: tuple[FlipsOf, ...]
    books: tuple[BookText, ...]
    runs: tuple[WhatIfLine, ...]
    version: int


@dataclass(frozen=True)
class Standing:
    """What the trail says of rulebooks: those in force, the open proposal, every publication."""

    in_force: str
    proposed: Said | None
    published: dict[str, Said]

    def state(self, digest: str) -> BundleState:
        if digest == self.in_force:
            return BundleState.IN_FORCE
        if self.proposed and self.proposed.digest == digest:
            return BundleState.PROPOSED
        return BundleState.PAST if digest in self.published else BundleState.TRIED


def standing(connection: Connection) -> Standing:
    """Where rulebooks stand now; a proposal is open until something is published after it."""
    published = said(connection, PUBLISHED, MOST)
    proposed = said(connection, PROPOSED, 1)
    is_open = proposed and (not published or proposed[0].seq > published[0].seq)
    return Standing(published[0].digest if published else "", proposed[0] if is_open else None,
                    {each.digest: each for each in reversed(published)})


@query("policy_bundle", "规则集", "Rulebooks")
def policy_bundles(rt, caller: Caller, filters: Filters) -> Page[BundleLine]:
    """Rulebooks that were kept, the newest first; `q` finds the digest."""
    may_read(rt, caller, "policy_bundle")
    with read(rt) as session:
        known = standing(session.connection())
        rows = session.exec(select(PolicyBundle.digest, PolicyBundle.kept_at).order_by(
            PolicyBundle.kept_at.desc(), PolicyBundle.digest)).all()
        lines = [_line(digest, kept_at, known) for digest, kept_at in rows
                 if filters.q in digest]
    lines = [line for line in lines if filters.state in ("", line.state)]
    shown = lines[filters.offset:filters.offset + filters.limit]
    return Page(tuple(shown), len(lines), filters.limit, filters.offset)


def _line(digest: str, kept_at, known: Standing) -> BundleLine:
    last = known.published.get(digest)
    return BundleLine(short(digest), short(digest), short(digest)[:12], known.state(digest).value,
                      instant(kept_at), last.at if last else "", 1)


@query("policy_bundle", "规则集", "Rulebooks", single=True)
def policy_bundle(rt, caller: Caller, ref: str) -> BundleSheet:
    """The rulebooks of one digest."""
    may_read(rt, caller, "policy_bundle")
    with read(rt) as session:
        row = session.get(PolicyBundle, full(ref))
        if row is None:
            raise NotFound("没有这一规则集", "no such rulebooks", noun="policy_bundle")
        connection = session.connection()
        known = standing(connection)
        line = _line(row.digest, row.kept_at, known)
        proposals = [each for each in said(connection, PROPOSED, MOST)
                     if each.digest == row.digest]
        asked = proposals[0] if proposals else None
        last = known.published.get(row.digest)
        attached = _run(session, asked)
        runs = session.exec(select(WhatIf).where(WhatIf.bundle == row.digest).order_by(
            WhatIf.number.desc()).limit(RUNS_SHOWN)).all()
        return BundleSheet(
            line.id, line.number, line.short, row.digest, line.state, line.kept_at,
            _name(session, asked), asked.at if asked else "", _name(session, last),
            line.published_at, attached.number if attached else "",
            asked.facts.get("flips", "") if asked else "", attached.heard if attached else 0,
            asked.facts.get("permit_deny", 0) if asked else 0,
            asked.facts.get("deny_permit", 0) if asked else 0,
            flips_of(session, attached) if attached else (),
            _books(row.texts, texts_of(connection, known.in_force) or row.texts),
            tuple(line_of(session, run) for run in runs), 1)


def _run(session: Session, asked: Said | None) -> WhatIf | None:
    """The finished run a proposal is attached to."""
    number = asked.facts.get("what_if") if asked else None
    return session.exec(select(WhatIf).where(
        WhatIf.number == number, WhatIf.state == str(RunState.DONE))).first() if number else None


def _name(session: Session, said_by: Said | None) -> str:
    person = session.get(Person, said_by.person) if said_by else None
    return person.name if person else said_by.person if said_by else ""


def _books(texts: dict[str, str], in_force: dict[str, str]) -> tuple[BookText, ...]:
    """Every file, those that change something first."""
    found = []
    for name in FILES:
        text, was = texts[name], in_force.get(name, "")
        changed = [line.rstrip("\n") for line in unified_diff(
            was.splitlines(), text.splitlines(), lineterm="", n=2)][2:]
        book = Book(name)
        found.append(BookText(
            name, book.zh, book.en, len(text.splitlines()),
            sum(line.startswith("+") for line in changed),
            sum(line.startswith("-") for line in changed), tuple(changed[:LINES_SHOWN]), text))
    return tuple(sorted(found, key=lambda book: not book.difference))
