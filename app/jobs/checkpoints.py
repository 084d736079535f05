"""The checkpoint job: counts the streams, signs the head, keeps the tiles.

It signs when 60 s passed and the tree grew, after 1,000 entries, when asked, and once an hour in
any case, so that silence and loss differ. It never signs a head that does not extend the one
before, as computed from stored tiles and leaves, nor one below what anybody outside has seen.
"""

import os
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection

from app.domain.canonical import parse_instant
from app.domain.evidence import Cause
from app.jobs import signing
from app.settings import Settings
from app.store import checkpoints
from app.store.db import Database
from app.store.tiles import Place, Tiles, complete, read_ahead
from app.store.trail import read_head
from audit import note
from audit import trail as tree

EVERY = timedelta(seconds=60)
HEARTBEAT = timedelta(hours=1)
ENTRIES = 1_000
PLAIN = 64  # bytes of an Ed25519 signature; a cosignature has eight more, for its time
# By database, the size signed last by this process and the inner tiles begun by then. What is
# complete does not change; where it was changed, the check of the whole trail tells by the leaves.
_begun: WeakKeyDictionary[Database, tuple[int, Mapping[Place, list[bytes]]]] = WeakKeyDictionary()
log = structlog.get_logger("hufu.jobs.checkpoints")


class Inconsistent(Exception):
    """The stored trail does not extend the last signed head; nothing is signed."""


def run_due(rt) -> int | None:
    """Sign a checkpoint if one is due; its size."""
    signer = signing.load(rt.settings)
    with rt.db.reading() as connection:
        last, size = checkpoints.newest(connection), read_head(connection).size
    reason = due(size, last.size if last else 0, last.made_at if last else None, rt.clock())
    return make(rt, signer, reason) if reason else None


def due(size: int, signed: int, made_at: datetime | None, now: datetime) -> str:
    """Why a checkpoint is due, empty while none is."""
    if made_at is None:
        return Cause.FIRST.value
    if size - signed >= ENTRIES:
        return Cause.ENTRIES.value
    if size > signed and now - made_at >= EVERY:
        return Cause.INTERVAL.value
    return Cause.HEARTBEAT.value if now - made_at >= HEARTBEAT else ""


def make(rt, signer: signing.Signer, reason: str, successor: signing.Signer | None = None) -> int:
    """Count, check, sign and keep; the size signed. A head that hands over to a successor carries
    its signature as well, after that of the key before.

    Decisions wait for the head's lock. So what the tree gained is read and checked before, only the
    count is sealed under it, and what it then says is signed after. A count that was not signed is
    an entry like any other; the next head covers it.

    Raises:
        Inconsistent: what is stored does not extend what was signed; nothing is signed.
        KeyUnusable: the newest head names another key as the one to sign.
    """
    now = rt.clock()
    with rt.db.reading() as connection:
        require_key(connection, signer)
        signed_size, begun = _begun.get(rt.db, (0, {}))
        last, head = checkpoints.newest(connection), read_head(connection)
        before = read_ahead(connection, head.size,
                            begun if last and last.size == signed_size else {})
        require_extension(connection, before, rt.settings, head.size + 1,
                          {head.size: tree.root(list(head.frontier), head.size)})
    with rt.db.writing() as connection:
        counted = checkpoints.count_streams(connection, now, rt.salt)
    with rt.db.writing() as connection:
        checkpoints.sign_alone(connection)
        require_key(connection, signer)
        tiles = Tiles(connection, begun=before.kept)
        require_extension(connection, tiles, rt.settings, counted.size,
                          {counted.size: counted.root})
        text = note.Checkpoint(rt.settings.origin, counted.size, counted.root).text()
        at, signers = _seconds(counted.at), [signer, *([successor] if successor else [])]
        signed = str(note.Note(text, tuple(line for each in signers for line in (
            note.sign_note(text, each.key, each.sign),
            note.cosign(text, at, each.clock, each.sign)))))
        complete(connection, counted.size, tiles)
        checkpoints.keep(connection, counted.size, signed, now, reason)
    _begun[rt.db] = counted.size, tiles.inner
    publish(published(rt.settings), signed)
    log.info("checkpoint", size=counted.size, reason=reason)
    return counted.size


def key_in_force(connection: Connection) -> bytes | None:
    """The id of the key that signs after the newest head: the last that signed it."""
    last = checkpoints.newest(connection)
    lines = note.parse_note(last.note).signatures if last else ()
    return next((line.key_id for line in reversed(lines) if len(line.value) == PLAIN), None)


def require_key(connection: Connection, signer: signing.Signer) -> None:
    """No key signs that the one before it did not hand over to.

    Raises:
        KeyUnusable
    """
    known = key_in_force(connection)
    if known not in (None, signer.key.id):
        raise signing.KeyUnusable(
            f"key {signer.key.id.hex()} may not sign: {known.hex()} is in force. A new key needs "
            "`./hufu keys rotate`; after it, every jobs machine needs the new key file")


def _seconds(at: str) -> int:
    """The head is dated as its newest entry is, which no step back of the clock undercuts."""
    return int(parse_instant(at).timestamp())


def require_extension(connection: Connection, tiles: Tiles, settings: Settings, size: int,
                      roots: Mapping[int, bytes]) -> None:
    """A head of this size is above every one that is known, and the stored tree gives these roots
    and that of every head signed last.

    The published head is asked too: a database restored from an old backup does not know what was
    signed since, the file beside it does.

    Raises:
        Inconsistent
    """
    last = checkpoints.newest(connection)
    heads = [note.parse_checkpoint(note.parse_note(last.note).text)] if last else []
    signed = {head.size: head.root for head in (known(settings), *heads) if head}
    seen = max(checkpoints.newest_outside(connection), *signed, 0)
    if size <= seen:
        raise Inconsistent(f"a head of {size} is not above {seen}, which is known already")
    for each, root in {**signed, **roots}.items():
        try:
            found = tree.root(tree.frontier(each, tiles), each)
        except LookupError as error:
            raise Inconsistent(str(error)) from None
        if found != root:
            raise Inconsistent(f"the stored leaves do not give the root of size {each}")


def published(settings: Settings) -> Path:
    """The file that holds the newest checkpoint."""
    return settings.public_key_file.with_name("trail-checkpoint.txt")


def known(settings: Settings) -> note.Checkpoint | None:
    """The head that was published last, None before the first.

    Raises:
        Inconsistent: the file is not a checkpoint of this zone.
    """
    path = published(settings)
    if not path.exists():
        return None
    try:
        head = note.parse_checkpoint(note.parse_note(path.read_text(encoding="utf-8")).text)
    except ValueError as error:
        raise Inconsistent(f"the published checkpoint cannot be read: {error}") from None
    if head.origin != settings.origin:
        raise Inconsistent(f"the published checkpoint is of `{head.origin}`")
    return head


def publish(path: Path, text: str) -> None:
    """The newest checkpoint where auditors and witnesses find it."""
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
