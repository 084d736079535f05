"""Places in the trail by time: entries are dated in the order of their places."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from app.domain.canonical import instant
from app.store.tables import TrailEntry


def place_at(connection: Connection, at: datetime) -> int:
    """The place of the first entry from this instant on; one past the last where none is.

    Found by halving: some twenty entries are looked at by their key, and no index over the
    instants of all of them has to be kept for it.
    """
    last = connection.execute(select(func.max(TrailEntry.seq))).scalar()
    low, high = 0, 0 if last is None else last + 1
    wanted = instant(at)
    while low < high:
        middle = (low + high) // 2
        seq, dated = connection.execute(
            select(TrailEntry.seq, TrailEntry.at).where(TrailEntry.seq >= middle)
            .order_by(TrailEntry.seq).limit(1)).one()
        if dated < wanted:
            low = seq + 1
        else:
            high = middle
    return low
