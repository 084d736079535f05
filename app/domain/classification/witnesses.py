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
           and seen.hits["resident_id"].passed >= 0.5 * seen.distinct]
    return {name: replace(seen, births=max(_births(values[one], values[name]) for one in ids))
            if ids and seen.dates > 0.5 else seen for name, seen in profiles.items()}


def _births(ids: Sequence[str | None], days: Sequence[str | None]) -> float:
    """Share of rows, both filled, whose day is digits 7 to 14 of the identity number (GB 11643)."""
    pairs = [(fold(number)[6:14], read_day(fold(day)))
             for number, day in zip(ids, days, strict=True) if number and day]
    born = sum(day is not None and not day.endless
               and number == f"{day.year:04}{day.month:02}{day.day:02}" for number, day in pairs)
    return born / len(pairs) if len(pairs) >= PAIRS else 0.0
