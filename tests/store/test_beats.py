"""A process has one beat, the newest; who fell silent a day ago is forgotten."""

from datetime import timedelta

from sqlalchemy import select

from app.store import beats
from app.store.tables_gateways import ProcessBeat


def beat(rt, process: str, epoch: int, ago: timedelta = timedelta()) -> None:
    at = rt.clock() - ago
    with rt.db.writing() as connection:
        beats.put(connection, beats.Beat(process, "node-1", 7, epoch, at, at))


def kept(rt) -> dict[str, int]:
    with rt.db.reading() as connection:
        return dict(connection.execute(select(ProcessBeat.process, ProcessBeat.epoch)).all())


def test_the_newest_beat_of_a_process_stands(rt):
    beat(rt, "a", 3)
    beat(rt, "a", 4)
    beat(rt, "b", 2)
    assert kept(rt) == {"a": 4, "b": 2}


def test_a_process_silent_for_a_day_is_forgotten_and_one_that_ended_at_once(rt):
    beat(rt, "old", 1, timedelta(days=1, seconds=1))
    beat(rt, "younger", 1, timedelta(hours=23))
    beat(rt, "now", 2)
    assert kept(rt) == {"younger": 1, "now": 2}
    with rt.db.writing() as connection:
        beats.remove(connection, "now")
    assert kept(rt) == {"younger": 1}
