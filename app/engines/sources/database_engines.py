"""Connections that can only read: every session is made read-only before anything is asked of it.

Options are ours and constant; nothing of them comes from a URL.
"""

import contextlib
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.engines.sources.database_urls import Target
from app.engines.sources.remarks import SourceRefused
from app.engines.sources.sampling import Limits

CONNECT_S = 10
LOCK_MS = 2_000
STEPS = 10_000  # of SQLite's machine between two looks at the clock
_SQLITE_ACTS = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION,
})
_SQLITE_PRAGMAS = frozenset({
    "table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info",
    "index_xinfo", "read_uncommitted",
})


def engine_of(target: Target, address: str, limits: Limits) -> Engine:
    """An engine whose sessions read and nothing else; a server is called at ``address``.

    Raises:
        SourceRefused: the file is not there.
    """
    if target.kind == "sqlite":
        return _sqlite(target.path, limits)
    return {"postgresql": _postgresql, "mysql": _mysql}[target.kind](target, address, limits)


def _sqlite(path: Path, limits: Limits) -> Engine:
    if not path.is_file():
        raise SourceRefused("没有这个文件", "there is no such file")
    uri = f"{path.absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(uri, uri=True, timeout=2, isolation_level=None)
        raw.text_factory = lambda text: text.decode("utf-8", "replace")
        raw.execute("PRAGMA query_only = ON")
        raw.execute("PRAGMA trusted_schema = OFF")
        raw.execute("PRAGMA cell_size_check = ON")
        raw.set_authorizer(_judged)
        return raw

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "before_cursor_execute", _bounded(limits.table_s))
    return engine


def _judged(act: int, name: str | None, *_: str | None) -> int:
    """SQLite asks for every part of a statement; what is not reading is denied."""
    reads = act in _SQLITE_ACTS or (act == sqlite3.SQLITE_PRAGMA and name in _SQLITE_PRAGMAS)
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


def _bounded(seconds: float):
    """A listener that ends a statement of SQLite in time."""

    def begin(connection: Connection, *_: object) -> None:
        ends = time.monotonic() + seconds
        raw = connection.connection.dbapi_connection
        raw.set_progress_handler(lambda: time.monotonic() > ends, STEPS)

    return begin


def _postgresql(target: Target, address: str, limits: Limits) -> Engine:
    """Options of the session go with the connection, so no setting of the role comes before them.

    The empty search path keeps a table or function of the source from standing in for a built-in.
    """
    options = {
        "default_transaction_read_only": "on",
        "statement_timeout": int(limits.table_s * 1000),
        "lock_timeout": LOCK_MS,
        "idle_in_transaction_session_timeout": int(limits.table_s * 1000),
        "search_path": "pg_catalog",
    }
    url = URL.create("postgresql+psycopg", target.account, target.password or None, target.host,
                     target.port, target.name)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={
        "hostaddr": address, "connect_timeout": CONNECT_S, "application_name": "hufu-scan",
        "client_encoding": "utf8",
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
    })
    return engine.execution_options(postgresql_readonly=True)


def _mysql(target: Target, address: str, limits: Limits) -> Engine:
    """MySQL and MariaDB; a server that asks for a file of ours gets none."""
    url = URL.create("mysql+pymysql", target.account, target.password or None, address,
                     target.port, target.name)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={
        "connect_timeout": CONNECT_S, "read_timeout": int(limits.table_s) + CONNECT_S,
        "write_timeout": CONNECT_S, "local_infile": False, "charset": "utf8mb4",
    })

    @event.listens_for(engine, "connect")
    def prepare(raw, _) -> None:
        with raw.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            for bound, value in (
                ("SET SESSION lock_wait_timeout = %s", LOCK_MS // 1000),
                ("SET SESSION max_execution_time = %s", int(limits.table_s * 1000)),
                ("SET SESSION max_statement_time = %s", int(limits.table_s)),
            ):
                with contextlib.suppress(raw.Error):  # no server knows all of them
                    cursor.execute(bound, (value,))

    return engine


def unreachable(kind: str) -> SourceRefused:
    """No session could be opened."""
    if kind == "sqlite":
        return SourceRefused(
            "不是 SQLite 数据库，或已损坏、被锁定、无权读取",
            "no SQLite database, or damaged, locked or not readable",
        )
    return SourceRefused(
        "连接不上数据库，请检查地址、帐号、口令和网络",
        "the database cannot be reached: check address, account, password and network",
    )


def refused(error: DBAPIError) -> SourceRefused:
    """A driver's error in words of ours: its own may hold values of the source."""
    state = str(getattr(error.orig, "sqlstate", None) or _number(error) or "")
    if state in ("57014", "3024", "1969") or "interrupted" in str(error.orig):
        return SourceRefused(
            "超过时限，未读取；可减少 --rows 或另建只含所需字段的视图",
            "took too long and was not read: ask for fewer --rows or make a narrower view",
        )
    if state in ("42501", "1142", "1143", "1044"):
        return SourceRefused("帐号无权读取", "the account may not read it")
    kind = type(error.orig).__name__
    if type(error.orig) is sqlite3.DatabaseError:
        return unreachable("sqlite")
    return SourceRefused(
        f"数据库报错（{kind}{' ' + state if state else ''}）",
        f"the database reported {kind}{' ' + state if state else ''}",
    )


def _number(error: DBAPIError) -> int | None:
    """PyMySQL gives its number first."""
    first = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return first if isinstance(first, int) else None
