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
from datetime import datetime
from queue import Empty, SimpleQueue

import msgspec
import psycopg
from sqlalchemy import Connection, exc

from app.domain.moments import Instants, instants
from app.domain.reservations import Need
from app.store.appending import Line, append_lines
from app.store.batch import Batch
from app.store.db import Database, Writer
from app.store.shelf import Shelf

UNAVAILABLE = (exc.OperationalError, exc.TimeoutError, sqlite3.OperationalError,
               psycopg.OperationalError)
CAPACITY = 4096
BATCH = 512  # questions that are sealed together; those of one call always are
LOOKS_S = 0.05  # how often who waited too long in a loop is looked for
WRITING_S = 0.1  # longer, where it is being written already: the caller is told what the trail says
log = logging.getLogger("hufu.ledger")


class Found(msgspec.Struct, frozen=True):
    """What questions came to on the snapshot of `epoch`: their lines, or, where one of them must
    look something up, every need of theirs and no line yet."""

    epoch: int
    lines: Sequence[Line] = ()
    needs: Sequence[Need] = ()


# Decides questions on the current snapshot, at the instant of their batch; with a shelf, everything
# they need is looked up. Where nothing may be decided, it raises `Refused`.
Hear = Callable[[Shelf | None, Instants], Found]
# Hears, in its loop, the code of a refusal, empty for none.
Then = Callable[[str], object]


