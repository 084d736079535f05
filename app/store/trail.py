"""Appending to the trail: the tree grows under the head row's lock, in the act's own transaction.

Reading, proving and verifying are `audit`'s; only the tree arithmetic is shared with it here.
Source: GB/T 22239-2019 8.1.4.3 (audit records and their protection).
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, text, update
from sqlalchemy.dialects import sqlite

from app.domain.canonical import canonical, instant
from app.store.tables import (
    DECIDED,
    PolicyChange,
    TrailEntry,
    TrailHead,
    TrailPrivate,
    TrailStream,
)
from audit.trail import leaf, push

SYSTEM_STREAM = "system"


@dataclass(frozen=True)
class Draft:
    """An entry before it has its place. `facts` hold ids, codes, digests and times only;
    `private` values leave a salted commitment in the body and may be erased later."""

    kind: str
    ref: str
    actor: Mapping
    facts: Mapping = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)
    stream: str = SYSTEM_STREAM


@dataclass(frozen=True)
class Head:
    """The locked head: entries so far, compact frontier, last instant, policy epoch."""

    size: int
    frontier: tuple[bytes, ...]
    last_at: str
    epoch: int


def stream_of(institution_id: str | None) -> str:
    """The stream of an institution, or the system's."""
    return f"inst/{institution_id}" if institution_id else SYSTEM_STREAM


def commitment(salt: str, name: str, value: str) -> str:
    """The salted commitment of one private value, base64."""
    return base64.b64encode(hashlib.sha256(canonical([salt, name, value])).digest()).decode()


def lock_head(connection: Connection) -> Head:
    """The head row, locked until the transaction ends."""
    columns = (TrailHead.size, TrailHead.frontier, TrailHead.last_at, TrailHead.epoch)
    row = connection.execute(
        select(*columns).where(TrailHead.id == 1).with_for_update()).one()
    return Head(row.size, split(row.frontier), row.last_at, row.epoch)


def read_head(connection: Connection) -> Head:
    """The head row as last committed."""
    row = connection.execute(select(TrailHead.size, TrailHead.frontier, TrailHead.last_at,
                                    TrailHead.epoch).where(TrailHead.id == 1)).one()
    return Head(row.size, split(row.frontier), row.last_at, row.epoch)


def split(frontier: bytes) -> tuple[bytes, ...]:
    return tuple(frontier[at:at + 32] for at in range(0, len(frontier), 32))


def about(ref: str):
    """Entries about an object, in words their index is found by; a decision's own is not one."""
    return and_(TrailEntry.ref == ref, TrailEntry.kind.not_in(DECIDED))


def seal_at(head: Head, at: datetime) -> str:
    """The entry's instant: never before the entry it follows, whatever the clock does."""
    return max(instant(at), head.last_at)


def append(connection: Connection, head: Head, drafts: Sequence[Draft], at: datetime,
           salt: Callable[[], str]) -> tuple[Head, list[int]]:
    """Seal the drafts after the locked head; the grown head and the seq of each draft.

    The caller owns the transaction and holds the head's lock.
    """
    if not drafts:
        return head, []
    streams = _stream_counts(connection, {draft.stream for draft in drafts})
    sealed_at = seal_at(head, at)
    frontier, size = list(head.frontier), head.size
    entries, private, seqs = [], [], []
    for draft in drafts:
        body, hidden = _body(draft, size, streams[draft.stream], sealed_at, salt)
        hashed = leaf(body)
        entries.append({"seq": size, "stream": draft.stream, "stream_seq": streams[draft.stream],
                        "kind": draft.kind, "ref": draft.ref, "at": sealed_at, "leaf": hashed,
                        "body": body})
        private.extend({"seq": size, **item} for item in hidden)
        frontier = push(frontier, size, hashed)
        seqs.append(size)
        size += 1
        streams[draft.stream] += 1
    insert_many(connection, TrailEntry, entries)
    insert_many(connection, TrailPrivate, private)
    _save_streams(connection, streams)
    grown = replace(head, size=size, frontier=tuple(frontier), last_at=sealed_at)
    save_head(connection, grown)
    return grown, seqs


def _body(draft: Draft, seq: int, stream_seq: int, at: str,
          salt: Callable[[], str]) -> tuple[bytes, list[dict]]:
    hidden = [{"name": name, "salt": salt(), "value": value}
              for name, value in sorted(draft.private.items())]
    entry = {"v": 1, "seq": seq, "stream": draft.stream, "stream_seq": stream_seq, "at": at,
             "kind": draft.kind, "ref": draft.ref, "actor": dict(draft.actor),
             "facts": dict(draft.facts)}
    if hidden:
        entry["sd"] = {item["name"]: commitment(item["salt"], item["name"], item["value"])
                       for item in hidden}
    return canonical(entry), hidden


def save_head(connection: Connection, head: Head) -> None:
    """Write the head back under its lock."""
    connection.execute(update(TrailHead).where(TrailHead.id == 1).values(
        size=head.size, frontier=b"".join(head.frontier), last_at=head.last_at,
        epoch=head.epoch))


def raise_epoch(connection: Connection, head: Head,
                changes: Mapping[tuple[str, str], bool]) -> Head:
    """Raise the policy epoch for the changed objects and wake the replicas.

    `changes` maps (noun, id) to whether the change only takes rights away.
    """
    raised = replace(head, epoch=head.epoch + 1)
    insert_many(connection, PolicyChange, [
        {"epoch": raised.epoch, "noun": noun, "object_id": object_id, "stops": stops}
        for (noun, object_id), stops in changes.items()])
    save_head(connection, raised)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_notify('hufu_epoch', :epoch)"),
                           {"epoch": str(raised.epoch)})
    return raised


def insert_many(connection: Connection, model, rows: list[dict]) -> None:
    """Insert plain dictionaries into a table, in one statement each batch."""
    if rows:
        connection.execute(insert(model.__table__), rows)


def _stream_counts(connection: Connection, streams: set[str]) -> dict[str, int]:
    found = dict(tuple(row) for row in connection.execute(
        select(TrailStream.stream, TrailStream.count).where(TrailStream.stream.in_(streams))))
    return {stream: found.get(stream, 0) for stream in sorted(streams)}


def _save_streams(connection: Connection, counts: Mapping[str, int]) -> None:
    """Write the counts; on PostgreSQL the head's guard counts for itself."""
    if connection.dialect.name == "sqlite":
        saved = sqlite.insert(TrailStream)
        connection.execute(saved.on_conflict_do_update(
            index_elements=["stream"], set_={"count": saved.excluded.count}),
            [{"stream": stream, "count": count} for stream, count in counts.items()])


def found_zone(connection: Connection, facts: Mapping, at: datetime,
               salt: Callable[[], str]) -> None:
    """Write the head row and the first leaf, which says which zone this trail is of."""
    connection.execute(insert(TrailHead).values(id=1, size=0, frontier=b"", last_at="", epoch=1))
    append(connection, lock_head(connection),
           [Draft("zone.found", "zone/1", {"account": "system", "person": "system",
                                           "capacity": "SYSTEM"}, facts)], at, salt)
