"""The whole trail recomputed from its rows: what `./hufu verify-trail` reports.

It believes bodies only. Leaves, columns, streams, tiles, head, commitments and signed checkpoints
must all follow from them.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from app.domain.canonical import canonical
from app.store.tables import TrailEntry, TrailPrivate, TrailStream
from app.store.tables_evidence import TrailCheckpoint, TrailTile
from app.store.tiles import WIDTH
from app.store.trail import read_head
from app.store.unit import read
from audit import note
from audit import trail as tree

BATCH = 2_000
MOST_FINDINGS = 100


@dataclass
class Trail:
    """What was recomputed, and what does not follow."""

    size: int = 0
    root: bytes = tree.EMPTY_ROOT
    findings: list[str] = field(default_factory=list)
    checkpoints: int = 0
    private: int = 0
    frontier: list[bytes] = field(default_factory=list)
    last_at: str = ""
    streams: dict[str, int] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)

    def say(self, finding: str) -> None:
        """Keep a finding, the first hundred of them."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


def recompute(rt) -> Trail:
    """Walk every entry and hold everything else against it."""
    with read(rt) as session:
        connection = session.connection()
        found, notes = Trail(), _notes(connection)
        for row in _entries(connection):
            _entry(found, row)
            head = notes.pop(found.size, None)
            if head:
                found.checkpoints += 1
                if head.root != tree.root(found.frontier, found.size):
                    found.say(f"checkpoint {found.size}: the entries do not give the signed root")
        for size in notes:
            found.say(f"checkpoint {size}: the trail has only {found.size} entries")
        found.root = tree.root(found.frontier, found.size)
        _head(connection, found)
        _tiles(connection, found)
        _private(connection, found)
    return found


def _entries(connection: Connection) -> Iterator:
    """Every entry in order, a batch at a time."""
    after = -1
    while True:
        rows = connection.execute(select(*TrailEntry.__table__.columns).where(
            TrailEntry.seq > after).order_by(TrailEntry.seq).limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1].seq


def _entry(found: Trail, row) -> None:
    """One row against its body, and the body against what came before."""
    hashed = tree.leaf(row.body)
    if row.seq != found.size:
        found.say(f"seq {row.seq}: stands where {found.size} should")
    if row.leaf != hashed:
        found.say(f"seq {row.seq}: the leaf is not the body's (stream {row.stream}, "
                  f"{row.stream_seq})")
    try:
        body = json.loads(row.body)
        if canonical(body) != row.body:
            raise ValueError("not canonical")
        columns = ("seq", "stream", "stream_seq", "kind", "ref", "at")
        wrong = [name for name in columns if body[name] != getattr(row, name)]
    except (ValueError, KeyError, TypeError) as error:
        found.say(f"seq {row.seq}: the body cannot be read ({error})")
        wrong = []
    if wrong:
        found.say(f"seq {row.seq}: {', '.join(wrong)} beside the body differ from it")
    expected = found.streams.get(row.stream, 0)
    if row.stream_seq != expected:
        found.say(f"seq {row.seq}: stream {row.stream} has {row.stream_seq} after {expected - 1}")
    if row.at < found.last_at:
        found.say(f"seq {row.seq}: dated before the entry it follows")
    found.streams[row.stream] = row.stream_seq + 1
    found.last_at = max(found.last_at, row.at)
    found.frontier = tree.push(found.frontier, found.size, hashed)
    found.leaves.append(hashed)
    found.size += 1


def _notes(connection: Connection) -> dict[int, note.Checkpoint]:
    """Every signed head, by size."""
    rows = connection.execute(select(TrailCheckpoint.note)).scalars()
    heads = (note.parse_checkpoint(note.parse_note(text).text) for text in rows)
    return {head.size: head for head in heads}


def _head(connection: Connection, found: Trail) -> None:
    """Head row and stream counts are those of the entries."""
    head = read_head(connection)
    if (head.size, list(head.frontier)) != (found.size, found.frontier):
        found.say(f"head: says {head.size} entries or another frontier than the {found.size} found")
    rows = connection.execute(select(TrailStream.stream, TrailStream.count))
    counts = {stream: count for stream, count in rows}
    for stream in sorted({*counts, *found.streams}):
        if counts.get(stream, 0) != found.streams.get(stream, 0):
            found.say(f"stream {stream}: counted {counts.get(stream, 0)}, "
                      f"found {found.streams.get(stream, 0)}")


def _tiles(connection: Connection, found: Trail) -> None:
    """Every stored tile holds what the leaves give."""
    at = tree.stored(found.leaves)
    for tile in connection.execute(select(*TrailTile.__table__.columns)):
        begin = tile.position * WIDTH
        try:
            made = b"".join(at(tile.row * 8, begin + index) for index in range(WIDTH))
        except IndexError:
            made = b""
        if made != tile.hashes:
            found.say(f"tile {tile.row}/{tile.position}: differs from the leaves")


def _private(connection: Connection, found: Trail) -> None:
    """Every value kept beside an entry opens a commitment of that entry."""
    rows = connection.execute(select(
        TrailPrivate.seq, TrailPrivate.name, TrailPrivate.salt, TrailPrivate.value,
        TrailEntry.body).join(TrailEntry, TrailEntry.seq == TrailPrivate.seq))
    for row in rows:
        found.private += 1
        digest = hashlib.sha256(canonical([row.salt, row.name, row.value])).digest()
        if base64.b64encode(digest) not in row.body:
            found.say(f"seq {row.seq}: the value kept for `{row.name}` is not what was sealed")
