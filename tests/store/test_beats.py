"""A process has one beat, the newest; who fell silent an hour ago is forgotten."""

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


def test_a_process_silent_for_an_hour_is_forgotten_and_one_that_ended_at_once(rt):
    beat(rt, "old", 1, timedelta(hours=1, seconds=1))
    beat(rt, "younger", 1, timedelta(minutes=59))
    beat(rt, "now", 2)
    assert kept(rt) == {"younger": 1, "now": 2}
    with rt.db.writing() as connection:
        beats.remove(connection, "now")
    assert kept(rt) == {"younger": 1}


def test_who_starts_on_a_machine_takes_the_place_of_what_ended_there(rt):
    at = rt.clock()
    with rt.db.writing() as connection:
        for name, host, pid in (("dead", "a", 1), ("alive", "a", 2), ("elsewhere", "b", 1)):
            beats.put(connection, beats.Beat(name, host, pid, 1, at, at))
        beats.bury(connection, "a", lambda pid: pid == 2)
    assert set(kept(rt)) == {"alive", "elsewhere"}
