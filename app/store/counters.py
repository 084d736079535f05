"""Counters of requests, one row for all processes, so that limits hold across workers and restarts."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.canonical import instant
from app.store.tables_people import RateCounter


def counted(rt, key: str, window: datetime) -> int:
    """How many requests of the key this window holds, this one included."""
    table = RateCounter.__table__
    make = sqlite.insert if rt.db.is_sqlite else postgresql.insert
    statement = make(table).values(key=key, window=instant(window), count=1)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.key, table.c.window],
        set_={"count": table.c.count + 1}).returning(table.c.count)
    with rt.db.writing() as connection:
        return int(connection.execute(statement).scalar_one())


def sweep(rt, before: datetime) -> None:
    """Windows that are over are removed."""
    with rt.db.writing() as connection:
        connection.execute(delete(RateCounter).where(RateCounter.window < instant(before)))