class Refused(Exception):
    """The ledger could not take it; nothing may be permitted. `code` is the reason to give."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Waiting(msgspec.Struct, eq=False):
    """Questions that are answered together. A thread waits for the latch; who has none is called
    back in its loop. The claim is for who comes first: the committer, once nothing but the commit
    is to be waited for, or the caller who gives up."""

    hear: Hear
    latch: "threading.Lock | None" = None
    loop: asyncio.AbstractEventLoop | None = None
    then: Then | None = None
    found: Found = Found(0)
    refused: str = ""
    count: int = 1  # of the questions
    claim: threading.Lock = msgspec.field(default_factory=threading.Lock)

    def claimed(self) -> bool:
        """Whether nobody had claimed it before."""
        return self.claim.acquire(blocking=False)

    def tell(self, code: str) -> None:
        """Call back who waits; told twice, it is told once."""
        then, self.then = self.then, None
        try:
            if then:
                then(code)
        except Exception:  # the others are told whatever one of them does
            log.exception("who waited could not be told")

    def give_up(self) -> None:
        self.tell("SYS.TIMEOUT")


class Patience:
    """Ends the waiting in a loop of who waited long enough, with one timer for all of them; who
    came in one turn of the loop waits together."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s, self._every_s = wait_s, min(LOOKS_S, wait_s / 4)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns: deque[tuple[float, Sequence[Waiting]]] = deque()

    def watch(self, turn: Sequence[Waiting], loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            self._loop = loop
            self._turns.clear()
        if not self._turns:
            loop.call_later(self._every_s, self._look)
        self._turns.append((loop.time() + self._wait_s, turn))

    def _look(self) -> None:
        now = self._loop.time()
        while self._turns and (self._turns[0][0] <= now or are_told(self._turns[0][1])):
            for waiting in self._turns.popleft()[1]:
                if waiting.then is None:
                    continue
                if waiting.claimed():
                    waiting.give_up()
                else:
                    self._loop.call_later(WRITING_S, waiting.give_up)
        if self._turns:
            self._loop.call_later(self._every_s, self._look)


def are_told(turn: Sequence[Waiting]) -> bool:
    """Whether nobody of a turn waits any longer; the last of it is told last."""
    return turn[-1].then is None and all(each.then is None for each in turn)


class Ledger:
    """One committer per process. `catch_up` brings the snapshot to what a transaction sees."""

    def __init__(self, db: Database, catch_up: Callable[[Connection], object],
                 clock: Callable[[], datetime], wait_s: float, capacity: int = CAPACITY) -> None:
        self._catch_up, self._clock, self._wait_s = catch_up, clock, wait_s
        self._db, self._writer = db, Writer(db)
        self._capacity, self._patience = capacity, Patience(wait_s)
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()  # None is its end
        self._gathered: list[Waiting] = []  # what this turn of the loop brought
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="hufu-ledger", daemon=True)
        self._thread.start()

    def seal(self, hear: Hear, count: int = 1) -> Sequence[Line]:
        """What ``hear`` decided on so many questions, once it is durable. It is called in the
        committer's thread: decisions made one after another cost less than those that take turns.

        Raises:
            Refused: the queue is full, the wait is over, or the store did not take them.
        """
        self._require_room()
        latch = threading.Lock()
        latch.acquire()
        waiting = Waiting(hear, latch, count=count)
        self._queue.put(waiting)
        if not latch.acquire(timeout=self._wait_s) and (
                waiting.claimed() or not latch.acquire(timeout=WRITING_S)):
            raise Refused("SYS.TIMEOUT")
        if waiting.refused:
            raise Refused(waiting.refused)
        return waiting.found.lines

    def seal_then(self, hear: Hear, then: Then, count: int = 1) -> None:
        """The same for who is called back in the running loop, with the code of a refusal.

        Raises:
            Refused: the queue is full.
        """
        self._require_room()
        loop = asyncio.get_running_loop()
        if self._gathered and self._gathered[0].loop is not loop:
            self._gathered = []  # that loop is gone, and with it who waited
        if not self._gathered:
            loop.call_soon(self._hand_over)
        self._gathered.append(Waiting(hear, loop=loop, then=then, count=count))

    def _hand_over(self) -> None:
        """Let the committer have what one turn of the loop brought, all at once: it would wake for
        the first of them and take turns with the loop while the others are read."""
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._patience.watch(gathered, gathered[0].loop)
        for each in gathered:
            self._queue.put(each)

    def _require_room(self) -> None:
        if self._is_closed or self._queue.qsize() + len(self._gathered) >= self._capacity:
            raise Refused("SYS.UNAVAILABLE")

    def close(self) -> None:
        self._is_closed = True
        self._queue.put(None)
        self._thread.join(5)

    def _run(self) -> None:
        """Seal what waits, a batch at a time; who gave up waiting is left out and never written."""
        is_open = True
        while is_open:
            each, batch, count = self._queue.get(), [], 0
            with contextlib.suppress(Empty):
                while each is not None:
                    if not each.claim.locked():
                        batch.append(each)
                        count += each.count
                    if count >= BATCH:
                        break
                    each = self._queue.get_nowait()
            is_open = each is not None
            if batch:
                self._commit(batch)
        self._writer.close()

    def _commit(self, batch: list[Waiting]) -> None:
        began = time.monotonic()
        try:
            now = instants(self._clock())
            for waiting in batch:
                waiting.found = waiting.hear(None, now)
            with self._writer.writing() as connection:
                self._seal_batch(connection, batch, now)
            refused = ""
        except UNAVAILABLE as error:
            log.error("batch of %d not sealed: %s", len(batch), type(error).__name__)
            is_lock = is_lock_wait(error) or time.monotonic() - began >= self._db.lock_wait_s
            refused = "SYS.TIMEOUT" if is_lock else "SYS.UNAVAILABLE"
        except Refused as refusal:
            refused = refusal.code
        except Exception:  # the committer must outlive any defect; whoever waits is refused
            log.exception("batch of %d not sealed", len(batch))
            refused = "SYS.UNAVAILABLE"
        for waiting in batch:
            waiting.refused = refused
            if waiting.latch:
                waiting.latch.release()
        tell([waiting for waiting in batch if waiting.loop])

    def _seal_batch(self, connection: Connection, waiting: list[Waiting], now: Instants) -> None:
        batch = Batch(connection)
        head, counts = batch.head({line.stream for each in waiting for line in each.found.lines})
        waiting = [each for each in waiting if each.claimed()]
        if not waiting:
            return
        if any(each.found.epoch != head.epoch for each in waiting):
            self._catch_up(connection)
            now = instants(self._clock())
            for each in waiting:
                if each.found.epoch < head.epoch and (
                        each.found.needs or any(line.permits for line in each.found.lines)):
                    each.found = each.hear(None, now)
        settle(batch, waiting, now)
        append_lines(batch, head, counts,
                     [line for each in waiting for line in each.found.lines], self._clock())


def tell(waiting: Sequence[Waiting]) -> None:
    """Call back everybody of a batch, all with one call into their loop."""
    def every() -> None:
        for each in waiting:
            each.tell(each.refused)

    if waiting:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it who waited
            waiting[0].loop.call_soon_threadsafe(every)


def settle(batch: Batch, waiting: Sequence[Waiting], now: Instants) -> None:
    """Decide what had to look something up, one after another, and set aside what permits use."""
    open_ones = [each for each in waiting if each.found.needs]
    if not open_ones:
        return
    shelf = Shelf(batch)
    shelf.load(need for each in open_ones for need in each.found.needs)
    for each in open_ones:
        each.found = each.hear(shelf, now)
    shelf.save()


def is_lock_wait(error: Exception) -> bool:
    """Whether a store refused because somebody else held the lock too long."""
    text = str(getattr(error, "orig", error)).lower()
    return "locked" in text or "lock timeout" in text or "busy" in text
