"""What changed in a table between two scans, and where it is not as its catalogue has it.

Two scans see two samples: a difference counts only where chance does not explain it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.catalogue_words import kind_of
from app.domain.classification.facts import ColumnSpec, Profile
from app.domain.titled import Titled

Z = 2.576  # 99 %, since many columns are compared at once
PSI_LIMIT = 0.2
LEAST = 50  # distinct values below which shapes are not compared
# Catalogues write 数值型 for a count and 日期 for an instant: such kinds are one.
ALIKE = {"INTEGER": "NUMBER", "DECIMAL": "NUMBER", "BOOLEAN": "NUMBER", "DATE": "TIME"}


class Kind(Titled):
    """What kind of change it is."""

    NEW = "NEW", "新增列", "New column"
    DROPPED = "DROPPED", "列已消失", "Column dropped"
    RETYPED = "RETYPED", "类型改变", "Type changed"
    LEVEL_UP = "LEVEL_UP", "建议分级上升", "Level raised"
    LEVEL_DOWN = "LEVEL_DOWN", "建议分级下降", "Level lowered"
    CONTAMINATED = "CONTAMINATED", "新混入标识符", "New contamination"
    HIT_RATE = "HIT_RATE", "命中率变化", "Hit rate moved"
    SHAPES = "SHAPES", "值形态漂移", "Shapes drifted"
    UNLISTED = "UNLISTED", "目录未列此列", "Column not in the catalogue"
    MISSING = "MISSING", "目录所列的列不存在", "Column of the catalogue missing"
    OTHER_TYPE = "OTHER_TYPE", "类型与目录不符", "Type other than in the catalogue"
    TABLE_DROPPED = "TABLE_DROPPED", "表已消失", "Table dropped"


ASKING = frozenset({Kind.NEW, Kind.DROPPED, Kind.RETYPED, Kind.LEVEL_UP, Kind.UNLISTED,
                    Kind.MISSING, Kind.OTHER_TYPE, Kind.TABLE_DROPPED})


@dataclass(frozen=True)
class Seen:
    """One column as a scan saw it."""

    type: str
    level: int
    profile: Profile


@dataclass(frozen=True)
class Change:
    """One difference of one column; `was` and `now` are levels, types, shares or identifiers."""

    kind: Kind
    column: str
    was: str = ""
    now: str = ""


def asks_a_person(changes: tuple[Change, ...]) -> bool:
    """Whether somebody must look: columns came, went or changed type, or a level rose."""
    return any(change.kind in ASKING for change in changes)


def changes(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> tuple[Change, ...]:
    """Every change from one scan to the next, column by column as the table has them."""
    return (*(Change(Kind.DROPPED, name) for name in before if name not in after),
            *(change for name, now in after.items()
              for change in (_of_column(name, before[name], now) if name in before
                             else [Change(Kind.NEW, name)])))


def departures(listed: Sequence[ColumnSpec], after: Mapping[str, Seen]) -> tuple[Change, ...]:
    """Where a table is not as its department's catalogue has it; a catalogue without columns says
    nothing of it."""
    if not listed:
        return ()
    known = {column.name.casefold(): column.declared_type for column in listed}
    there = {name.casefold() for name in after}
    return (*(Change(Kind.MISSING, column.name) for column in listed
              if column.name.casefold() not in there),
            *(Change(Kind.UNLISTED, name) for name in after if name.casefold() not in known),
            *(Change(Kind.OTHER_TYPE, name, known[name.casefold()], now.type)
              for name, now in after.items()
              if _is_other_type(known.get(name.casefold(), ""), now.type)))


def _is_other_type(listed: str, found: str) -> bool:
    """Whether two types are known and of different kinds; lengths do not count."""
    kinds = [ALIKE.get(kind, kind) for kind in (kind_of(listed), kind_of(found))]
    return all(kinds) and kinds[0] != kinds[1]


def _of_column(name: str, was: Seen, now: Seen) -> Iterator[Change]:
    if was.type != now.type:
        yield Change(Kind.RETYPED, name, was.type, now.type)
    if was.level != now.level:
        kind = Kind.LEVEL_UP if now.level > was.level else Kind.LEVEL_DOWN
        yield Change(kind, name, f"L{was.level}", f"L{now.level}")
    yield from _of_hits(name, was.profile, now.profile)
    if min(was.profile.distinct, now.profile.distinct) >= LEAST:
        moved = psi(was.profile, now.profile)
        if moved > PSI_LIMIT:
            yield Change(Kind.SHAPES, name, "", f"PSI {moved:.2f}")


def _of_hits(name: str, was: Profile, now: Profile) -> Iterator[Change]:
    for identifier in sorted({*was.hits, *now.hits}):
        before, after = was.hits.get(identifier), now.hits.get(identifier)
        if after and after.within and not (before and before.within):
            yield Change(Kind.CONTAMINATED, name, "", identifier)
        old, new = (hit.passed if hit else 0 for hit in (before, after))
        if is_moved(old, was.distinct, new, now.distinct):
            yield Change(Kind.HIT_RATE, name, _share(identifier, old, was.distinct),
                         _share(identifier, new, now.distinct))


def _share(identifier: str, hits: int, of: int) -> str:
    return f"{identifier} {hits / of:.1%}"


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval a rate lies in by the Wilson score; nothing is known of no values.

    Source: E. B. Wilson, Probable inference, the law of succession, 1927.
    """
    if not of:
        return 0.0, 1.0
    rate, square = hits / of, Z * Z
    middle = (rate + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(rate * (1 - rate) / of + square / (4 * of * of)) / (1 + square / of)
    return middle - half if hits else 0.0, middle + half if hits < of else 1.0


def is_moved(was: int, was_of: int, now: int, now_of: int) -> bool:
    """Whether each rate lies outside the other's interval."""
    if not (was_of and now_of):
        return False
    low, high = wilson(was, was_of)
    least, most = wilson(now, now_of)
    return not (low <= now / now_of <= high or least <= was / was_of <= most)


def psi(was: Profile, now: Profile) -> float:
    """The population stability index over shapes; shapes beyond the kept ones count as one."""
    before, after = _counted(was), _counted(now)
    names = sorted({*before, *after})
    total = 0.0
    for name in names:
        old, new = ((counts.get(name, 0) + 0.5) / (profile.distinct + 0.5 * len(names))
                    for counts, profile in ((before, was), (after, now)))
        total += (new - old) * math.log(new / old)
    return total


def _counted(profile: Profile) -> dict[str, int]:
    counts = dict(profile.shapes)
    return {**counts, "": max(0, profile.distinct - sum(counts.values()))}
