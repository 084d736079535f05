"""The clock's laws: what counts as a day, on both sides of holidays, pauses and midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.workdays import (
    Holidays,
    Pause,
    add_workdays,
    day_of,
    deadline,
    reminder_on,
    start_of,
    workdays_between,
)
from tests.properties import calm


def days(month, first, last):
    return {date(2026, month, day) for day in range(first, last + 1)}


TABLE = Holidays(
    source="announcement for 2026",
    years=frozenset({2026}),
    rest=frozenset({*days(1, 1, 3), *days(2, 15, 23), *days(10, 1, 7)}),
    work=frozenset(
        map(
            date.fromisoformat,
            ["2026-01-04", "2026-02-14", "2026-02-28", "2026-09-20", "2026-10-10"],
        )
    ),
)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 1))


def at(text):
    """Wall time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-02-12", 0, "2026-02-12"),
        ("2026-02-12", 1, "2026-02-13"),
        ("2026-02-12", 2, "2026-02-14"),  # a Saturday that works
        ("2026-02-12", 3, "2026-02-24"),  # across Spring Festival
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-02-18", 1, "2026-02-24"),  # from inside the holiday
        ("2026-02-24", 3, "2026-02-27"),
        ("2026-02-24", 4, "2026-02-28"),  # the Saturday after that works
        ("2026-02-24", 5, "2026-03-02"),
        ("2026-02-28", 1, "2026-03-02"),
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday that works
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-12-31", 1, "2027-01-01"),  # not announced yet: an ordinary Friday
    ],
)
def test_working_days_are_added_over_holidays_and_working_weekends(day, count, expected):
    found = add_workdays(TABLE, date.fromisoformat(day), count)
    assert found == date.fromisoformat(expected)


@calm
@given(DAYS, st.integers(1, 60))
def test_between_undoes_add(day, count):
    end = add_workdays(TABLE, day, count)
    assert TABLE.is_workday(end)
    assert workdays_between(TABLE, day, end) == count
    assert workdays_between(TABLE, day, end - timedelta(days=1)) == count - 1


def test_nothing_lies_between_a_day_and_itself_or_the_past():
    assert workdays_between(TABLE, date(2026, 3, 2), date(2026, 3, 2)) == 0
    assert workdays_between(TABLE, date(2026, 3, 9), date(2026, 3, 2)) == 0


@pytest.mark.parametrize(
    ("started", "count", "last_day"),
    [
        ("2026-03-02T10:00", 3, "2026-03-05"),
        ("2026-03-02T23:59", 3, "2026-03-05"),
        ("2026-03-03T00:00", 3, "2026-03-06"),  # midnight belongs to the day it opens
        ("2026-03-06T17:00", 1, "2026-03-09"),
        ("2026-03-07T12:00", 1, "2026-03-09"),  # started on a day of rest
        ("2026-02-13T09:00", 3, "2026-02-25"),
    ],
)
def test_the_day_of_starting_is_not_counted(started, count, last_day):
    due = deadline(TABLE, at(started), count)
    assert due.last_day == date.fromisoformat(last_day)
    assert due.at == at(last_day) + timedelta(days=1)
    assert due.at.tzinfo is UTC and day_of(due.at - timedelta(microseconds=1)) == due.last_day


@pytest.mark.parametrize(
    ("since", "until", "last_day"),
    [
        ("2026-03-04T10:00", "2026-03-04T18:00", "2026-03-05"),  # inside one day: nothing lost
        ("2026-03-04T10:00", "2026-03-05T09:00", "2026-03-06"),
        ("2026-03-04T00:00", "2026-03-05T09:00", "2026-03-06"),
        ("2026-03-03T23:59", "2026-03-05T09:00", "2026-03-09"),
        ("2026-03-04T10:00", "2026-03-05T23:59", "2026-03-06"),
        ("2026-03-04T10:00", "2026-03-06T00:00", "2026-03-09"),
        ("2026-03-05T10:00", "2026-03-16T10:00", "2026-03-05"),  # paused on the last day: spent
        ("2026-03-06T10:00", "2026-03-16T10:00", "2026-03-05"),  # after the end: too late
        ("2026-03-02T12:00", "2026-03-31T10:00", "2026-04-03"),
    ],
)
def test_a_day_counts_when_the_clock_ran_at_its_first_instant(since, until, last_day):
    due = deadline(TABLE, at("2026-03-02T10:00"), 3, (Pause(at(since), at(until)),))
    assert due.last_day == date.fromisoformat(last_day)


