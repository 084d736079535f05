"""A second server that follows the first and answers what may be a moment old: lists, sheets and
exports. Commands, decisions, and whatever a session reads after it wrote, stay with the first.

Nothing is read from it unless it follows: it must have seen what the session wrote, and its newest
beat must be young. When it is gone the first answers, and it is tried again a little later.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.domain.refusals import NotRecorded
from app.store.db import Database
from app.store.tables import TrailHead
from app.store.tables_gateways import ProcessBeat

T = TypeVar("T")
MOST_LAG_S, LOOK_EVERY_S, TRY_AGAIN_S = 10, 1.0, 5.0
MARK = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
WRITTEN = text("SELECT CAST(pg_current_wal_lsn() AS text)")
HAS_SEEN = text("SELECT NOT pg_is_in_recovery() "
                "OR pg_last_wal_replay_lsn() >= CAST(:mark AS pg_lsn)")
log = logging.getLogger("hufu.replica")


@dataclass
class Way:
    """Where the reads of one request may go. `mark` is what its session wrote last."""

    may_lag: bool
    mark: str = ""
    wrote: bool = False


_way: ContextVar[Way | None] = ContextVar("hufu_way", default=None)
_there: ContextVar[bool] = ContextVar("hufu_there", default=False)


@dataclass(frozen=True)
class Standing:
    """How the replica stands: seconds since the newest beat it has, None where it is gone."""

    host: str
    lag_s: int | None
    epoch: int
    seen_at: datetime | None


class Replica:
    """The second server, read-only whatever its role may do."""

    def __init__(self, url: str, clock: Callable[[], datetime], lock_wait_s: float = 2.0) -> None:
        address = make_url(url)
        self.host = f"{address.host}:{address.port or 5432}"
        self._db = Database(address.update_query_dict({
            "connect_timeout": "2", "options": "-c default_transaction_read_only=on",
        }).render_as_string(hide_password=False), lock_wait_s=lock_wait_s)
        self._clock = clock
        self._try_at = self._looked_at = float("-inf")
        self._is_near = False

    def serves(self, mark: str) -> bool:
        """Whether it follows, and has seen what was written up to the mark."""
        now = time.monotonic()
        if now < self._try_at or (mark and not MARK.fullmatch(mark)):
            return False
        try:
            if now >= self._looked_at + LOOK_EVERY_S:
                lag = self.standing().lag_s
                self._is_near, self._looked_at = lag is not None and lag <= MOST_LAG_S, now
            if not mark or not self._is_near:
                return self._is_near
            with self._db.engine.connect() as connection:
                return bool(connection.execute(HAS_SEEN, {"mark": mark}).scalar())
        except SQLAlchemyError as error:
            self.lost(error)
            return False

    def lost(self, error: BaseException) -> None:
        """It is left alone for a while."""
        log.warning("the read replica does not answer: %s", type(error).__name__)
        self._try_at, self._looked_at = time.monotonic() + TRY_AGAIN_S, float("-inf")

    def reading(self) -> AbstractContextManager[Connection]:
        return self._db.reading()

    def standing(self) -> Standing:
        """How far it is behind.

        Raises:
            SQLAlchemyError: it does not answer.
        """
        with self._db.reading() as connection:
            epoch = connection.execute(select(TrailHead.epoch)).scalar_one()
            seen = connection.execute(select(func.max(ProcessBeat.confirmed_at))).scalar()
        lag = None if seen is None else max(int((self._clock() - seen).total_seconds()), 0)
        return Standing(self.host, lag, epoch, seen)

    def close(self) -> None:
        self._db.close()


def begin_request(way: Way):
    """The way of a request; the token ends it."""
    return _way.set(way)


def end_request(token) -> None:
    _way.reset(token)


def wrote() -> None:
    """An act was committed: what follows in this request is read from the first server."""
    way = _way.get()
    if way:
        way.wrote, way.may_lag = True, False


def written(connection: Connection) -> str:
    """The mark of everything committed so far, on the first server."""
    return connection.execute(WRITTEN).scalar_one()


def asked(rt, run: Callable[[], T]) -> T:
    """A query answered by the replica where it may be, else, or when that fails, by the first."""
    way = _way.get()
    if rt.replica is None or way is None or not way.may_lag or not rt.replica.serves(way.mark):
        return run()
    token = _there.set(True)
    try:
        return run()
    except NotRecorded as error:
        rt.replica.lost(error)
        way.may_lag = False
    finally:
        _there.reset(token)
    return run()


@contextmanager
def at_the_first() -> Iterator[None]:
    """What is read in the block is read from the first server."""
    token = _there.set(False)
    try:
        yield
    finally:
        _there.reset(token)


def reading(rt) -> AbstractContextManager[Connection]:
    """A reading transaction on the server this read goes to."""
    return rt.replica.reading() if _there.get() else rt.db.reading()
