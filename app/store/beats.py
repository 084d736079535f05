"""The beat of every process that decides: which epoch it runs, and when it last confirmed it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables_gateways import ProcessBeat

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Beat:
    """One process as it says of itself."""

    process: str
    host: str
    pid: int
    epoch: int
    confirmed_at: datetime
    started_at: datetime


def put(connection: Connection, beat: Beat) -> None:
    """Keep the newest beat of a process, and drop those that fell silent long ago."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = asdict(beat)
    connection.execute(insert(ProcessBeat).values(values).on_conflict_do_update(
        index_elements=["process"],
        set_={"epoch": beat.epoch, "confirmed_at": beat.confirmed_at}))
    connection.execute(delete(ProcessBeat).where(
        ProcessBeat.confirmed_at < beat.confirmed_at - FORGOTTEN_AFTER))


def every(connection: Connection) -> list[Beat]:
    """What each process said last."""
    names = [getattr(ProcessBeat, name) for name in Beat.__slots__]
    return [Beat(*row) for row in connection.execute(select(*names).order_by(ProcessBeat.process))]


def remove(connection: Connection, process: str) -> None:
    """A process that ends in order is not missed."""
    connection.execute(delete(ProcessBeat).where(ProcessBeat.process == process))


def bury(connection: Connection, host: str, is_alive: Callable[[int], bool]) -> None:
    """Whoever starts on a machine takes the place of the processes that have ended there."""
    rows = connection.execute(select(ProcessBeat.process, ProcessBeat.pid).where(
        ProcessBeat.host == host)).all()
    for row in rows:
        if not is_alive(row.pid):
            remove(connection, row.process)
