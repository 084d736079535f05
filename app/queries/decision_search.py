"""How decisions are looked for: exactly by what is indexed, and among the newest by the rest.

Millions of decisions are kept. A number, an institution, a grant, a subject and a time are found
wherever they lie; result, product, purpose and reason narrow the newest `LOOKED_AT` of those.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import Field
from sqlalchemy import func, literal, or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.refusals import Invalid
from app.queries.query import Filters
from app.store.places import place_at
from app.store.scope import scoped
from app.store.tables_decisions import DecisionIndex, bears
from app.store.tables_institutions import Institution

LOOKED_AT = 100_000
DAY = r"^$|^\d{4}-\d{2}-\d{2}$"
TIME = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T]+)?(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?")
HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]+(\d{1,2})")
NUMBERS = (DecisionIndex.id, DecisionIndex.trace_id, DecisionIndex.business_ref,
           DecisionIndex.grant, DecisionIndex.subject)
LOOSE = {"product": DecisionIndex.product, "purpose": DecisionIndex.purpose}


class DecisionFilters(Filters):
    """What decisions can be narrowed by; `q` is a decision, trace, business or grant number, the
    keyed hash of a subject, or a time in Beijing: `02:15`, `2026-11-22 02:15`, `2026-11-22 02`."""

    state: str = Field("", pattern=r"^$|^(PERMIT|DENY)$", title="结果",
                       json_schema_extra={"en": "Result"})
    institution: str = Field("", max_length=64, title="机构编号",
                             json_schema_extra={"en": "Institution"})
    grant: str = Field("", max_length=64, title="授权编号", json_schema_extra={"en": "Grant"})
    product: str = Field("", max_length=64, title="产品编号", json_schema_extra={"en": "Product"})
    purpose: str = Field("", max_length=64, title="目的代码", json_schema_extra={"en": "Purpose"})
    reason: str = Field("", max_length=64, title="原因代码", json_schema_extra={"en": "Reason"})
    subject: str = Field("", max_length=64, title="主体证照号码",
                         json_schema_extra={"en": "Number of the data subject"})
    begins: str = Field("", pattern=DAY, title="起始日期", json_schema_extra={"en": "From"})
    ends: str = Field("", pattern=DAY, title="截止日期", json_schema_extra={"en": "To"})


@dataclass(frozen=True)
class Looked:
    """What is looked at: `exact` conditions of the indexes, `loose` ones by filter, and the place
    of the oldest decision looked at, None where all are."""

    exact: tuple
    loose: dict
    floor: int | None

    def conditions(self, *but: str) -> tuple:
        """Every condition of a statement, without the loose filters named."""
        held = tuple(each for name, each in self.loose.items() if name not in but)
        return self.exact + held + (
            (DecisionIndex.seq >= self.floor,) if self.floor is not None else ())


def looked(rt, session: Session, caller: Caller, filters: DecisionFilters) -> Looked:
    """The conditions of this search, within the caller's scope."""
    exact = (*_period(rt, session, filters), *_named(rt, session, filters))
    newest = scoped(select(DecisionIndex.seq), DecisionIndex, caller).where(*exact)
    floor = session.exec(newest.order_by(DecisionIndex.seq.desc()).offset(
        LOOKED_AT - 1).limit(1)).first()
    loose = {name: column == getattr(filters, name) for name, column in LOOSE.items()
             if getattr(filters, name)}
    if filters.state:
        loose["state"] = DecisionIndex.permits == (filters.state == "PERMIT")
    if filters.reason:
        loose["reason"] = literal(" ").concat(DecisionIndex.codes).concat(literal(" ")).contains(
            f" {filters.reason} ", autoescape=True)
    return Looked(exact, loose, floor)


def counted(session: Session, caller: Caller, where: Looked) -> int:
    """How many of the decisions looked at are found."""
    if where.floor is not None and not where.loose:
        return LOOKED_AT
    return session.exec(scoped(select(func.count()).select_from(DecisionIndex), DecisionIndex,
                               caller).where(*where.conditions())).one()


def _named(rt, session: Session, filters: DecisionFilters) -> tuple:
    found = []
    if filters.q and _spoken(rt, filters) is None:
        found.append(_by_number(session, filters.q))
    if filters.grant:
        found.append(DecisionIndex.grant == filters.grant)
    if filters.institution:
        key = session.exec(select(Institution.id).where(
            Institution.number == filters.institution)).first()
        found.append(DecisionIndex.institution_id == (key or "-"))
    if filters.subject:
        found.append(or_(*(
            bears(DecisionIndex.subject, rt.subject_hash(kind, filters.subject))
            for kind in rt.law.vocabulary.subject_kinds)))
    return tuple(found)


def _by_number(session: Session, number: str):
    """The condition on the columns that hold the number; each is asked by its own index, so that
    no engine is ever tempted to read on from the newest until it comes across it."""
    held = [column for column in NUMBERS if session.exec(
        select(DecisionIndex.seq).where(bears(column, number)).limit(1)).first() is not None]
    return or_(*(bears(column, number) for column in held)) if held else DecisionIndex.seq < 0


def _period(rt, session: Session, filters: DecisionFilters) -> tuple:
    """Decisions of these days, and of this time. The trail is in order of time, so that is a range
    of its places; a place is asked for in the order of time, never as the least of all."""
    spans = [(_midnight(rt, filters.begins, 0), _midnight(rt, filters.ends, 1)),
             _spoken(rt, filters) or (None, None)]
    begins = max((span[0] for span in spans if span[0]), default=None)
    ends = min((span[1] for span in spans if span[1]), default=None)
    found = ()
    if begins:
        found += (DecisionIndex.seq >= place_at(session.connection(), begins),)
    if ends:
        found += (DecisionIndex.seq < place_at(session.connection(), ends),)
    return found


def _midnight(rt, day: str, after: int) -> datetime | None:
    return _at(rt, day, 0, 0, 0) + timedelta(days=after) if day else None


def _at(rt, day: str, hour: int, minute: int, second: int) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(hour, minute, second),
                                rt.settings.zone)
    except ValueError:
        raise Invalid("日期或时间不存在", "there is no such day or time") from None


def _spoken(rt, filters: DecisionFilters) -> tuple[datetime, datetime] | None:
    """The hour, minute or second `q` names: of its day, else the last time a clock showed it, up
    to the last day asked for; None where `q` is no time."""
    if found := HOUR.fullmatch(filters.q):
        begins = _at(rt, found[1], int(found[2]), 0, 0)
        return begins, begins + timedelta(hours=1)
    found = TIME.fullmatch(filters.q)
    if not found:
        return None
    now = rt.clock().astimezone(rt.settings.zone)
    today = now.date().isoformat()
    day = found[1] or min(filters.ends or today, today)
    begins = _at(rt, day, int(found[2]), int(found[3]), int(found[4] or 0))
    if begins > now and not found[1]:
        begins -= timedelta(days=1)
    return begins, begins + (timedelta(seconds=1) if found[4] else timedelta(minutes=1))
