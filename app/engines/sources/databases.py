"""A live database as a source: each table an item, read in a transaction of its own.

One table that fails, by its time limit or otherwise, costs itself only.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, Engine, func, select, table, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.domain.classification.facts import TableSample
from app.domain.scans import Outline
from app.engines.sources.database_accounts import require_reader
from app.engines.sources.database_engines import engine_of, refused, unreachable
from app.engines.sources.database_outlines import outlines
from app.engines.sources.database_rows import (
    SEED,
    Declared,
    Relation,
    declared,
    is_binary,
    relations,
    sampling,
)
from app.engines.sources.database_urls import Target
from app.engines.sources.headings import column_names
from app.engines.sources.remarks import Remarks, SourceRefused
from app.engines.sources.report import Found, Item, Source
from app.engines.sources.sampling import Limits, RowSample, columns_of
from app.engines.sources.targets import Network, Resolver, address_of, resolved


def open_database(
    target: Target,
    networks: tuple[Network, ...],
    limits: Limits,
    resolver: Resolver = resolved,
) -> Source:
    """The tables of a database that an account without any right to write can see.

    Raises:
        SourceRefused: the target may not be called, does not answer, or the account could write.
    """
    address = ""
    if target.host:
        address = address_of(target.host, target.port, networks, resolver)
    engine = engine_of(target, address, limits)
    with _asking(engine, target.kind) as connection:
        require_reader(target.kind, connection)
        found = relations(target.kind, connection)
    if not found:
        raise SourceRefused("数据库中没有可读的表", "the database has no table this account sees")
    items = tuple(Item(one.shown, _reader(engine, target.kind, one, limits)) for one in found)

    def outlined() -> Mapping[str, Outline]:
        with _asking(engine, target.kind) as asked:
            return outlines(asked, found)

    return Source(items, close=engine.dispose, outlines=outlined)


def _reader(
    engine: Engine, kind: str, relation: Relation, limits: Limits
) -> Callable[[], Found]:
    def read() -> Found:
        remarks = Remarks()
        with _asking(engine, kind) as connection:
            sample = _sample(connection, kind, relation, limits, remarks)
        yield sample, remarks

    return read


@contextmanager
def _asking(engine: Engine, kind: str) -> Iterator[Connection]:
    """A read-only transaction; errors of the driver become refusals without its words."""
    try:
        with engine.connect() as connection:
            if kind == "mysql":
                connection.execute(text("START TRANSACTION READ ONLY"))
            elif kind == "sqlite":
                connection.execute(text("BEGIN"))
            yield connection
    except DBAPIError as error:
        raise (refused(error) if error.statement else unreachable(kind)) from None
    except (SQLAlchemyError, UnicodeDecodeError) as error:
        name = type(error).__name__
        raise SourceRefused(f"内容读不出（{name}）", f"it is not readable ({name})") from None


def _sample(
    connection: Connection, kind: str, relation: Relation, limits: Limits, remarks: Remarks
) -> TableSample:
    found = declared(connection, relation)
    if not found.names:
        raise SourceRefused("没有任何列", "has no columns")
    if len(found.names) > limits.columns:
        raise SourceRefused(
            f"超过 {limits.columns} 列", f"has more than {limits.columns} columns"
        )
    most = limits.rows_of(len(found.names))
    taken = RowSample(most, limits.characters)
    if most:
        taken = _taken(connection, kind, relation, found, most, limits, remarks)
    names = column_names(found.names, remarks)
    columns = [
        replace(column, name=name) for column, name in zip(found.spec.columns, names, strict=True)
    ]
    values = columns_of(names, taken.rows())
    remarks.add("BINARY", sum(map(is_binary, found.types)))
    binary = dict(zip(names, map(is_binary, found.types), strict=True))
    taken.remark(limits, {name: values[name] for name in names if not binary[name]}, remarks)
    spec = replace(found.spec, columns=tuple(columns))
    total = _total(connection, relation, taken.seen, most)
    return TableSample(spec, values, total, remarks.sentences())


def _taken(
    connection: Connection,
    kind: str,
    relation: Relation,
    found: Declared,
    most: int,
    limits: Limits,
    remarks: Remarks,
) -> RowSample:
    """The rows the server draws; it draws anew where its statistics led to far too few."""
    if kind == "postgresql":
        connection.execute(select(func.setseed(SEED / 10**9)))
    taken = RowSample(most, limits.characters)
    statement = sampling(kind, relation, found, most, limits)
    for row in connection.execution_options(stream_results=True).execute(statement):
        if taken.wants():
            taken.keep(tuple(_cell(cell, limits, remarks) for cell in row))
    if relation.is_large(most) and 2 * taken.seen < most:
        unknown = replace(relation, estimate=None)
        return _taken(connection, kind, unknown, found, most, limits, remarks)
    return taken


def _cell(cell: object, limits: Limits, remarks: Remarks) -> str | None:
    if cell is None:
        return None
    read = str(cell)
    remarks.add("BROKEN_BYTES", read.count("\ufffd"))
    remarks.add("CUT_CELL", int(len(read) > limits.cell))
    return read[: limits.kept]


def _total(connection: Connection, relation: Relation, seen: int, most: int) -> int | None:
    """Rows of the table: those that were read if that is all, the server's estimate, or a count."""
    if seen < most and not relation.is_large(most):
        return seen
    if relation.estimate and relation.estimate > most:
        return relation.estimate
    counted = select(func.count()).select_from(table(relation.name, schema=relation.schema))
    try:
        return connection.execute(counted).scalar()
    except DBAPIError:
        return None
