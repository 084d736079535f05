"""Which tables a database has, and the statement that samples one of them.

Rows come from all over a table, never from its top: by blocks on a large PostgreSQL table, by
scattered row numbers on SQLite, by chance elsewhere. Every cell is cut by the server.
"""

from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    Text,
    cast,
    column,
    func,
    inspect,
    literal,
    literal_column,
    null,
    select,
    table,
    tablesample,
    text,
)
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.types import NullType, TypeEngine

from app.domain.classification.facts import ColumnSpec, TableSpec
from app.engines.sources.remarks import shown
from app.engines.sources.sampling import Limits

LARGE = 20  # times the sample: only then blocks are drawn instead of rows
DRAWN = 10
SEED = 20_260_101
# Row numbers times the golden ratio, modulo 1, fall evenly wherever a table has its rows.
_PRIME, _GOLDEN = 2_147_483_647, 1_327_217_885
_RELATIONS = text("""
    SELECT n.nspname, c.relname, c.relkind, c.reltuples
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ORDER BY n.nspname, c.relname
""")
_ESTIMATES = text("""
    SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()
""")


@dataclass(frozen=True)
class Relation:
    """A table or a view of a database.

    Args:
        stored: it holds rows of its own, each in a place that can be asked for.
        estimate: rows by the server's statistics, where it has any.
    """

    name: str
    schema: str | None = None
    stored: bool = True
    estimate: int | None = None

    @property
    def shown(self) -> str:
        """Its name, with the schema unless that is the usual one."""
        usual = self.schema in (None, "public")
        return shown(self.name if usual else f"{self.schema}.{self.name}")

    def is_large(self, rows: int) -> bool:
        """Whether so many rows are but a small part of it, by the server's statistics."""
        return bool(self.estimate) and self.estimate > LARGE * rows


def relations(kind: str, connection: Connection) -> list[Relation]:
    """Every table and view that is not the database's own."""
    if kind == "postgresql":
        return [
            Relation(name, schema, sort in "rpm", int(rows) if rows > 0 else None)
            for schema, name, sort, rows in connection.execute(_RELATIONS)
        ]
    known = inspect(connection)
    estimates = {}
    if kind == "mysql":
        estimates = {str(name): rows for name, rows in connection.execute(_ESTIMATES)}
    placeless = set()
    if kind == "sqlite":
        listed = connection.exec_driver_sql("PRAGMA table_list")
        placeless = {name for _, name, _, _, without_rowid, *_ in listed if without_rowid}
    tables = [
        Relation(name, None, name not in placeless, estimates.get(name))
        for name in known.get_table_names()
    ]
    return tables + [Relation(name, None, False) for name in known.get_view_names()]


@dataclass(frozen=True)
class Declared:
    """A table as the database declares it, with the types its columns are read by."""

    spec: TableSpec
    names: tuple[str, ...]
    types: tuple[TypeEngine, ...]


def declared(connection: Connection, relation: Relation) -> Declared:
    """Names, types, keys and comments of a table; comments are its titles."""
    known = inspect(connection)
    columns = known.get_columns(relation.name, relation.schema)
    keys = known.get_pk_constraint(relation.name, relation.schema)
    try:
        title = known.get_table_comment(relation.name, relation.schema).get("text") or ""
    except NotImplementedError:
        title = ""
    keyed = set(keys.get("constrained_columns") or ())
    specs = tuple(
        ColumnSpec(shown(str(found["name"])), shown(found.get("comment") or ""),
                   declared_type(found, connection), found["name"] in keyed)
        for found in columns
    )
    return Declared(
        TableSpec(relation.shown, shown(title), "", specs),
        tuple(str(found["name"]) for found in columns),
        tuple(found["type"] for found in columns),
    )


def declared_type(found: ReflectedColumn, connection: Connection) -> str:
    """The type as the database writes it; empty where it has none."""
    kind = found["type"]
    return "" if isinstance(kind, NullType) else shown(kind.compile(connection.dialect))


def is_binary(kind: TypeEngine) -> bool:
    """Whether a column holds bytes rather than anything a person reads."""
    return isinstance(kind, LargeBinary) or "BINARY" in type(kind).__name__.upper()


def sampling(kind: str, relation: Relation, found: Declared, rows: int, limits: Limits) -> Select:
    """The statement that gives at most ``rows`` rows, each cell as text, null where it is binary.

    Stored rows come in the order in which they are stored, so that a serial shows.
    """
    parts = [column(name) for name in found.names]
    source = table(relation.name, *parts, schema=relation.schema)
    drawn = source
    share = DRAWN * rows / relation.estimate if relation.estimate else 1.0
    is_large = relation.is_large(rows)
    if kind == "postgresql" and relation.stored and is_large:
        drawn = tablesample(source, func.system(100.0 * share), seed=literal(SEED))
    cells = [
        (null() if is_binary(type_) else _text(drawn.c[name], limits)).label(f"c{at}")
        for at, (name, type_) in enumerate(zip(found.names, found.types, strict=True))
    ]
    place = _place(kind, relation, found.names)
    if place is None:
        drawn_cells = select(*cells).select_from(drawn)
        if kind == "mysql" and is_large:  # to sort so many rows would take longer than allowed
            drawn_cells = drawn_cells.where(func.random() < share)
        return drawn_cells.order_by(func.random()).limit(rows)
    chance = func.random()
    if kind == "sqlite":
        chance = ((place % _PRIME) * _GOLDEN) % _PRIME
    inner = (
        select(*cells, place.label("place")).select_from(drawn).order_by(chance).limit(rows)
    ).subquery("s")
    return select(*[inner.c[f"c{at}"] for at in range(len(cells))]).order_by(inner.c.place)


def _text(cell, limits: Limits):
    return func.substr(cast(cell, Text), 1, limits.kept)


def _place(kind: str, relation: Relation, names: tuple[str, ...]):
    """What tells where a row is stored, if anything does."""
    if not relation.stored or kind == "mysql":
        return None
    if kind == "postgresql":
        return literal_column("ctid")
    taken = {name.casefold() for name in names}
    free = [name for name in ("rowid", "_rowid_", "oid") if name not in taken]
    return literal_column(free[0]) if free else None
