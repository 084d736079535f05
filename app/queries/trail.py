"""The trail as people browse it: entries within the caller's view, and the proof of one."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import Field
from sqlalchemy import false, func, or_
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import Invalid, NotFound
from app.domain.workdays import start_of
from app.queries.query import Filters, Page, like, may_read, query
from app.store import checkpoints
from app.store.names import names_of, refs_of
from app.store.places import place_at
from app.store.tables import TrailEntry, TrailPrivate
from app.store.tables_decisions import DecisionIndex
from app.store.tables_evidence import TrailAnchor, TrailCheckpoint
from app.store.tables_institutions import Institution
from app.store.tiles import Tiles
from app.store.trail import about, stream_of
from app.store.unit import read
from audit import note
from audit import trail as tree

DAY = r"^$|^\d{4}-\d{2}-\d{2}$"


class TrailFilters(Filters):
    """What the trail can be narrowed by; `q` finds the number or reference of an object."""

    kind: str = Field("", max_length=80, title="类型", json_schema_extra={"en": "Kind"})
    ref: str = Field("", max_length=120, title="对象", json_schema_extra={"en": "Object"})
    stream: str = Field("", max_length=80, title="序列", json_schema_extra={"en": "Stream"})
    begins: str = Field("", pattern=DAY, title="起始日期", json_schema_extra={"en": "From"})
    ends: str = Field("", pattern=DAY, title="截止日期", json_schema_extra={"en": "To"})


@dataclass(frozen=True)
class EntryLine:
    """One entry of the list. `called` is what people call the object, `whose` the institution
    the stream belongs to; both are empty where the registry has no such object."""

    id: str
    number: str
    seq: int
    at: str
    kind: str
    ref: str
    called: str
    stream: str
    whose: str
    stream_seq: int
    person: str
    leaf: str


@dataclass(frozen=True)
class Commitment:
    """A private value of an entry: its commitment, and whether salt and value are still kept."""

    name: str
    digest: str
    kept: bool


@dataclass(frozen=True)
class Anchor:
    """Who outside has seen a checkpoint that covers the entry."""

    name: str
    size: int
    seen_at: str


@dataclass(frozen=True)
class Step:
    """One hash of the path from the leaf to the root, lowest first."""

    n: int
    hash: str


@dataclass(frozen=True)
class EntrySheet:
    """One entry, and how it hangs in the newest signed tree; no proof before the next one.
    `called` and `whose` are as in the list; `by`, the login that acted, is told to staff only."""

    id: str
    number: str
    seq: int
    at: str
    kind: str
    ref: str
    called: str
    stream: str
    whose: str
    stream_seq: int
    by: str
    actor: dict
    facts: dict
    commitments: tuple[Commitment, ...]
    body: str
    leaf: str
    size: int
    root: str
    path: tuple[Step, ...]
    checkpoint: str
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True)
class CheckpointLine:
    """One signed head."""

    id: str
    number: str
    size: int
    made_at: str
    reason: str
    root: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True)
class CheckpointSheet:
    """One signed head with its note and the lines of its witnesses under it."""

    id: str
    number: str
    size: int
    made_at: str
    reason: str
    root: str
    witnesses: tuple[str, ...]
    note: str


@query("trail_entry", "审计轨迹", "Trail")
def trail_entries(rt, caller: Caller, filters: TrailFilters) -> Page[EntryLine]:
    """Entries, newest first; institutions see their own stream, departments none."""
    may_read(rt, caller, "trail_entry")
    statement = _within(select(TrailEntry), caller)
    for column, value in ((TrailEntry.kind, filters.kind), (TrailEntry.stream, filters.stream)):
        if value:
            statement = statement.where(column == value)
    if filters.ref:
        statement = statement.where(_of(filters.ref))
    begins, ends = _midnight(filters.begins), _midnight(filters.ends, days=1)
    with read(rt) as session:
        if begins:
            statement = statement.where(TrailEntry.seq >= place_at(session.connection(), begins))
        if ends:
            statement = statement.where(TrailEntry.seq < place_at(session.connection(), ends))
        if filters.q:
            statement = statement.where(or_(
                TrailEntry.ref.like(like(filters.q), escape="\\"),
                TrailEntry.ref.in_(refs_of(session, filters.q.strip()))))
        total = session.exec(select(func.count()).select_from(statement.subquery())).one()
        rows = session.exec(statement.order_by(TrailEntry.seq.desc()).limit(filters.limit)
                            .offset(filters.offset)).all()
        return Page(_lines(session, rows), int(total), filters.limit, filters.offset)


def _of(ref: str):
    """Entries about an object; a decision's own is found by its number."""
    noun, _, number = ref.partition("/")
    if noun != DecisionIndex.noun:
        return about(ref)
    return or_(about(ref), TrailEntry.seq.in_(
        select(DecisionIndex.seq).where(DecisionIndex.id == number)))


def _within(statement, caller: Caller):
    """The entries a caller may know of."""
    if caller.is_staff:
        return statement
    if caller.institution:
        return statement.where(TrailEntry.stream == stream_of(caller.institution))
    return statement.where(false())


