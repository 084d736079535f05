"""From rows to the plain values a pack is made of, read in one consistent picture."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlmodel import Session

from app.domain.canonical import instant
from app.domain.workdays import start_of
from app.queries import pack_facts
from app.store import checkpoints
from app.store.places import place_at
from app.store.tables import TrailEntry, TrailPrivate
from app.store.tables_evidence import EvidencePack, TrailAnchor
from app.store.tiles import Tiles
from app.store.unit import read
from audit import note, pack
from audit import trail as tree

MOST_ENTRIES = 400_000
MOST_ANCHORS = 20


class Unbuildable(Exception):
    """The pack cannot be made as it was asked for; says what to change."""


@dataclass(frozen=True)
class Bounds:
    """The range of a pack: from the zone's first entry or a count, to right after a count."""

    begin: int
    end: int
    size: int


def gather(rt, pack_id: str, built_at: datetime) -> pack.PackInput:
    """Everything a pack is made of, at the newest checkpoint.

    Raises:
        Unbuildable
    """
    with read(rt) as session:
        row = session.get_one(EvidencePack, pack_id)
        connection = session.connection()
        last = checkpoints.newest(connection)
        if last is None:
            raise Unbuildable("no checkpoint has been signed yet")
        bounds = _bounds(connection, row, last.size)
        streams = _streams(connection, row, bounds)
        tiles = Tiles(connection)
        institution = row.stream.removeprefix("inst/") or None
        is_full = row.level == pack.FULL
        return pack.PackInput(
            pack=row.id, origin=rt.settings.origin, scope=_scope(row, streams), level=row.level,
            recipient=pack.Recipient(row.recipient, row.legal_basis, row.purpose,
                                     row.expires.isoformat()),
            built_at=instant(built_at), checkpoint=last.note,
            range=_range(connection, bounds, set(streams), tiles, row.anchor_size),
            anchors=_anchors(connection, bounds),
            totals=_private(connection, bounds, set(streams), totals=True),
            private=(() if row.level == pack.COMMITMENTS_ONLY
                     else _private(connection, bounds, set(streams), totals=False)),
            tables=pack_facts.tables(session, institution, range(bounds.begin, bounds.end)),
            personal=pack_facts.PERSONAL,
            files=pack_facts.files(session, institution) if is_full else (),
            custody=pack_facts.custody(session, row, built_at),
            pseudonym_key=hmac.new(rt.subject_key, f"pack/{row.id}".encode(),
                                   hashlib.sha256).digest())


def _scope(row: EvidencePack, streams: tuple[str, ...]) -> pack.Scope:
    """What the manifest says the pack is about."""
    return pack.Scope(row.kind, row.subject_number or "zone/1", streams,
                      row.begins.isoformat() if row.begins else "",
                      row.ends.isoformat() if row.ends else "")


def _streams(connection: Connection, row: EvidencePack, bounds: Bounds) -> tuple[str, ...]:
    """The streams the pack holds whole, of those that had entries by its end."""
    statement = select(TrailPrivate.name).where(TrailPrivate.seq == bounds.end - 1)
    if row.stream:
        statement = statement.where(TrailPrivate.name == row.stream)
    found = tuple(connection.execute(statement.order_by(TrailPrivate.name)).scalars())
    if not found:
        raise Unbuildable("there is no entry of this institution in the period")
    return found


def _bounds(connection: Connection, row: EvidencePack, size: int) -> Bounds:
    """The last count at or before the period, and the first at or after it."""
    counts = select(TrailEntry.seq).where(TrailEntry.kind == checkpoints.STREAMS_ENTRY,
                                          TrailEntry.seq < size)
    begin = None
    if row.begins:
        after = place_at(connection, start_of(row.begins) + timedelta.resolution)
        begin = connection.execute(counts.where(TrailEntry.seq < after)
                                   .order_by(TrailEntry.seq.desc()).limit(1)).scalar()
    end = size
    if row.ends:
        after = place_at(connection, start_of(row.ends + timedelta(days=1)))
        found = connection.execute(counts.where(TrailEntry.seq >= after)
                                   .order_by(TrailEntry.seq).limit(1)).scalar()
        end = size if found is None else found + 1
    bounds = Bounds(begin or 0, end, size)
    if bounds.end - bounds.begin > MOST_ENTRIES:
        raise Unbuildable(f"more than {MOST_ENTRIES} entries; ask for a shorter period")
    return bounds


