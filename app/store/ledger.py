"""The ledger of decisions: nothing is answered before it is durable.

One committer thread takes what waits, decides it, seals it under the head lock in one transaction,
commits, and only then lets the callers answer. There is no linger, no buffer a crash can empty, and
no sampling. Inside each batch the epoch is compared under the lock, and permits are decided again
when a newer change was committed: a stop is therefore ordered with the ledger.
"""

import asyncio
import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import psycopg
from sqlalchemy import Connection, exc

from app.domain.canonical import instant
from app.domain.reservations import Need
from app.store.batch import Batch
from app.store.db import Database
from app.store.sealing import sealed_bytes
from app.store.shelf import Shelf
from audit.trail import leaf, push

UNAVAILABLE = (exc.OperationalError, exc.TimeoutError, sqlite3.OperationalError,
               psycopg.OperationalError)
CAPACITY = 4096
BATCH = 512
ACTOR = b'{"actor":{"account":"pdp","capacity":"SYSTEM","person":"system"},"at":'
log = logging.getLogger("hufu.ledger")


class Line(NamedTuple):
    """One decision ready to be sealed: canonical facts, and the index columns after `seq`."""

    permits: bool
    epoch: int
    kind: str
    ref: str
    stream: str
    facts: bytes
    index: tuple


class Found(NamedTuple):
    """What questions came to on the snapshot of `epoch`: their lines, or, where one of them must
    look something up, every need of theirs and no line yet."""

    epoch: int
    lines: Sequence[Line] = ()
    needs: Sequence[Need] = ()


# Decides questions on the current snapshot; with a shelf, everything they need is looked up.
Hear = Callable[[Shelf | None], Found]


class Refused(Exception):
    """The ledger could not take it; nothing may be permitted. `code` is the reason to give."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def held_latch() -> threading.Lock:
    """A lock taken by nobody in particular: whoever waits for it is let through by its release."""
    latch = threading.Lock()
    latch.acquire()
    return latch


@dataclass(slots=True)
class Waiting:
    """Questions that are answered together. A thread waits for the latch, a task for the `told`,
    whose result is the code of a refusal, empty for none."""

    hear: Hear
    found: Found = Found(0)
    done: threading.Lock = field(default_factory=held_latch)
    told: asyncio.Future | None = None
    refused: str = ""
    withdrawn: bool = False


class Ledger:
    """One committer per process. `catch_up` brings the snapshot to what a transaction sees."""

    def __init__(self, db: Database, catch_up: Callable[[Connection], object],
                 clock: Callable[[], datetime], wait_s: float, capacity: int = CAPACITY) -> None:
        self._db, self._catch_up, self._clock, self._wait_s = db, catch_up, clock, wait_s
        self._capacity = capacity
        self._queue: deque[Waiting] = deque()
        self._arrived = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="hufu-ledger", daemon=True)
        self._thread.start()

    def seal(self, hear: Hear) -> Sequence[Line]:
        """What ``hear`` decided, once it is durable. It is called in the committer's thread:
        decisions made one after another cost less than decisions that take turns.

        Raises:
            Refused: the queue is full, the wait is over, or the store did not take them.
        """
        waiting = Waiting(hear)
        self._enter(waiting)
        if not waiting.done.acquire(timeout=self._wait_s):
            with self._arrived:
                waiting.withdrawn = True
            raise Refused("SYS.TIMEOUT")
        if waiting.refused:
            raise Refused(waiting.refused)
        return waiting.found.lines

    async def seal_soon(self, hear: Hear) -> Sequence[Line]:
        """The same for a task: the loop goes on while the batch is sealed."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(hear, told=loop.create_future())
        self._enter(waiting)
        timer = loop.call_later(self._wait_s, self._give_up, waiting)
        refused = await waiting.told
        timer.cancel()
        if refused:
            raise Refused(refused)
        return waiting.found.lines

    def _enter(self, waiting: Waiting) -> None:
        with self._arrived:
            if self._is_closed or len(self._queue) >= self._capacity:
                raise Refused("SYS.UNAVAILABLE")
            self._queue.append(waiting)
            self._arrived.notify()

    def _give_up(self, waiting: Waiting) -> None:
        with self._arrived:
            waiting.withdrawn = True
        if not waiting.told.done():
            waiting.told.set_result("SYS.TIMEOUT")

    def close(self) -> None:
        with self._arrived:
            self._is_closed = True
            self._arrived.notify()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            with self._arrived:
                while not self._queue and not self._is_closed:
                    self._arrived.wait()
                if not self._queue:
                    return
                batch = self._take()
            if batch:
                self._commit(batch)

    def _take(self) -> list[Waiting]:
        """What waits, up to a batch; who gave up waiting is left out and never written."""
        batch, size = [], 0
        while self._queue and size < BATCH:
            waiting = self._queue.popleft()
            if not waiting.withdrawn:
                batch.append(waiting)
                size += 1
        return batch

    def _commit(self, batch: list[Waiting]) -> None:
        began = time.monotonic()
        try:
            for waiting in batch:
                waiting.found = waiting.hear(None)
            with self._db.writing() as connection:
                self._seal_batch(connection, batch)
            refused = ""
        except UNAVAILABLE as error:
            log.error("batch of %d not sealed: %s", len(batch), type(error).__name__)
            is_lock = is_lock_wait(error) or time.monotonic() - began >= self._db.lock_wait_s
            refused = "SYS.TIMEOUT" if is_lock else "SYS.UNAVAILABLE"
        except Exception:  # the committer must outlive any defect; whoever waits is refused
            log.exception("batch of %d not sealed", len(batch))
            refused = "SYS.UNAVAILABLE"
        for waiting in batch:
            waiting.refused = refused
            waiting.done.release()
        tell([waiting for waiting in batch if waiting.told])

    def _seal_batch(self, connection: Connection, waiting: list[Waiting]) -> None:
        batch = Batch(connection)
        head = batch.head()
        if any(each.found.epoch != head[3] for each in waiting):
            self._catch_up(connection)
            for each in waiting:
                if each.found.epoch < head[3] and (
                        each.found.needs or any(line.permits for line in each.found.lines)):
                    each.found = each.hear(None)
        settle(batch, waiting)
        append_lines(batch, head, [line for each in waiting for line in each.found.lines],
                     self._clock())


