"""The beat of every process that decides: which epoch it runs, and when it last confirmed it."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables_gateways import ProcessBeat

FORGOTTEN_AFTER = timedelta(days=1)


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


def remove(connection: Connection, process: str) -> None:
    """A process that ends in order is not missed."""
    connection.execute(delete(ProcessBeat).where(ProcessBeat.process == process))
