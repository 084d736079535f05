"""The accuracy sample: what persons made of what rules and scans proposed, by month.

Every field a person graded with a proposal before them is in it: the sample is whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field
from sqlmodel import or_, select

from app.domain.callers import Caller
from app.engines.classification.suggestions import RULE, SCAN
from app.queries.query import Filters, Page, may_read, query
from app.store.field_standings import Judged, judged
from app.store.tables_supply import Department
from app.store.unit import read


class SampleFilters(Filters):
    """The judgements of one department, or of one month (`2026-11`)."""

    department: str = Field("", max_length=64, title="数据提供部门",
                            json_schema_extra={"en": "Department"})
    month: str = Field("", max_length=7, title="月份", json_schema_extra={"en": "Month"})


@dataclass(frozen=True)
class LevelPair:
    """How many fields were proposed at one level and confirmed at another or the same."""

    proposed: int
    confirmed: int
    fields: int


@dataclass(frozen=True)
class CategoryPair:
    """How many fields were proposed in one category and confirmed in another."""

    proposed: str
    confirmed: str
    fields: int


@dataclass(frozen=True)
class SampleLine:
    """The judgements of one month. `raised` are those confirmed above their proposal: the rules
    or scans were too low; `share` is how many kept level and category, in words."""

    id: str
    number: str
    judged: int
    kept: int
    raised: int
    lowered: int
    refiled: int
    share: str
    levels: tuple[LevelPair, ...]
    categories: tuple[CategoryPair, ...]


@query("accuracy_sample", "定级准确度", "Accuracy of grading")
def accuracy_samples(rt, caller: Caller, filters: SampleFilters) -> Page[SampleLine]:
    """Months in which persons judged proposals, the newest first."""
    may_read(rt, caller, "accuracy_sample")
    with read(rt) as session:
        chosen = filters.department and (session.exec(select(Department.id).where(or_(
            Department.id == filters.department, Department.number == filters.department))).first()
            or "-")
        months: dict[str, list[Judged]] = defaultdict(list)
        for one in judged(session, caller, (RULE, SCAN), chosen):
            months[one.since.astimezone(rt.settings.zone).strftime("%Y-%m")].append(one)
    wanted = filters.q or filters.month
    lines = [_line(month, months[month]) for month in sorted(months, reverse=True)
             if filters.month in ("", month) and wanted in month]
    return Page(tuple(lines[filters.offset:filters.offset + filters.limit]), len(lines),
                filters.limit, filters.offset)


def _line(month: str, found: Iterable[Judged]) -> SampleLine:
    found = tuple(found)
    kept = sum(one.proposed == one.confirmed and not _refiled(one) for one in found)
    levels = Counter((one.proposed, one.confirmed) for one in found)
    categories = Counter((one.proposed_category, one.category) for one in found if _refiled(one))
    return SampleLine(
        month, month, len(found), kept, sum(one.confirmed > one.proposed for one in found),
        sum(one.confirmed < one.proposed for one in found), sum(map(_refiled, found)),
        f"{kept / len(found):.1%}",
        tuple(LevelPair(*pair, count) for pair, count in sorted(levels.items())),
        tuple(CategoryPair(*pair, count) for pair, count in categories.most_common()))


def _refiled(one: Judged) -> bool:
    """Whether a person filed the field elsewhere than proposed."""
    return one.proposed_category not in ("", one.category)