def tell(waiting: Sequence[Waiting]) -> None:
    """Wake the tasks of a batch, all with one call into their loop."""
    def every() -> None:
        for each in waiting:
            if not each.told.done():
                each.told.set_result(each.refused)

    if waiting:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it who waited
            waiting[0].told.get_loop().call_soon_threadsafe(every)


def settle(batch: Batch, waiting: Sequence[Waiting]) -> None:
    """Decide what had to look something up, one after another, and set aside what permits use."""
    open_ones = [each for each in waiting if each.found.needs]
    if not open_ones:
        return
    shelf = Shelf(batch)
    shelf.load(need for each in open_ones for need in each.found.needs)
    for each in open_ones:
        each.found = each.hear(shelf)
    shelf.save()


def append_lines(batch: Batch, head: tuple[int, list[bytes], str, int], lines: Sequence[Line],
                 at: datetime) -> None:
    """Grow the tree by these decisions and index them, under the lock the caller holds.

    An entry's instant is never before that of the entry it follows, whatever the clock does.
    """
    size, frontier, last_at, _ = head
    sealed_at = max(instant(at), last_at)
    streams = {line.stream: 0 for line in lines}
    streams.update((stream, batch.stream_count(stream)) for stream in streams)
    entries, indexed = [], []
    for line in lines:
        stream_seq = streams[line.stream]
        body = entry_body(line, size, stream_seq, sealed_at)
        hashed = leaf(body)
        frontier = push(frontier, size, hashed)
        entries.append((size, line.stream, stream_seq, line.kind, line.ref, sealed_at, hashed,
                        body))
        indexed.append((size, *line.index))
        streams[line.stream] = stream_seq + 1
        size += 1
    batch.insert_entries(entries)
    batch.insert_decisions(indexed)
    batch.save_streams(streams)
    batch.save_head(size, frontier, sealed_at)


def entry_body(line: Line, seq: int, stream_seq: int, at: str) -> bytes:
    """The canonical entry, put together around facts that are canonical already.

    The same bytes as `trail.append` gives; a test holds them equal.
    """
    return b"".join((
        ACTOR, sealed_bytes(at), b',"facts":', line.facts, b',"kind":', sealed_bytes(line.kind),
        b',"ref":', sealed_bytes(line.ref), b',"seq":%d,"stream":' % seq,
        sealed_bytes(line.stream), b',"stream_seq":%d,"v":1}' % stream_seq))


def is_lock_wait(error: Exception) -> bool:
    """Whether a store refused because somebody else held the lock too long."""
    text = str(getattr(error, "orig", error)).lower()
    return "locked" in text or "lock timeout" in text or "busy" in text
