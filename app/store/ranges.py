"""The ledger's ranges of seq on PostgreSQL: made ahead by the owner, watched by everybody.

`trail_entry` and `decision` grow with every call, so each is partitioned by ranges of `seq`. The
ranges lie in a schema of their own, which the application's role may not enter: it reads and writes
through the two tables. What no range was made for lands in a last range that takes everything;
nothing is refused or lost for it, it is reported until `./hufu migrate` has made room.
"""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from app.store.tables import TrailEntry, TrailHead
from app.store.tables_decisions import DecisionIndex

SCHEMA = "hufu_ranges"
TABLES = {model.__tablename__: model.__table__ for model in (TrailEntry, DecisionIndex)}
KEYS = {"trail_entry": "stream, stream_seq", "decision": "id"}
ROWS = 5_000_000
AHEAD = 3
# Rows of a range never change and are much alike: PostgreSQL looks at a range again when it has
# grown by half, not by a tenth, because calls wait longer while it does.
SELDOM = ("autovacuum_analyze_scale_factor = 0.5, autovacuum_vacuum_insert_scale_factor = 0.5, "
          "autovacuum_vacuum_insert_threshold = 100000, autovacuum_analyze_threshold = 100000")
BOUNDS = re.compile(r"FOR VALUES FROM \('(\d+)'\) TO \('(\d+)'\)")
READ_BOUNDS = text(
    "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c "
    "ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(:name)")


@dataclass(frozen=True)
class Room:
    """How far the ledger has come and how far ranges were made for it."""

    size: int
    made: int
    width: int

    @property
    def left(self) -> int:
        """Places in ranges that stand ready; below nought what had to go beyond them."""
        return self.made - self.size

    @property
    def state(self) -> str:
        """`ok`, `low` when the last range is in use, `beyond` when entries outgrew them all."""
        return "beyond" if self.left < 0 else "low" if self.left < self.width else "ok"


def bounds(connection: Connection, table: str) -> list[tuple[int, int]]:
    """From and to of each range of a table, in order; the last range of all is not one."""
    found = (BOUNDS.fullmatch(said) for said in
             connection.execute(READ_BOUNDS, {"name": table}).scalars())
    return sorted((int(match[1]), int(match[2])) for match in found if match)


def room(connection: Connection) -> Room | None:
    """How much room stands ready; None on SQLite, which needs none."""
    if connection.dialect.name == "sqlite":
        return None
    size = connection.execute(select(TrailHead.size)).scalar() or 0
    last = [(bounds(connection, table) or [(0, 0)])[-1] for table in TABLES]
    first, made = min(last, key=lambda range_: range_[1])
    return Room(size, made, made - first)


def ensure(connection: Connection, rows: int = ROWS) -> None:
    """Make the range in use and `AHEAD` beyond it, as the owner of the schema.

    Ranges end at multiples of `rows`; those that exist are left as they are, so the setting may
    change. Entries that went beyond all ranges are moved into the ones made for them.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    size = connection.execute(select(TrailHead.size).with_for_update()).scalar() or 0
    until = (size // rows + 1 + AHEAD) * rows
    for table in TABLES:
        end = max((end for _, end in bounds(connection, table)), default=0)
        if end < until:
            _extend(connection, table, (end, until), rows)


def _extend(connection: Connection, table: str, span: tuple[int, int], rows: int) -> None:
    """Ranges over the span, and again one for all that lies beyond them."""
    spilt = _take_off_beyond(connection, table)
    begin, until = span
    while begin < until:
        end = (begin // rows + 1) * rows
        _make(connection, table, f"{table}_{begin}", f"FOR VALUES FROM ({begin}) TO ({end})")
        begin = end
    _make(connection, table, f"{table}_beyond", "DEFAULT")
    if spilt is not None:
        _pour(connection, TABLES[table], spilt)


def _make(connection: Connection, table: str, name: str, bound: str) -> None:
    """One range, with the keys that hold within it."""
    place = f"{SCHEMA}.{name}"
    connection.exec_driver_sql(f"CREATE TABLE {place} PARTITION OF {table} {bound} WITH ({SELDOM})")
    connection.exec_driver_sql(f"ALTER TABLE {place} ADD UNIQUE ({KEYS[table]})")


def _take_off_beyond(connection: Connection, table: str) -> Table | None:
    """Take the last range off its table, so that ranges can be made; where it holds rows, it."""
    place = f"{SCHEMA}.{table}_beyond"
    if not connection.execute(text("SELECT to_regclass(:name)"), {"name": place}).scalar():
        return None
    connection.exec_driver_sql(f"ALTER TABLE {table} DETACH PARTITION {place}")
    spilt = TABLES[table].to_metadata(MetaData(), schema=SCHEMA, name=f"{table}_spilt")
    connection.exec_driver_sql(f"ALTER TABLE {place} RENAME TO {spilt.name}")
    if connection.execute(select(func.count()).select_from(spilt)).scalar():
        return spilt
    connection.exec_driver_sql(f"DROP TABLE {spilt.fullname}")
    return None


def _pour(connection: Connection, table: Table, spilt: Table) -> None:
    """Rows that went beyond all ranges into those made for them; every one of them, or nothing."""
    moved = insert(table).from_select(table.columns.keys(), select(spilt))
    done = connection.execute(moved, execution_options={"preserve_rowcount": True}).rowcount
    if done != connection.execute(select(func.count()).select_from(spilt)).scalar():
        raise RuntimeError(f"{spilt.name} was not moved whole")
    connection.exec_driver_sql(f"DROP TABLE {spilt.fullname}")
