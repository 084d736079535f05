"""Decisions counted: by product, institution, reason, purpose and result, and over time.

The counts are over what a search looks at, never over all that is kept; the survey says how far
back that reaches.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.queries.decision_search import LOOKED_AT, DecisionFilters, Looked, looked
from app.queries.query import may_read
from app.store.scope import scoped
from app.store.tables_decisions import DecisionIndex
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product
from app.store.unit import read

COLUMNS = (DecisionIndex.permits, DecisionIndex.product, DecisionIndex.institution_id,
           DecisionIndex.purpose, DecisionIndex.codes)
FACETS = ("state", "product", "institution", "reason", "purpose")
MOST_HOURS, MOST_DAYS = 72, 92


@dataclass(frozen=True)
class Value:
    """One value of a facet: its code, the name of an object, and how many decisions have it."""

    code: str
    name: str
    count: int


@dataclass(frozen=True)
class Facet:
    """The values of one filter, the most frequent first, counted as if that filter were not set."""

    name: str
    chosen: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Slot:
    """One hour, day or month in Beijing; `begins` and `ends` are its first and last day, `hour`
    its hour."""

    title: str
    begins: str
    ends: str
    hour: str
    permits: int
    denials: int


@dataclass(frozen=True)
class Survey:
    """What the decisions looked at say. `since` is when the oldest of them was made, empty where
    every one that is asked for is looked at."""

    looked_at: int
    since: str
    facets: tuple[Facet, ...]
    step: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class _Group:
    """Decisions alike in everything that is counted."""

    state: str
    product: str
    institution: str
    purpose: str
    reason: tuple[str, ...]
    count: int

    def has(self, name: str, wanted: str) -> bool:
        held = getattr(self, name)
        return wanted in held if name == "reason" else wanted == held


def survey(rt, caller: Caller, filters: DecisionFilters) -> Survey:
    """The counts of one search."""
    may_read(rt, caller, "decision")
    with read(rt) as session:
        where = looked(rt, session, caller, filters)
        numbers, names = _called(session)
        groups = [_Group("PERMIT" if permits else "DENY", product, numbers.get(key, ""), purpose,
                         tuple(codes.split()), count)
                  for permits, product, key, purpose, codes, count in session.exec(scoped(
                      select(*COLUMNS, func.count()), DecisionIndex, caller).where(
                      *where.conditions(*FACETS)).group_by(*COLUMNS))]
        since = session.exec(select(DecisionIndex.at).where(
            DecisionIndex.seq == where.floor)).first() if where.floor is not None else ""
        step, slots = _slots(rt, _hours(session, caller, where))
    return Survey(LOOKED_AT, since,
                  tuple(_facet(name, groups, filters, names) for name in FACETS), step, slots)


def _called(session: Session) -> tuple[dict[str, str], dict[str, str]]:
    """The number of every institution by id, and the name of institutions and products by it."""
    rows = session.exec(select(Institution.id, Institution.number, Institution.name)).all()
    products = session.exec(select(Product.number, Product.name)).all()
    return ({key: number for key, number, _ in rows},
            {number: name for _, number, name in rows} | dict(products))


def _facet(name: str, groups: list[_Group], filters: DecisionFilters,
           names: dict[str, str]) -> Facet:
    others = [(each, wanted) for each in FACETS
              if each != name and (wanted := getattr(filters, each))]
    counts: Counter[str] = Counter()
    for group in groups:
        if all(group.has(*other) for other in others):
            held = getattr(group, name)
            for code in set(held) if name == "reason" else (held,):
                counts[code] += group.count
    chosen = getattr(filters, name)
    counts.update({chosen: 0} if chosen else {})
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Facet(name, chosen, tuple(Value(code, names.get(code, ""), count)
                                     for code, count in ranked if code))


def _hours(session: Session, caller: Caller, where: Looked) -> Iterable[tuple[str, bool, int]]:
    hour = func.substr(DecisionIndex.at, 1, 13).label("hour")
    return session.exec(scoped(select(hour, DecisionIndex.permits, func.count()), DecisionIndex,
                               caller).where(*where.conditions()).group_by(
                                   hour, DecisionIndex.permits)).all()


def _slots(rt, hours: Iterable[tuple[str, bool, int]]) -> tuple[str, tuple[Slot, ...]]:
    """Every hour, day or month from the first to the last, whichever makes a chart one can read."""
    counts: Counter[tuple[datetime, bool]] = Counter()
    for text, permits, count in hours:
        at = datetime.fromisoformat(f"{text}:00:00+00:00").astimezone(rt.settings.zone)
        counts[at, bool(permits)] += count
    if not counts:
        return "day", ()
    first, last = min(at for at, _ in counts), max(at for at, _ in counts)
    apart = last - first
    step = ("hour" if apart < timedelta(hours=MOST_HOURS) else
            "day" if apart < timedelta(days=MOST_DAYS) else "month")
    summed: Counter[tuple[datetime, bool]] = Counter()
    for (at, permits), count in counts.items():
        summed[_begin(at, step), permits] += count
    found, at = [], _begin(first, step)
    while at <= last:
        after = _next(at, step)
        found.append(_slot(at, after, step, summed[at, True], summed[at, False]))
        at = after
    return step, tuple(found)


def _begin(at: datetime, step: str) -> datetime:
    if step == "hour":
        return at
    return at.replace(hour=0) if step == "day" else at.replace(day=1, hour=0)


def _next(at: datetime, step: str) -> datetime:
    if step == "month":
        return (at + timedelta(days=32)).replace(day=1)
    return at + (timedelta(hours=1) if step == "hour" else timedelta(days=1))


def _slot(at: datetime, after: datetime, step: str, permits: int, denials: int) -> Slot:
    begins, ends = at.date().isoformat(), (after - timedelta(seconds=1)).date().isoformat()
    title = {"hour": f"{at:%m-%d %H:00}", "day": f"{at:%m-%d}", "month": f"{at:%Y-%m}"}[step]
    return Slot(title, begins, ends, f"{begins} {at:%H}" if step == "hour" else "",
                permits, denials)
