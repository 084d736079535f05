"""What-if runs as people see them: the draft, how far it came, and the flips per institution."""

from collections import defaultdict
from dataclasses import dataclass

from pydantic import Field
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.what_ifs import OPEN, WHAT_IF, Direction, Kind, RunState, counted
from app.queries.course import course, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.bundles import short
from app.store.situations_played import run_situation
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution
from app.store.tables_played import WhatIf
from app.store.unit import read

HIDDEN = frozenset({"begin", "finish", "fail"})


class WhatIfFilters(Filters):
    """Runs over a draft."""

    kind: str = Field("", max_length=20, title="草案种类", json_schema_extra={"en": "Kind"})
    bundle: str = Field("", max_length=71, title="规则集摘要",
                        json_schema_extra={"en": "Digest of the rulebooks"})


@dataclass(frozen=True)
class Failure:
    """Why a run could not be made."""

    zh: str
    en: str


@dataclass(frozen=True)
class Progress:
    """How far a run has come: what its open page asks for again and again."""

    number: str
    state: str
    total: int
    played: int
    is_open: bool
    failure: Failure | None


@dataclass(frozen=True)
class WhatIfLine:
    """One run of the list."""

    id: str
    number: str
    kind: str
    draft: str
    state: str
    asked_by: str
    asked_at: str
    progress: str
    permit_deny: int
    deny_permit: int
    version: int


@dataclass(frozen=True)
class Flip:
    """Decisions of one institution that came out otherwise one way for the same reasons. `share`
    is of the longest line, in percent."""

    was: str
    codes: tuple[str, ...]
    count: int
    share: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class FlipsOf:
    """What the draft would have changed for one institution."""

    number: str
    name: str
    permit_deny: int
    deny_permit: int
    lines: tuple[Flip, ...]


@dataclass(frozen=True)
class WhatIfSheet:
    """One run: the draft, what it is over, and what came out otherwise. `heard` could be made
    again, `unsure` came out otherwise without the draft too, `left_out` were no decisions on a
    product or not evaluated then."""

    id: str
    number: str
    kind: str
    draft: str
    draft_ref: str
    state: str
    asked_by: str
    asked_at: str
    started_at: str
    ended_at: str
    institution: str
    institution_number: str
    product: str
    begins: str
    ends: str
    first: int
    last: int
    total: int
    played: int
    heard: int
    unsure: int
    left_out: int
    permit_deny: int
    deny_permit: int
    found: str
    is_open: bool
    failure: Failure | None
    flips: tuple[FlipsOf, ...]
    rights: dict
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("what_if", "推演", "What-ifs")
def what_ifs(rt, caller: Caller, filters: WhatIfFilters) -> Page[WhatIfLine]:
    """Runs, newest first; `q` finds the number."""
    may_read(rt, caller, "what_if")
    statement = select(WhatIf)
    if filters.q:
        statement = statement.where(WhatIf.number.like(like(filters.q), escape="\\"))
    if filters.state:
        statement = statement.where(WhatIf.state == filters.state)
    if filters.kind:
        statement = statement.where(WhatIf.kind == filters.kind)
    if filters.bundle:
        statement = statement.where(WhatIf.bundle == filters.bundle)
    with read(rt) as session:
        return page_of(session, caller, WhatIf, statement, filters,
                       order=(WhatIf.number.desc(),), line=lambda row: line_of(session, row))


def line_of(session: Session, row: WhatIf) -> WhatIfLine:
    """One run as lists show it."""
    return WhatIfLine(
        row.id, row.number, row.kind, _draft(session, row)[0], row.state, row.asked_by,
        instant(row.created_at), f"{row.played:,} / {row.total:,}" if row.total else "",
        counted(row.flips, Direction.PERMIT_DENY), counted(row.flips, Direction.DENY_PERMIT),
        row.version)


def _draft(session: Session, row: WhatIf) -> tuple[str, str]:
    """What the draft is of, and where that is found."""
    if row.kind == Kind.RULEBOOKS:
        return short(row.bundle)[:12], short(row.bundle)
    number = session.get(Grant, row.grant_id).number
    return number, number


@query("what_if", "推演", "What-if", single=True)
def what_if(rt, caller: Caller, ref: str) -> WhatIfSheet:
    """One run by id or number."""
    may_read(rt, caller, "what_if")
    with read(rt) as session:
        row = one(session, caller, WhatIf, ref)
        owner = session.get(Institution, row.institution_id) if row.institution_id else None
        draft, draft_ref = _draft(session, row)
        return WhatIfSheet(
            id=row.id, kind=row.kind, draft=draft, draft_ref=draft_ref, asked_by=row.asked_by,
            asked_at=instant(row.created_at), started_at=moment(row.started_at),
            ended_at=moment(row.ended_at), institution=owner.name if owner else "",
            institution_number=owner.number if owner else "", product=row.product,
            begins=row.begins, ends=row.ends, first=row.first, last=row.last, heard=row.heard,
            unsure=row.unsure, left_out=row.left_out,
            permit_deny=counted(row.flips, Direction.PERMIT_DENY),
            deny_permit=counted(row.flips, Direction.DENY_PERMIT), found=row.found,
            flips=flips_of(session, row), rights=row.rights, version=row.version,
            **vars(_far(row)),
            **course(rt, session, caller, WHAT_IF, row, run_situation(rt, session, caller, row),
                     hidden=HIDDEN))


def flips_of(session: Session, row: WhatIf) -> tuple[FlipsOf, ...]:
    """The flips by institution, those with most first; calls of nobody known stand last."""
    names = {key: (number, name) for key, number, name in session.exec(
        select(Institution.id, Institution.number, Institution.name))}
    most = max((line["count"] for line in row.flips), default=1)
    by_owner = defaultdict(list)
    for line in row.flips:
        by_owner[line["institution"]].append(Flip(
            line["was"], tuple(line["codes"]), line["count"], -(-100 * line["count"] // most),
            tuple(line["examples"])))
    found = [FlipsOf(*names.get(key, ("", "")),
                     *(sum(flip.count for flip in flips if flip.was == direction)
                       for direction in Direction),
                     tuple(sorted(flips, key=lambda flip: -flip.count)))
             for key, flips in by_owner.items()]
    return tuple(sorted(found, key=lambda one: (
        not one.number, -one.permit_deny - one.deny_permit, one.number)))


def progress_of(rt, caller: Caller, ref: str) -> Progress:
    """How far a run has come, without anything it found."""
    may_read(rt, caller, "what_if")
    with read(rt) as session:
        return _far(one(session, caller, WhatIf, ref))


def _far(row: WhatIf) -> Progress:
    return Progress(row.number, row.state, row.total, row.played, RunState(row.state) in OPEN,
                    Failure(**row.failure) if row.failure else None)
