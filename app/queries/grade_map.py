"""The grade map: how many fields or datasets of each department stand at each level."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Generic, Literal

from pydantic import Field
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.grades import LEVELS
from app.domain.standings import Counted, Standing, Unit, least
from app.queries.query import Filters, Page, T, may_read, query
from app.store.field_standings import Tally, tallies
from app.store.scope import scoped
from app.store.tables_supply import Dataset, Department
from app.store.unit import read


class MapFilters(Filters):
    """What is counted, and whose level counts; `q` finds departments."""

    of: Literal["", *Unit.__members__] = Field("", title="统计对象",
                                               json_schema_extra={"en": "Counted"})
    counted: Literal["", *Counted.__members__] = Field("", title="级别口径",
                                                       json_schema_extra={"en": "Levels"})


@dataclass(frozen=True)
class MapLine:
    """One department: its datasets and fields, and how many of what is counted stand where.

    `unplaced` have no level that counts; `personal` hold information on natural persons.
    """

    id: str
    number: str
    name: str
    datasets: int
    fields: int
    counted: int
    l1: int
    l2: int
    l3: int
    l4: int
    l5: int
    unplaced: int
    confirmed: int
    proposed: int
    ungraded: int
    personal: int
    share: str

    @property
    def levels(self) -> tuple[int, ...]:
        return self.l1, self.l2, self.l3, self.l4, self.l5


@dataclass(frozen=True)
class Totals:
    """The same numbers over every department that was asked for, whatever the page shows."""

    datasets: int
    fields: int
    counted: int
    l1: int
    l2: int
    l3: int
    l4: int
    l5: int
    unplaced: int
    confirmed: int
    proposed: int
    ungraded: int
    personal: int


@dataclass(frozen=True)
class Totalled(Page[T], Generic[T]):
    """One page of a list, and the totals of all of it."""

    totals: Totals


@dataclass(frozen=True)
class _Stands:
    """Some fields, or one dataset, that stand alike."""

    standing: Standing
    level: int | None
    personal: bool
    count: int


@query("grade_map", "分级地图", "Grade map")
def grade_map(rt, caller: Caller, filters: MapFilters) -> Totalled[MapLine]:
    """Departments with datasets in the caller's view, by number."""
    may_read(rt, caller, "grade_map")
    with read(rt) as session:
        datasets = _datasets(session, caller)
        names = session.exec(select(Department.id, Department.number, Department.name)
                             .where(Department.id.in_(datasets)).order_by(Department.number)).all()
        found: dict[str, list[Tally]] = defaultdict(list)
        for tally in tallies(session, caller):
            found[tally.department].append(tally)
    wanted = filters.q.casefold()
    lines = [_line(key, number, name, datasets[key], found[key], filters)
             for key, number, name in names if wanted in f"{number} {name}".casefold()]
    totals = Totals(*(sum(getattr(line, each.name) for line in lines) for each in fields(Totals)))
    return Totalled(tuple(lines[filters.offset:filters.offset + filters.limit]), len(lines),
                    filters.limit, filters.offset, totals)


def _datasets(session: Session, caller: Caller) -> dict[str, list[str]]:
    """The datasets in the caller's view, by department."""
    found: dict[str, list[str]] = defaultdict(list)
    for department, dataset in session.exec(
            scoped(select(Dataset.department_id, Dataset.id), Dataset, caller)).all():
        found[department].append(dataset)
    return found


def _line(key: str, number: str, name: str, datasets: list[str], fields: list[Tally],
          filters: MapFilters) -> MapLine:
    parts = _by_dataset(datasets, fields) if filters.of == Unit.DATASETS else _by_field(fields)
    parts = tuple(parts)
    whole = sum(part.count for part in parts)
    at = {level: sum(part.count for part in parts if _counts(part, filters.counted) == level)
          for level in LEVELS}
    stand = {standing: sum(part.count for part in parts if part.standing is standing)
             for standing in Standing}
    personal = sum(part.count for part in parts if part.personal)
    return MapLine(
        key, number, name, len(datasets), sum(tally.fields for tally in fields), whole,
        *at.values(), whole - sum(at.values()), stand[Standing.CONFIRMED],
        stand[Standing.PROPOSED], stand[Standing.UNGRADED], personal,
        f"{personal / whole:.1%}" if whole else "")


def _counts(part: _Stands, counted: str) -> int | None:
    """The level that counts, None while there is none."""
    proposed = counted == Counted.EXPECTED
    return part.level if proposed or part.standing is Standing.CONFIRMED else None


def _by_field(fields: Iterable[Tally]) -> Iterator[_Stands]:
    return (_Stands(tally.standing, tally.level, tally.personal, tally.fields)
            for tally in fields)


def _by_dataset(datasets: Iterable[str], fields: Iterable[Tally]) -> Iterator[_Stands]:
    """Each dataset at the highest level of its fields; at none while one of them has none."""
    held: dict[str, list[Tally]] = defaultdict(list)
    for tally in fields:
        held[tally.dataset].append(tally)
    for dataset in datasets:
        levels = [tally.level for tally in held[dataset]]
        yield _Stands(least(tally.standing for tally in held[dataset]),
                      None if not levels or None in levels else max(levels),
                      any(tally.personal for tally in held[dataset]), 1)
