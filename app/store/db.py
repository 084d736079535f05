"""One database behind one object: engine and transactions."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlmodel import SQLModel

from app.store import ranges
from app.store.guards import install_guards

STATEMENT_S = 15.0  # no statement runs longer, on either engine (W09)
# How long a server of PostgreSQL may not be reached, or not take what was sent to it.
REACHED = {"connect_timeout": 2, "tcp_user_timeout": 10_000, "keepalives_idle": 5,
           "keepalives_interval": 2, "keepalives_count": 3}
RESTED_S = 1.0  # without use, after which a kept connection is looked at again
WHOLE = {"hufu_whole": True, "yield_per": 5_000}  # how a whole table is read, part by part
STEPS = 100_000  # of SQLite's machine between two looks at the clock


class Database:
    """An engine and how this product opens transactions on it.

    SQLite: WAL, synchronous FULL, writers begin IMMEDIATE, recursive triggers on (so that
    INSERT OR REPLACE meets the append-only guards too). Both: lock and statement timeouts, and
    errors that name no value.
    """

    def __init__(self, url: str, *, lock_wait_s: float = 2.0, durable: bool = True,
                 statement_s: float = STATEMENT_S):
        self.url = url
        self.statement_s = statement_s
        self.is_sqlite = url.startswith("sqlite")
        self.lock_wait_s = lock_wait_s
        options: dict = {"connect_args": {"timeout": lock_wait_s, "check_same_thread": False}} if (
            self.is_sqlite) else {"pool_size": 12, "max_overflow": 20, "pool_pre_ping": True,
                                  "pool_timeout": lock_wait_s, "connect_args": REACHED}
        self.engine: Engine = create_engine(url, hide_parameters=True, **options)
        event.listen(self.engine, "connect", self._prepare(durable))
        if self.is_sqlite:
            event.listen(self.engine, "begin", _begin)
            event.listen(self.engine, "before_cursor_execute", self._bound)
            event.listen(self.engine, "handle_error", _let_go)

    def _prepare(self, durable: bool):
        wait_ms = int(self.lock_wait_s * 1000)

        def connect(raw, record):
            cursor = raw.cursor()
            if self.is_sqlite:
                raw.isolation_level = None
                raw.set_progress_handler(
                    lambda: time.monotonic() > record.info.get("ends", float("inf")), STEPS)
                for pragma in ("journal_mode=WAL",
                               f"synchronous={'FULL' if durable else 'OFF'}",
                               "foreign_keys=ON", "recursive_triggers=ON",
                               "temp_store=MEMORY",
                               f"busy_timeout={wait_ms}"):
                    cursor.execute(f"PRAGMA {pragma}")
            else:
                cursor.execute(f"SET lock_timeout = {wait_ms}")
                cursor.execute(f"SET statement_timeout = {int(self.statement_s * 1000)}")
                cursor.execute("SET timezone = 'UTC'")
                raw.commit()
            cursor.close()

        return connect

    def _bound(self, connection: Connection, _cursor, _statement, _values, context, _many) -> None:
        """The statement about to run on SQLite ends in time; PostgreSQL counts by itself, and for
        each part anew where rows come in parts. Only the snapshot reads for longer (`WHOLE`)."""
        is_whole = context is not None and context.execution_options.get("hufu_whole")
        connection.info["ends"] = time.monotonic() + (
            float("inf") if is_whole else self.statement_s)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write; on SQLite it takes the write lock at once."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(hufu_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def create_all(self) -> None:
        """Every table, range and guard, for tests; a zone is set up by migrations."""
        from app.store import schema  # noqa: F401  (declares every table)

        with self.writing() as connection:
            SQLModel.metadata.create_all(connection)
            ranges.ensure(connection)
            install_guards(connection)

    def close(self) -> None:
        self.engine.dispose()


class Writer:
    """The connection of a thread that writes all the time, kept between its transactions.

    One that rested goes back to the pool, which looks whether it still lives; one whose transaction
    failed is not used again.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: Connection | None = None
        self._used = 0.0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write, as `Database.writing`."""
        if time.monotonic() - self._used > RESTED_S:
            self.close()
        if self._kept is None:
            self._kept = self._db.engine.connect().execution_options(hufu_write=True)
        try:
            with self._kept.begin():
                yield self._kept
        except BaseException:
            self._kept.invalidate()
            self.close()
            raise
        self._used = time.monotonic()

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _let_go(failed: ExceptionContext) -> None:
    """A connection opened while its file took no writes never will: it is not kept."""
    if "readonly" in str(failed.original_exception):
        failed.is_disconnect = True


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hufu_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
