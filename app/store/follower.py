"""Keeping the snapshot fresh: by act in this process, by notice and by poll in every other.

The epoch is read every 250 ms on both engines; PostgreSQL's notice only makes it sooner. Who could
not read it for the stated time knows that it is stale.
"""

import gc
import logging
import threading
import time

import psycopg
from sqlalchemy import Connection, exc

from app.store import snapshot
from app.store.db import Database
from app.store.snapshot import Snapshot, WithLines

POLL_S = 0.25
UNREADABLE = (exc.SQLAlchemyError, psycopg.Error, OSError)
log = logging.getLogger("hufu.snapshot")


def keep_for_good() -> None:
    """What is loaded now is never searched for cycles again; decisions make none to speak of."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class Follower:
    """Holds the current snapshot. Readers take the reference once; it is swapped by assignment."""

    def __init__(self, db: Database, with_lines: WithLines) -> None:
        self._db, self._with_lines = db, with_lines
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self.moved = threading.Event()  # the snapshot is another than when it was last cleared
        self._threads: list[threading.Thread] = []
        with db.reading() as connection:
            self.current: Snapshot = snapshot.full(connection, with_lines)
        self._confirmed = time.monotonic()

    def start(self) -> None:
        """Follow the epoch in the background until closed."""
        keep_for_good()
        work = [self._poll] if self._db.is_sqlite else [self._poll, self._listen]
        for target in work:
            thread = threading.Thread(target=target, name=f"hufu-{target.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        self._closed.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(2)

    def is_stale(self, after_s: float) -> bool:
        """Whether the epoch was last read longer ago than that. Who does not poll reads it now."""
        if not self._threads and time.monotonic() - self._confirmed > after_s:
            self.refresh()
        return time.monotonic() - self._confirmed > after_s

    def is_followed(self, within_s: float) -> bool:
        """Whether the epoch is followed in the background and was read within that time."""
        return bool(self._threads) and time.monotonic() - self._confirmed <= within_s

    def is_lost(self, after_s: float) -> bool:
        """Whether the epoch is followed in the background, and was last read longer ago."""
        return bool(self._threads) and time.monotonic() - self._confirmed > after_s

    def refresh(self) -> None:
        """Catch up now, in the caller's thread; a store that cannot be read leaves us waiting."""
        try:
            with self._db.reading() as connection:
                self.catch_up(connection)
        except UNREADABLE as error:
            log.warning("epoch unreadable: %s", type(error).__name__)
        except Exception:  # a defect here leaves us stale, which denies; acts are not its victims
            log.exception("the snapshot could not be brought up to date")

    def catch_up(self, connection: Connection) -> Snapshot:
        """The snapshot at the epoch this transaction sees."""
        with self._lock:
            asked = time.monotonic()
            epoch = snapshot.live_epoch(connection)
            if epoch > self.current.picture.epoch:
                self.current = snapshot.since(connection, self._with_lines, self.current, epoch)
                self.moved.set()
            self._confirmed = asked
            return self.current

    def wait_for(self, epoch: int, seconds: float) -> bool:
        """Whether the snapshot has reached ``epoch``, waiting so long for it and no longer: where
        the epoch is followed, the store is read in the background."""
        ends = time.monotonic() + seconds
        while self.current.picture.epoch < epoch:
            if time.monotonic() >= ends:
                return False
            if self._threads:
                self._wake.set()
            else:
                self.refresh()
            if self.current.picture.epoch < epoch:
                time.sleep(0.01)
        return True

    def _poll(self) -> None:
        while not self._closed.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            if not self._closed.is_set():
                self.refresh()

    def _listen(self) -> None:
        """Wake the poll as soon as PostgreSQL says that the epoch rose."""
        address = self._db.url.replace("postgresql+psycopg://", "postgresql://", 1)
        while not self._closed.is_set():
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
                    connection.execute("LISTEN hufu_epoch")
                    while not self._closed.is_set():
                        for _ in connection.notifies(timeout=POLL_S, stop_after=1):
                            self._wake.set()
            except psycopg.Error:
                self._closed.wait(POLL_S)
