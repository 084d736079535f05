"""Ledgers on PostgreSQL with ranges so narrow that a test crosses them."""

import itertools
import os

from sqlalchemy import text

from app import runtime
from app.settings import load
from app.store.appending import Line, append_lines
from app.store.batch import Batch
from app.store.migrate import upgrade
from app.store.sealing import sealed_bytes

_numbers = itertools.count()


def database(cluster, template: str = "template0") -> str:
    """The URL of a database of its own."""
    return cluster.database(f"ledger{os.getpid()}_{next(_numbers)}", template)


def founded(url: str, folder, clock, rows: int = 8) -> runtime.Runtime:
    """A founded zone whose ledger lies in ranges of so many places."""
    upgrade(url, rows)
    rt = runtime.build(load({}, data_dir=folder, database_url=url), durable=False)
    rt.clock = clock
    runtime.found(rt)
    return rt


def line(key: str, stream: str = "inst/a", *, permits: bool = True) -> Line:
    """A decision of this id."""
    facts = sealed_bytes({"decision": key})
    index = (key, "2026-11-23T02:00:00.000000Z", permits, stream.removeprefix("inst/"), "", "",
             "GR-1", "", "", "", "", "", "", 1)
    return Line(permits, 1, "decision.permit", f"decision/{key}", stream, facts, index)


def decided(rt, *lines: Line) -> None:
    """These decisions in one batch, as the committer writes them."""
    with rt.db.writing() as connection:
        batch = Batch(connection)
        append_lines(batch, *batch.head(), lines, rt.clock())


def rows(rt, statement: str, **values) -> list[tuple]:
    with rt.db.reading() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def ranges_of(rt, table: str) -> list[str]:
    """Every range of a table, as it is named in the database."""
    return [name for (name,) in rows(rt, (
        "SELECT i.inhrelid::regclass::text FROM pg_inherits i "
        "WHERE i.inhparent = to_regclass(:name) ORDER BY 1"), name=table)]
