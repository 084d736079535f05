"""Instants are found through places, which are in the order of time."""

from datetime import timedelta

from sqlalchemy import select

from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.store.places import place_at
from app.store.tables import TrailEntry
from app.store.unit import begin


def dates(rt) -> list[str]:
    with rt.db.reading() as connection:
        return list(connection.execute(
            select(TrailEntry.at).order_by(TrailEntry.seq)).scalars())


def test_the_place_of_an_instant_is_that_of_the_first_entry_from_then_on(rt, clock):
    began = clock.at
    for number in range(23):
        for _ in range(number % 4):  # some entries of one instant, and instants without any
            with begin(rt, SYSTEM) as act:
                act.record("grant.issue", "grant/next", institution="bank")
        clock.at += timedelta(minutes=1)
    dated = dates(rt)
    assert dated == sorted(dated) and len(set(dated)) < len(dated)
    with rt.db.reading() as connection:
        for minutes in range(-2, 26):
            for more in (-1, 0, 1):
                at = began + timedelta(minutes=minutes, microseconds=more)
                expected = sum(each < instant(at) for each in dated)
                assert place_at(connection, at) == expected, (minutes, more)