def _range(connection: Connection, bounds: Bounds, streams: set[str], tiles: Tiles,
           asked: int | None) -> pack.Range:
    """The leaves with the bodies that may be shown, and the proofs around them."""
    columns = (TrailEntry.seq, TrailEntry.stream, TrailEntry.leaf, TrailEntry.body)
    rows = connection.execute(select(*columns).where(
        TrailEntry.seq >= bounds.begin, TrailEntry.seq < bounds.end).order_by(TrailEntry.seq))
    edges = {bounds.begin if bounds.begin else bounds.end - 1, bounds.end - 1}
    lines = tuple(pack.Line(row.leaf, row.body if row.stream in streams or row.seq in edges
                            else None) for row in rows)
    left, right = tree.surroundings(bounds.begin, bounds.end, bounds.size, tiles)
    return pack.Range(bounds.begin, bounds.size, lines, tuple(left), tuple(right),
                      _proofs(connection, bounds, tiles, asked))


def _proofs(connection: Connection, bounds: Bounds, tiles: Tiles,
            asked: int | None) -> tuple[pack.Proof, ...]:
    """Consistency with every size that was cosigned or asked for and is not inside the range."""
    sizes = set(connection.execute(select(TrailAnchor.size).where(
        TrailAnchor.size <= bounds.size).distinct()).scalars())
    sizes.update(checkpoints.handovers(connection, bounds.size))
    if asked is not None:
        if asked > bounds.size:
            raise Unbuildable(f"the log has {bounds.size} entries, no checkpoint of {asked}")
        sizes.add(asked)
    return tuple(pack.Proof(size, bounds.size, tuple(tree.consistency(size, bounds.size, tiles)))
                 for size in sorted(sizes)
                 if size != bounds.size and not bounds.begin <= size <= bounds.end)


def _anchors(connection: Connection, bounds: Bounds) -> tuple[str, ...]:
    """The newest cosigned checkpoints, each with its witnesses' lines, and every one by which a
    signing key handed over to the next."""
    sizes = set(connection.execute(select(TrailAnchor.size).where(TrailAnchor.size <= bounds.size)
                                   .distinct().order_by(TrailAnchor.size.desc())
                                   .limit(MOST_ANCHORS)).scalars())
    sizes.update(checkpoints.handovers(connection, bounds.size))
    return tuple(checkpoints.cosigned(connection, size) for size in sorted(sizes))


def _private(connection: Connection, bounds: Bounds, streams: set[str], *,
             totals: bool) -> tuple[pack.Private, ...]:
    """Opened values: the pack's own stream counts at its edges, or what its entries commit to."""
    columns = (TrailPrivate.seq, TrailPrivate.name, TrailPrivate.salt, TrailPrivate.value)
    statement = select(*columns).join(TrailEntry, TrailEntry.seq == TrailPrivate.seq)
    if totals:
        statement = statement.where(TrailPrivate.seq.in_({bounds.begin, bounds.end - 1}),
                                    TrailEntry.kind == checkpoints.STREAMS_ENTRY,
                                    TrailPrivate.name.in_(streams))
    else:
        statement = statement.where(
            TrailEntry.seq >= bounds.begin, TrailEntry.seq < bounds.end,
            TrailEntry.stream.in_(streams), TrailEntry.kind != checkpoints.STREAMS_ENTRY)
    rows = connection.execute(statement.order_by(TrailPrivate.seq, TrailPrivate.name))
    return tuple(pack.Private(*row) for row in rows)


def proof_request(rt, old: int) -> str:
    """What a witness is sent: the newest checkpoint with the proof from the size it knows.

    Raises:
        Unbuildable
    """
    with read(rt) as session:
        connection: Connection = session.connection()
        last = checkpoints.newest(connection)
        if last is None or old > last.size:
            raise Unbuildable(f"no checkpoint of size {old} or above has been signed")
        path = tree.consistency(old, last.size, Tiles(connection))
        return note.request_text(old, path, last.note)


def last_anchor(session: Session, name: str) -> int:
    """The largest size a witness is known to have cosigned."""
    found = session.connection().execute(select(TrailAnchor.size).where(
        TrailAnchor.name == name).order_by(TrailAnchor.size.desc()).limit(1)).scalar()
    return found or 0