def test_overlapping_pauses_count_once():
    pauses = (
        Pause(at("2026-03-03T10:00"), at("2026-03-05T10:00")),
        Pause(at("2026-03-04T10:00"), at("2026-03-06T10:00")),
    )
    due = deadline(TABLE, at("2026-03-02T10:00"), 2, pauses)
    assert due.last_day == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("since", "known"),
    [("2026-03-04T10:00", False), ("2026-03-05T00:00", True), ("2026-03-04T23:59", False)],
)
def test_an_open_pause_leaves_the_end_unknown_unless_it_was_reached(since, known):
    due = deadline(TABLE, at("2026-03-02T10:00"), 3, (Pause(at(since), None),))
    assert (due is not None) is known


def test_calendar_days_rest_for_nobody():
    due = deadline(TABLE, at("2026-02-13T10:00"), 20, working=False)
    assert due.last_day == date(2026, 3, 5)
    assert not due.provisional


@pytest.mark.parametrize(
    ("started", "provisional"), [("2026-12-28T10:00", False), ("2026-12-29T10:00", True)]
)
def test_days_of_a_year_not_announced_are_provisional(started, provisional):
    assert deadline(TABLE, at(started), 3).provisional is provisional


def test_an_announced_year_settles_what_was_provisional():
    announced = TABLE.with_year(2027, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}))
    before = deadline(TABLE, at("2026-12-30T10:00"), 2)
    after = deadline(announced, at("2026-12-30T10:00"), 2)
    assert (before.last_day, before.provisional) == (date(2027, 1, 1), True)
    assert (after.last_day, after.provisional) == (date(2027, 1, 3), False)
    assert announced.rest >= TABLE.rest and announced.work >= TABLE.work


@pytest.mark.parametrize(
    ("rest", "work"),
    [
        ({date(2026, 1, 1)}, set()),
        (set(), {date(2028, 1, 1)}),
        ({date(2027, 1, 1)}, {date(2027, 1, 1)}),
    ],
)
def test_a_year_holds_its_own_days_and_no_contradiction(rest, work):
    with pytest.raises(ValueError, match="2027"):
        TABLE.with_year(2027, frozenset(rest), frozenset(work))


@pytest.mark.parametrize(
    ("count", "reminders"),
    [
        (1, {"2026-03-03": "LAST_DAY", "2026-03-04": "OVERDUE"}),
        (3, {"2026-03-03": "", "2026-03-04": "HALF_TIME", "2026-03-05": "LAST_DAY"}),
        (
            4,
            {
                "2026-03-03": "",
                "2026-03-04": "HALF_TIME",
                "2026-03-05": "",
                "2026-03-06": "LAST_DAY",
                "2026-03-07": "OVERDUE",
                "2026-03-08": "OVERDUE",
            },
        ),
    ],
)
def test_reminders_fall_at_half_time_on_the_last_day_and_daily_after(count, reminders):
    due = deadline(TABLE, at("2026-03-02T10:00"), count)
    found = {day: reminder_on(due, date.fromisoformat(day)) for day in reminders}
    assert found == reminders


@calm
@given(
    DAYS,
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), max_size=4),
)
def test_a_pause_never_brings_the_end_nearer(day, count, spans):
    started = start_of(day) + timedelta(hours=10)
    hour = timedelta(hours=1)
    pauses = tuple(Pause(started + a * hour, started + (a + b) * hour) for a, b in spans)
    free = deadline(TABLE, started, count)
    assert deadline(TABLE, started, count, pauses).at >= free.at


@pytest.mark.parametrize("count", [0, -1, 3661])
def test_a_deadline_has_a_bounded_number_of_days(count):
    with pytest.raises(ValueError, match="number of days"):
        deadline(TABLE, at("2026-03-02T10:00"), count)


def test_a_clock_needs_an_instant_with_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        deadline(TABLE, datetime(2026, 3, 2, 10), 3)
