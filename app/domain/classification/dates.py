"""Days and times as departments write them, read from folded text."""

import re
from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1850, 2099
_LENGTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_TIME = r"(?:[ T]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_MARKED = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII)
_WORDED = re.compile(r"(\d{4}) ?\u5e74(\d{1,2}) ?\u6708(?:(\d{1,2}) ?[\u65e5\u53f7])?"
                     r" ?(?:(\d{1,2})[\u65f6:\u70b9](?:(\d{1,2})\u5206?(?:[:]?\d{1,2}\u79d2?)?)?)?",
                     re.ASCII)
_PACKED = frozenset({8, 12, 14})


@dataclass(frozen=True)
class Day:
    """A calendar day that was read.

    Args:
        timed: a time of day other than midnight stands behind it.
        endless: it is the 9999-12-31 that stands for no end.
    """

    year: int
    month: int
    day: int
    timed: bool = False
    endless: bool = False


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day."""
    if not (1 <= month <= 12 and 1 <= day <= _LENGTHS[month]):
        return False
    return (month, day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def read_day(folded: str) -> Day | None:
    """The day a folded value is, or ``None``; a month without a day is none."""
    if not 8 <= len(folded) <= 40:
        return None
    if folded.isdigit():
        return _packed(folded) if len(folded) in _PACKED else None
    if match := _MARKED.fullmatch(folded):
        year, _, month, day, *clock = match.groups()
    elif (match := _WORDED.fullmatch(folded)) and match[3]:
        year, month, day, *clock = match.groups()
    else:
        return None
    return _day(int(year), int(month), int(day), [*(int(part or 0) for part in clock)])


def _packed(text: str) -> Day | None:
    clock = [int(text[place:place + 2]) for place in range(8, len(text), 2)]
    return _day(int(text[:4]), int(text[4:6]), int(text[6:8]), clock)


def _day(year: int, month: int, day: int, clock: list[int]) -> Day | None:
    endless = year == 9999
    if not is_day(year, month, day) or not (endless or FIRST_YEAR <= year <= LAST_YEAR):
        return None
    if any(part > most for part, most in zip(clock, (24, 59, 60), strict=False)):
        return None
    return Day(year, month, day, any(clock), endless)
