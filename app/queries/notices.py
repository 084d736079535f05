"""Instruments as people see them: the list, the sheet of one with its words, the printed copy."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import func, or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.instruments import Kind, ServiceMethod, file_name
from app.domain.notices import NOTICE
from app.domain.refusals import NotFound
from app.queries.possible import Choice, Happening, choices, timeline
from app.queries.query import Filters, Page, like, may_read, query
from app.store.scope import scoped
from app.store.situations_notices import notice_situation
from app.store.tables import Attachment
from app.store.tables_notices import Notice
from app.store.unit import read


class NoticeFilters(Filters):
    """Instruments by kind and by the object they are about."""

    kind: str = Field("", max_length=40, title="文种", json_schema_extra={"en": "Type"})
    about: str = Field("", max_length=64, title="相关编号",
                       json_schema_extra={"en": "About (number)"})


@dataclass(frozen=True)
class NoticeLine:
    """One instrument of the list."""

    id: str
    number: str
    serial: str
    kind: str
    recipient: str
    about_noun: str
    about_number: str
    dated: str
    state: str
    version: int


@dataclass(frozen=True)
class NoticeSheet:
    """One instrument: what it says, how it was served, and what may be done."""

    id: str
    number: str
    serial: str
    kind: str
    title: dict[str, str]
    recipient: str
    about_noun: str
    about_number: str
    dated: str
    code: str
    payload: dict
    payload_digest: str
    edition: str
    file: str
    served: dict
    service_method: dict[str, str]
    state: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


@dataclass(frozen=True)
class PrintedCopy:
    """The PDF of an instrument under the name it is saved by."""

    name: str
    sha256: str
    body: bytes


@query("notice", "文书", "Instruments")
def notices(rt, caller: Caller, filters: NoticeFilters) -> Page[NoticeLine]:
    """Newest first; `q` finds serial, recipient and the number of the object."""
    may_read(rt, caller, "notice")
    statement = _within(caller)
    if filters.q:
        pattern = like(filters.q)
        statement = statement.where(or_(*(column.like(pattern, escape="\\") for column in (
            Notice.serial, Notice.recipient, Notice.about_number, Notice.code))))
    for column, value in ((Notice.state, filters.state), (Notice.kind, filters.kind),
                          (Notice.about_number, filters.about)):
        if value:
            statement = statement.where(column == value)
    with read(rt) as session:
        total = session.exec(select(func.count()).select_from(statement.subquery())).one()
        rows = session.exec(statement.order_by(Notice.created_at.desc(), Notice.id.desc())
                            .limit(filters.limit).offset(filters.offset)).all()
    return Page(tuple(NoticeLine(
        row.id, row.number, row.serial, row.kind, row.recipient, row.about_noun,
        row.about_number, row.dated.isoformat(), row.state, row.version) for row in rows),
        int(total), filters.limit, filters.offset)


@query("notice", "文书", "Instrument", single=True)
def notice(rt, caller: Caller, ref: str) -> NoticeSheet:
    """One instrument by id, number or serial."""
    may_read(rt, caller, "notice")
    with read(rt) as session:
        row = _one(session, caller, ref)
        kind = Kind(row.kind)
        method = row.served.get("method")
        served = ServiceMethod(method) if method else None
        return NoticeSheet(
            row.id, row.number, row.serial, row.kind, {"zh": kind.zh, "en": kind.en},
            row.recipient, row.about_noun, row.about_number, row.dated.isoformat(), row.code,
            row.payload, row.payload_digest, row.edition, row.file, row.served,
            {"zh": served.zh, "en": served.en} if served else {}, row.state, row.version,
            choices(rt, session, caller, NOTICE, row, _served_today(rt, session, caller, row),
                    hidden=frozenset({"render"})),
            timeline(session, NOTICE, row, instant))


def _served_today(rt, session: Session, caller: Caller, row: Notice):
    """The situation in which the form opens: service on this very day."""
    today = rt.clock().astimezone(rt.settings.zone).date()
    return notice_situation(rt, session, caller, row, today)


def printed(rt, caller: Caller, ref: str) -> PrintedCopy:
    """The printed copy of an instrument within the caller's scope.

    Raises:
        NotFound: there is none, foreign, or not printed yet.
    """
    may_read(rt, caller, "notice")
    with read(rt) as session:
        row = _one(session, caller, ref)
        copy = session.get(Attachment, row.file) if row.file else None
        if copy is None:
            raise NotFound("文书正在制作，请稍后下载", "the instrument is still being printed",
                           code="NOTICE.NOT_PRINTED")
        return PrintedCopy(file_name(row.serial, row.title), copy.sha256, copy.body)


def _within(caller: Caller):
    """Instruments the caller may know of: the zone's, its institution's or its department's."""
    if caller.department:
        return select(Notice).where(Notice.department_id == caller.department)
    return scoped(select(Notice), Notice, caller)


def _one(session: Session, caller: Caller, ref: str) -> Notice:
    row = session.exec(_within(caller).where(
        or_(Notice.id == ref, Notice.number == ref, Notice.serial == ref))).first()
    if row is None:
        raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                       noun="notice")
    return row