def _lines(session, rows) -> tuple[EntryLine, ...]:
    called = names_of(session, {row.ref for row in rows})
    owners = {stream_of(key): name for key, name in session.exec(
        select(Institution.id, Institution.name).where(Institution.id.in_(
            {row.stream.partition("/")[2] for row in rows})))}
    return tuple(EntryLine(
        str(row.seq), str(row.seq), row.seq, row.at, row.kind, row.ref, called.get(row.ref, ""),
        row.stream, owners.get(row.stream, ""), row.stream_seq,
        str(json.loads(row.body)["actor"].get("person", "")), row.leaf.hex()) for row in rows)


@query("trail_entry", "审计轨迹", "Entry", single=True)
def trail_entry(rt, caller: Caller, ref: str) -> EntrySheet:
    """One entry by its number, with its inclusion in the newest signed tree."""
    may_read(rt, caller, "trail_entry")
    with read(rt) as session:
        row = None
        if _is_number(ref):
            row = session.exec(_within(select(TrailEntry), caller).where(
                TrailEntry.seq == int(ref))).first()
        if row is None:
            raise NotFound("没有这个条目，或不在您的可见范围", "no such entry within your view",
                           noun="trail_entry")
        body, (line,) = json.loads(row.body), _lines(session, [row])
        return EntrySheet(
            id=str(row.seq), number=str(row.seq), seq=row.seq, at=row.at, kind=row.kind,
            ref=row.ref, called=line.called, stream=row.stream, whose=line.whose,
            stream_seq=row.stream_seq, by=_login(session, caller, body["actor"]),
            actor=body["actor"], facts=body["facts"],
            commitments=_commitments(session, row.seq, body.get("sd", {})),
            body=row.body.decode(), leaf=row.leaf.hex(), **_proof(session, row))


def _login(session, caller: Caller, actor: dict) -> str:
    """The account that acted, told to staff only."""
    ref = f"account/{actor.get('account', '')}"
    return names_of(session, {ref}).get(ref, "") if caller.is_staff else ""


def _commitments(session, seq: int, sealed: dict) -> tuple[Commitment, ...]:
    kept = set(session.exec(select(TrailPrivate.name).where(TrailPrivate.seq == seq)))
    return tuple(Commitment(name, digest, name in kept) for name, digest in sorted(sealed.items()))


def _proof(session, row: TrailEntry) -> dict:
    """Path, root and checkpoint of the newest signed tree the entry is in."""
    connection = session.connection()
    last = checkpoints.newest(connection)
    if last is None or last.size <= row.seq:
        return {"size": 0, "root": "", "path": (), "checkpoint": "", "anchors": ()}
    path = tree.inclusion(row.seq, last.size, Tiles(connection))
    root = tree.root_of_inclusion(row.leaf, row.seq, last.size, path)
    seen = session.exec(select(TrailAnchor).where(TrailAnchor.size > row.seq)
                        .order_by(TrailAnchor.size).limit(20)).all()
    return {"size": last.size, "root": root.hex(), "checkpoint": last.note,
            "path": tuple(Step(n, each.hex()) for n, each in enumerate(path, 1)),
            "anchors": tuple(Anchor(each.name, each.size, instant(each.seen_at)) for each in seen)}


@query("trail_checkpoint", "检查点", "Checkpoints")
def trail_checkpoints(rt, caller: Caller, filters: Filters) -> Page[CheckpointLine]:
    """Signed heads, newest first, with the witnesses that saw each."""
    may_read(rt, caller, "trail_checkpoint")
    with read(rt) as session:
        total = session.exec(select(func.count()).select_from(TrailCheckpoint)).one()
        rows = session.exec(select(TrailCheckpoint).order_by(TrailCheckpoint.size.desc())
                            .limit(filters.limit).offset(filters.offset)).all()
        seen: dict[int, list[str]] = {}
        for size, name in session.exec(select(TrailAnchor.size, TrailAnchor.name).where(
                TrailAnchor.size.in_([row.size for row in rows]))):
            seen.setdefault(size, []).append(name)
        return Page(tuple(CheckpointLine(**_head(row), witnesses=tuple(sorted(
            seen.get(row.size, ())))) for row in rows), int(total), filters.limit, filters.offset)


@query("trail_checkpoint", "检查点", "Checkpoint", single=True)
def trail_checkpoint(rt, caller: Caller, ref: str) -> CheckpointSheet:
    """One signed head by its size."""
    may_read(rt, caller, "trail_checkpoint")
    with read(rt) as session:
        row = session.get(TrailCheckpoint, int(ref)) if _is_number(ref) else None
        if row is None:
            raise NotFound("没有这个检查点", "no such checkpoint", noun="trail_checkpoint")
        seen = session.exec(select(TrailAnchor.name).where(TrailAnchor.size == row.size)).all()
        return CheckpointSheet(**_head(row), witnesses=tuple(sorted(seen)),
                               note=checkpoints.cosigned(session.connection(), row.size))


def _head(row: TrailCheckpoint) -> dict:
    head = note.parse_checkpoint(note.parse_note(row.note).text)
    return {"id": str(row.size), "number": str(row.size), "size": row.size,
            "made_at": instant(row.made_at), "reason": row.reason, "root": head.root.hex()}


def _is_number(ref: str) -> bool:
    return ref.isascii() and ref.isdigit() and len(ref) < 16


def _midnight(day: str, days: int = 0) -> datetime | None:
    """The first instant of a day, or of the day after; None where none is named."""
    try:
        return start_of(date.fromisoformat(day) + timedelta(days=days)) if day else None
    except (ValueError, OverflowError):
        raise Invalid(f"没有 `{day}` 这一天", f"there is no day `{day}`") from None
