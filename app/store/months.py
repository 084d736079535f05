"""Months of the ledger on PostgreSQL: the range in use ends where a month's first entry begins.

Ranges of `seq` are made ahead, when nobody knows which place a month will begin at; so the range is
cut once that entry stands. Entries are dated in the order of their places, hence a range before the
cut holds nothing of the month, and a month of the past can be taken out whole. No entry changes:
those of the month that already lie before the cut move into their range as they are.
"""

from datetime import date, datetime

from sqlalchemy import Connection, select, text

from app.domain.workdays import ZONE, start_of
from app.store.guards import install_guards
from app.store.places import place_at
from app.store.ranges import KEYS, SCHEMA, SELDOM, TABLES, bounds
from app.store.tables import TrailEntry, TrailHead

WAIT_MS = 1_000  # appends wait while a month is cut
MOST_MOVED = 200_000
IS_OWNER = text("SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class "
                "WHERE oid = to_regclass('trail_head')")
NAMED = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = to_regclass(:name) AND pg_get_expr(c.relpartbound, c.oid) = :bound")
EXISTS = text("SELECT to_regclass(:name) IS NOT NULL")


def is_owner(connection: Connection) -> bool:
    """Whether this role may make ranges: on PostgreSQL, as the owner of the schema."""
    return connection.dialect.name != "sqlite" and bool(connection.execute(IS_OWNER).scalar())


def month_of(at: str) -> date:
    """The first day of the month in Shanghai that a sealed instant lies in."""
    return datetime.fromisoformat(at).astimezone(ZONE).date().replace(day=1)


def cut(connection: Connection) -> str:
    """Begin a range at the first entry of the newest entry's month, as the owner; the name of the
    month, or nothing where its range stands. Safe to repeat.

    A month that is cut so late that more than `MOST_MOVED` entries would have to move begins at
    the next entry instead.
    """
    if connection.dialect.name == "sqlite":
        return ""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MS}")
    head = connection.execute(select(TrailHead.size, TrailHead.last_at).with_for_update()).first()
    if head is None or not head.last_at:
        return ""
    month = month_of(head.last_at)
    first = place_at(connection, start_of(month))
    if first == 0:  # the zone was founded in this month: nothing lies before it
        return ""
    begin = first if head.size - first <= MOST_MOVED else head.size
    done = [_cut(connection, table, begin, f"{table}_{month:%Y_%m}") for table in TABLES]
    if any(done):
        install_guards(connection)
    return f"{month:%Y-%m}" if any(done) else ""


def _cut(connection: Connection, table: str, at: int, name: str) -> bool:
    """Whether a range of this name now begins at that place, and did not before."""
    if connection.execute(EXISTS, {"name": f"{SCHEMA}.{name}"}).scalar():
        return False
    span = next(((one, end) for one, end in bounds(connection, table) if one <= at < end), None)
    if span is None:
        return False
    begin, end = span
    old = named(connection, table, span)
    if begin == at:
        connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{old} RENAME TO {name}")
        return True
    connection.exec_driver_sql(f"ALTER TABLE {table} DETACH PARTITION {SCHEMA}.{old}")
    connection.exec_driver_sql(f"CREATE TABLE {SCHEMA}.{name} PARTITION OF {table} "
                               f"FOR VALUES FROM ({at}) TO ({end}) WITH ({SELDOM})")
    connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{name} ADD UNIQUE ({KEYS[table]})")
    # Names of ours: a table's and a month's, or one PostgreSQL told.
    moved = f"INSERT INTO {SCHEMA}.{name} SELECT * FROM {SCHEMA}.{old} WHERE seq >= :at"  # nosec B608
    left = f"DELETE FROM {SCHEMA}.{old} WHERE seq >= :at"  # nosec B608
    for statement in (moved, left):
        connection.execute(text(statement), {"at": at})
    connection.exec_driver_sql(f"ALTER TABLE {table} ATTACH PARTITION {SCHEMA}.{old} "
                               f"FOR VALUES FROM ({begin}) TO ({at})")
    return True


def named(connection: Connection, table: str, span: tuple[int, int]) -> str:
    """The name of the range with these bounds."""
    bound = "FOR VALUES FROM ('{}') TO ('{}')".format(*span)
    return connection.execute(NAMED, {"name": table, "bound": bound}).scalar_one()


def held(connection: Connection, span: tuple[int, int], size: int) -> tuple[str, str] | None:
    """The months of the first and the last entry of a range; None while it is empty."""
    begin, end = span[0], min(span[1], size)
    if begin >= end:
        return None
    dated = [connection.execute(select(TrailEntry.at).where(TrailEntry.seq == seq)).scalar_one()
             for seq in (begin, end - 1)]
    return tuple(f"{month_of(at):%Y-%m}" for at in dated)
