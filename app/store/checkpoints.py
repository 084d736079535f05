"""Counting the streams and keeping signed heads: what the checkpoint job reads and writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from app.domain.evidence import Cause
from app.store import trail
from app.store.tables import TrailPrivate, TrailStream
from app.store.tables_evidence import TrailAnchor, TrailCheckpoint
from audit import trail as tree

STREAMS_ENTRY = "trail.streams"
SYSTEM_ACTOR: Mapping[str, str] = {"account": "system", "person": "system", "capacity": "SYSTEM"}


@dataclass(frozen=True)
class Counted:
    """The tree right after its streams were counted."""

    size: int
    root: bytes
    at: str


@dataclass(frozen=True)
class Signed:
    """A signed head as kept."""

    size: int
    note: str
    made_at: datetime


def count_streams(connection: Connection, at: datetime, salt: Callable[[], str]) -> Counted:
    """Seal how many entries each stream holds, as salted commitments, as the newest leaf.

    The numbers cover what stands before this entry; salt and number lie in `trail_private` under
    the stream's name, so that a pack can open its own and no other.
    """
    head = trail.lock_head(connection)
    rows = connection.execute(select(TrailStream.stream, TrailStream.count)
                              .order_by(TrailStream.stream)).all()
    opened = [{"name": stream, "salt": salt(), "value": str(count)} for stream, count in rows]
    totals = sorted(trail.commitment(one["salt"], one["name"], one["value"]) for one in opened)
    draft = trail.Draft(STREAMS_ENTRY, f"trail/{head.size}", SYSTEM_ACTOR,
                        {"size": head.size, "totals": totals})
    grown, (seq,) = trail.append(connection, head, [draft], at, salt)
    trail.insert_many(connection, TrailPrivate, [{"seq": seq, **one} for one in opened])
    return Counted(grown.size, tree.root(list(grown.frontier), grown.size), grown.last_at)


def newest(connection: Connection) -> Signed | None:
    """The newest signed head, None before the first."""
    columns = (TrailCheckpoint.size, TrailCheckpoint.note, TrailCheckpoint.made_at)
    row = connection.execute(select(*columns).order_by(TrailCheckpoint.size.desc())
                             .limit(1)).first()
    return Signed(*row) if row else None


def handovers(connection: Connection, size: int) -> list[int]:
    """The sizes up to this one whose heads carry the signatures of two keys, one following."""
    return list(connection.execute(select(TrailCheckpoint.size).where(
        TrailCheckpoint.reason == Cause.ROTATION.value, TrailCheckpoint.size <= size)
        .order_by(TrailCheckpoint.size)).scalars())


def newest_outside(connection: Connection) -> int:
    """The largest size that somebody outside is known to have seen."""
    return connection.execute(select(func.max(TrailAnchor.size))).scalar() or 0


def sign_alone(connection: Connection) -> None:
    """Wait until nobody else is about to keep a signed head, and keep others waiting until the end
    of the transaction; whoever writes on SQLite is alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('hufu.trail_checkpoint'))"))


def keep(connection: Connection, size: int, note: str, made_at: datetime, reason: str) -> None:
    """Keep a signed head."""
    connection.execute(insert(TrailCheckpoint.__table__).values(
        size=size, note=note, made_at=made_at, reason=reason))


def cosigned(connection: Connection, size: int) -> str:
    """The checkpoint of this size with every witness's line under it."""
    note = connection.execute(select(TrailCheckpoint.note).where(
        TrailCheckpoint.size == size)).scalar_one()
    lines = connection.execute(select(TrailAnchor.body).where(
        TrailAnchor.size == size).order_by(TrailAnchor.name)).scalars()
    return note + "".join(lines)


