"""What columns of one table say of each other, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.classification.dates import read_day
from app.domain.classification.facts import Profile
from app.domain.classification.folding import fold

PAIRS = 8  # rows below which agreeing may be chance


def witnessed(values: Mapping[str, Sequence[str | None]],
              profiles: Mapping[str, Profile]) -> Mapping[str, Profile]:
    """The profiles of a table's columns; days say how many are the birth dates of its persons.

    Args:
        values, profiles: by code name of the column.
    """
    ids = [name for name, seen in profiles.items() if "resident_id" in seen.hits
           and seen.hits["resident_id"].passed >= PAIRS]
    return {name: _beside(seen, [_born(values[one], values[name]) for one in ids])
            if ids and seen.dates else seen for name, seen in profiles.items()}


def _beside(seen: Profile, pairs: Sequence[tuple[int, int]]) -> Profile:
    """The profile of days, with the births that most identity numbers beside them bear out."""
    born, rows = max(pairs)
    return replace(seen, born=born, births=born / rows) if rows >= PAIRS else seen


def _born(ids: Sequence[str | None], days: Sequence[str | None]) -> tuple[int, int]:
    """In how many rows the day is digits 7 to 14 of the identity number (GB 11643), of how many."""
    pairs = [(fold(number)[6:14], read_day(fold(day)))
             for number, day in zip(ids, days, strict=True) if number and day]
    born = sum(day is not None and not day.endless
               and number == f"{day.year:04}{day.month:02}{day.day:02}" for number, day in pairs)
    return born, len(pairs)
