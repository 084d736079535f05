"""Opinions as reviewers and department liaisons see them, each with the request it is about."""

from dataclasses import dataclass

from pydantic import Field
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.refusals import NotFound
from app.queries.course import moment
from app.queries.query import Filters, Page, may_read, one, page_of, query
from app.queries.review import Both, FieldRow, OpinionView, field_rows, opinion_views, sentence_of
from app.store.case_views import case_view
from app.store.scope import scoped
from app.store.tables_grants import GrantCase, Opinion
from app.store.titles import titles_of
from app.store.unit import read


class OpinionFilters(Filters):
    """Opinions of a kind or a case, or only those still open."""

    kind: str = Field("", max_length=20, title="意见类型", json_schema_extra={"en": "Kind"})
    case: str = Field("", max_length=64, title="申请", json_schema_extra={"en": "Application"})
    open: bool = Field(False, title="只看待出具", json_schema_extra={"en": "Open only"})


@dataclass(frozen=True)
class OpinionLine:
    """One opinion of the list."""

    id: str
    number: str
    title: str
    kind: str
    role: str
    result: str
    author: str
    due_at: str
    done_at: str
    version: int


@dataclass(frozen=True)
class OpinionSheet:
    """One opinion, and as much of the application as giving it needs."""

    id: str
    number: str
    name: str
    case_state: str
    institution: str
    product: str
    scene: str
    necessity: str
    sentence: Both
    requested: dict
    fields: tuple[FieldRow, ...]
    screening: dict
    opinion: OpinionView
    version: int


@query("opinion", "审核意见", "Opinions")
def opinions(rt, caller: Caller, filters: OpinionFilters) -> Page[OpinionLine]:
    """Opinions, newest case first; a liaison sees those of the own department."""
    may_read(rt, caller, "opinion")
    statement = select(Opinion)
    if filters.kind:
        statement = statement.where(Opinion.kind == filters.kind)
    if filters.case:
        statement = statement.where(
            (Opinion.case_id == filters.case) | (Opinion.case_number == filters.case))
    if filters.open:
        statement = statement.where(Opinion.result == "")
    if filters.state:
        statement = statement.where(Opinion.result == filters.state)
    with read(rt) as session:
        return page_of(session, caller, Opinion, statement, filters,
                       order=(Opinion.case_number.desc(), Opinion.round.desc(), Opinion.kind),
                       line=lambda row: _line(session, row))


def _line(session: Session, row: Opinion) -> OpinionLine:
    case = session.get(GrantCase, row.case_id)
    return OpinionLine(row.id, row.case_number, case.title, row.kind, row.role, row.result,
                       row.author, "" if row.done_at else moment(row.due_at),
                       moment(row.done_at), row.version)


@query("opinion", "审核意见", "Opinion", single=True)
def opinion(rt, caller: Caller, ref: str) -> OpinionSheet:
    """One opinion by id; by the number of its case, the one this caller is to give."""
    may_read(rt, caller, "opinion")
    with read(rt) as session:
        row = one(session, caller, Opinion, _key(session, caller, ref))
        case = session.get(GrantCase, row.case_id)
        view = case_view(rt, session, case)
        titles = titles_of(rt, session, view.product)
        return OpinionSheet(
            row.id, case.number, case.title, case.state, view.institution.name,
            view.product.name, case.scene, case.necessity, sentence_of(view.requested, titles),
            case.requested, field_rows(view.requested, view.ceiling, (), False), case.screening,
            opinion_views(rt, session, caller, (row,), case.rounds)[0], row.version)


def _key(session: Session, caller: Caller, ref: str) -> str:
    found = session.exec(scoped(select(Opinion.id).where(
        (Opinion.id == ref) | ((Opinion.case_number == ref) & Opinion.role.in_(caller.roles))),
        Opinion, caller).order_by(Opinion.round.desc(), Opinion.attempt.desc())).first()
    if found is None:
        raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                       noun="opinion")
    return found
