"""Working days and the deadlines counted in them, from a holiday table that is a plain value.

Days are days in Asia/Shanghai. A day counts against a clock when the clock was running at the
day's first instant: the day something starts, or resumes, is not counted; the day it is paused is.
Instants come in and go out as aware datetimes; nothing here knows what time it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
MOST_DAYS = 3_660


@dataclass(frozen=True)
class Holidays:
    """Weekdays that rest and weekend days that work, for the years the table speaks about."""

    source: str
    years: frozenset[int]
    rest: frozenset[date]
    work: frozenset[date]

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day; in years not in the table, Monday to Friday."""
        if day in self.work:
            return True
        return day.weekday() < 5 and day not in self.rest

    def is_provisional(self, day: date) -> bool:
        """Whether the answer for this day is a guess, since its year is not in the table."""
        return day.year not in self.years

    def with_year(self, year: int, rest: frozenset[date], work: frozenset[date]) -> "Holidays":
        """The table with one year added or replaced, as when the next year is announced."""
        if any(day.year != year for day in rest | work) or rest & work:
            raise ValueError(f"the days must lie in {year}, each either rest or work")
        kept_rest = frozenset(day for day in self.rest if day.year != year)
        kept_work = frozenset(day for day in self.work if day.year != year)
        return replace(
            self, years=self.years | {year}, rest=kept_rest | rest, work=kept_work | work
        )


@dataclass(frozen=True)
class Pause:
    """A time in which a clock stands still; ``until`` is ``None`` while it does."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Deadline:
    """The last counted day, the instant after it in UTC, and the day half of the time is spent."""

    at: datetime
    last_day: date
    half_day: date
    provisional: bool


def day_of(at: datetime) -> date:
    """The day in Asia/Shanghai an instant falls in."""
    return at.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The first instant of a day in Asia/Shanghai, in UTC."""
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def add_workdays(table: Holidays, day: date, count: int) -> date:
    """The ``count``-th working day after ``day``; ``day`` itself when ``count`` is 0."""
    _require_count(count, 0)
    for _ in range(count):
        day += timedelta(days=1)
        while not table.is_workday(day):
            day += timedelta(days=1)
    return day


def workdays_between(table: Holidays, after: date, through: date) -> int:
    """How many working days lie after ``after``, up to and including ``through``."""
    span = range(1, (through - after).days + 1)
    return sum(table.is_workday(after + timedelta(days=offset)) for offset in span)


def deadline(
    table: Holidays,
    started: datetime,
    count: int,
    pauses: tuple[Pause, ...] = (),
    working: bool = True,
) -> Deadline | None:
    """When ``count`` counted days are over, or ``None`` while an open pause keeps that unknown.

    ``working`` false counts calendar days.
    """
    _require_count(count, 1)
    counted: list[date] = []
    provisional = False
    for day in _running_days(started, pauses):
        provisional = provisional or (working and table.is_provisional(day))
        if not working or table.is_workday(day):
            counted.append(day)
        if len(counted) == count:
            half_day = counted[(count + 1) // 2 - 1]
            return Deadline(start_of(day + timedelta(days=1)), day, half_day, provisional)
    return None


def reminder_on(due: Deadline, day: date) -> str:
    """Which reminder falls on ``day``: HALF_TIME, LAST_DAY, OVERDUE on each day after, or none."""
    if day > due.last_day:
        return "OVERDUE"
    if day == due.last_day:
        return "LAST_DAY"
    return "HALF_TIME" if day == due.half_day else ""


def _require_count(count: int, least: int) -> None:
    if not least <= count <= MOST_DAYS:
        raise ValueError(f"a number of days lies between {least} and {MOST_DAYS}")


def _running_days(started: datetime, pauses: tuple[Pause, ...]) -> Iterator[date]:
    """Each day after the start at whose first instant no pause held; ends where one stays open."""
    if started.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    open_since = min((pause.since for pause in pauses if pause.until is None), default=None)
    day = day_of(started)
    while True:
        first = start_of(day)
        if open_since is not None and open_since < first:
            return
        held = any(pause.since < first <= pause.until for pause in pauses if pause.until)
        if started < first and not held:
            yield day
        day += timedelta(days=1)
