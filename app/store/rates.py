"""Counting requests by key and window in rows, so that the bound holds across processes."""

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables_people import RateCounter


def spend(connection: Connection, key: str, window: str, count: int = 1) -> int:
    """So many more requests of this key in this window; how many there are now.

    One statement, so that two processes never count the same request. The key's earlier windows
    are removed; `window` must sort by time.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(delete(RateCounter).where(RateCounter.key == key,
                                                 RateCounter.window < window))
    added = dialect.insert(RateCounter).values(key=key, window=window, count=count)
    counted = added.on_conflict_do_update(
        index_elements=["key", "window"], set_={"count": RateCounter.count + count})
    return connection.execute(counted.returning(RateCounter.count)).scalar_one()
