"""Applications as people see them: the list, and the review sheet with all its three panes."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.chain import Chain
from app.domain.grant_cases import ENDED, GRANT_CASE, OPEN, Material
from app.domain.narrowing import Difference, differences
from app.domain.opinions import SECOND_WHEN
from app.queries.course import course, filing, moment
from app.queries.decisions import Denial, denial
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.queries.review import (
    Both,
    DimensionWords,
    FieldRow,
    LikeView,
    OpinionView,
    ParityView,
    dimension_words,
    field_rows,
    like_views,
    opinion_views,
    outward,
    parity_view,
)
from app.store.case_views import rights_or_none
from app.store.scope import scoped
from app.store.situations_grants import Entered, Judged, clauses_missing, judge
from app.store.tables import Attachment, Clock
from app.store.tables_grants import Contract, GrantCase
from app.store.tables_institutions import Institution
from app.store.tables_people import Person
from app.store.tables_supply import Product
from app.store.titles import titles_of
from app.store.unit import read

SYSTEM_MOVES = frozenset({"propose", "lapse", "close_review", "conclude", "give_opinion", "recuse"})


class CaseFilters(Filters):
    """Applications of a kind, an institution or a product, or only those still open."""

    kind: str = Field("", max_length=20, title="申请类型", json_schema_extra={"en": "Kind"})
    institution: str = Field("", max_length=64, title="机构",
                             json_schema_extra={"en": "Institution"})
    product: str = Field("", max_length=64, title="产品", json_schema_extra={"en": "Product"})
    open: bool = Field(False, title="只看在办", json_schema_extra={"en": "Open only"})


@dataclass(frozen=True)
class CaseLine:
    """One application of the list; `due_at` is its nearest running time limit."""

    id: str
    number: str
    title: str
    kind: str
    institution: str
    product: str
    product_number: str
    state: str
    second_needed: bool
    submitted_at: str
    due_at: str
    paused: bool
    version: int


@dataclass(frozen=True)
class FileView:
    """A file handed in with the application."""

    sha256: str
    name: str
    href: str


@dataclass(frozen=True)
class ContractView:
    """The contract of an approved application."""

    id: str
    number: str
    state: str
    template: str
    clauses: tuple[str, ...]
    missing: tuple[str, ...]
    scope_digest: str
    signatures: tuple[dict, ...]
    signed_on: str
    file: str


@dataclass(frozen=True)
class Neighbours:
    """The applications before and after this one in its queue."""

    previous: str
    next: str


@dataclass(frozen=True)
class CaseSheet:
    """One application with everything its review needs: what is asked in words and by field, what
    the chain allows, what the screening found, what like institutions hold, who said what."""

    id: str
    number: str
    name: str
    title: str
    kind: str
    state: str
    institution: str
    institution_id: str
    institution_number: str
    product: str
    product_number: str
    grant: str
    maker: str
    signer: str
    scene: str
    necessity: str
    security_measures: str
    volume_per_day: int
    requested: dict
    approved: dict
    conditions: tuple[str, ...]
    quota: dict
    obligations: tuple[dict, ...]
    scope_digest: str
    form_digest: str
    words: tuple[DimensionWords, ...]
    fields: tuple[FieldRow, ...]
    screening: dict
    changes: tuple[Difference, ...]
    chain: Chain
    like: tuple[LikeView, ...]
    opinions: tuple[OpinionView, ...]
    second_needed: bool
    second_because: tuple[Both, ...]
    missing: tuple[str, ...]
    defects: tuple[dict, ...]
    answers: tuple[dict, ...]
    rounds: int
    decision: dict
    contract: ContractView | None
    parity: ParityView | None
    files: tuple[FileView, ...]
    origin_decision: str
    origin: Denial | None
    submitted_at: str
    queue: Neighbours | None
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("grant_case", "授权申请", "Applications")
def grant_cases(rt, caller: Caller, filters: CaseFilters) -> Page[CaseLine]:
    """Applications, newest first; `q` finds number and title."""
    may_read(rt, caller, "grant_case")
    statement = select(GrantCase)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(GrantCase.number.like(text, escape="\\"),
                                        GrantCase.title.like(text, escape="\\")))
    for column, wanted in ((GrantCase.state, filters.state), (GrantCase.kind, filters.kind)):
        if wanted:
            statement = statement.where(column == wanted)
    if filters.open:
        statement = statement.where(GrantCase.state.in_([str(state) for state in OPEN]))
    for model, column, wanted in ((Institution, GrantCase.institution_id, filters.institution),
                                  (Product, GrantCase.product_id, filters.product)):
        if wanted:
            statement = statement.where(column.in_(select(model.id).where(
                or_(model.id == wanted, model.number == wanted))))
    with read(rt) as session:
        return page_of(session, caller, GrantCase, statement, filters,
                       order=(GrantCase.number.desc(),), line=lambda row: _line(session, row))


def _line(session: Session, row: GrantCase) -> CaseLine:
    institution = session.get(Institution, row.institution_id)
    product = session.get(Product, row.product_id)
    running = session.exec(select(Clock).where(
        Clock.noun == row.noun, Clock.object_id == row.id, Clock.stopped_at.is_(None))
        .order_by(Clock.due_at)).all()
    ticking = [clock for clock in running if clock.paused_at is None]
    return CaseLine(
        row.id, row.number, row.title, row.kind, institution.name, product.name, product.number,
        row.state, row.second_needed, moment(row.submitted_at),
        instant(ticking[0].due_at) if ticking else "", bool(running) and not ticking, row.version)


@query("grant_case", "授权申请", "Application", single=True)
def grant_case(rt, caller: Caller, ref: str) -> CaseSheet:
    """One application by id or number."""
    may_read(rt, caller, "grant_case")
    with read(rt) as session:
        row = one(session, caller, GrantCase, ref)
        judged = judge(rt, session, caller, row, entered=_assumed(row))
        titles = titles_of(rt, session, judged.view.product)
        likes = (like_views(rt, session, judged.view, titles)
                 if caller.is_staff and row.state not in ENDED else ())
        return CaseSheet(**_plain(row, caller.is_staff), **_around(session, judged),
                         **_panes(rt, session, caller, judged, titles, likes),
                         queue=_neighbours(session, caller, row),
                         origin=denial(rt, session, caller, row.origin_decision),
                         **outward(caller, course(
                             rt, session, caller, GRANT_CASE, row, judged.situation,
                             hidden=SYSTEM_MOVES, filings=(
                                 filing(rt, caller, row, "edit", ("修改申请", "Edit"),
                                        ("DRAFT", "SUPPLEMENT")),))))


def _assumed(row: GrantCase) -> Entered:
    """What a form will ask for is taken as given, so that a button is not refused beforehand."""
    return Entered(grounds=("-",), override="-", deviation="-",
                   defects=0 if row.state == "SUPPLEMENT" else 1)


def _plain(row: GrantCase, inside: bool) -> dict:
    copied = ("id", "number", "title", "kind", "state", "scene", "necessity",
              "security_measures", "volume_per_day", "requested", "approved", "quota",
              "scope_digest", "form_digest", "rounds",
              "origin_decision", "version", "second_needed", "institution_id")
    decision = {name: value for name, value in row.decision.items()
                if inside or name not in ("override", "deviation", "parity")}
    return {**{name: getattr(row, name) for name in copied}, "name": row.title,
            "decision": decision,
            "conditions": tuple(row.conditions), "obligations": tuple(row.obligations),
            "defects": tuple(_defect(item) for item in row.defects), "answers": tuple(row.answers),
            "submitted_at": moment(row.submitted_at),
            "second_because": tuple(Both(SECOND_WHEN[code].zh, SECOND_WHEN[code].en)
                                    for code in row.second_because)}


def _defect(item: dict) -> dict:
    """A defect as told, with the title of the material it is about."""
    about = Material(item["material"]) if "material" in item else None
    return item | ({"title": {"zh": about.zh, "en": about.en}} if about else {})


def _around(session: Session, judged: Judged) -> dict:
    view, row = judged.view, judged.view.row
    return {"institution": view.institution.name, "institution_number": view.institution.number,
            "product": view.product.name, "product_number": view.product.number,
            "grant": view.grant.number if view.grant else "",
            "maker": _person(session, row.maker), "signer": _person(session, row.signer),
            "files": tuple(_file(session, sha) for sha in row.files)}


def _person(session: Session, key: str) -> str:
    found = session.get(Person, key) if key else None
    return found.name if found else key


def _file(session: Session, sha256: str) -> FileView:
    found = session.get(Attachment, sha256)
    return FileView(sha256, found.name if found else sha256, f"/attachments/{sha256}")


def _panes(rt, session: Session, caller: Caller, judged: Judged, titles: dict,
           likes: tuple[LikeView, ...]) -> dict:
    view, row = judged.view, judged.view.row
    asked = rights_or_none(rt, row.approved) or view.requested
    screening = row.screening or (judged.screening.as_document(rt.law.digest, rt.clock())
                                  if judged.screening else {})
    changes = differences(asked, view.in_force, rt.law.purposes, rt.law.vocabulary) if (
        asked and view.in_force and row.state not in ENDED) else ()
    return {"changes": changes, "words": dimension_words(asked, view.ceiling, rt.law, titles),
            "fields": field_rows(asked, view.ceiling, likes, caller.is_staff),
            "chain": view.ceiling.chain, "like": likes, "missing": judged.situation.missing,
            "opinions": opinion_views(rt, session, caller, view.opinions, row.rounds),
            "contract": contract_view(rt, view.contract), "screening": screening,
            "parity": parity_view(judged.parity) if caller.is_staff else None}


def contract_view(rt, contract: Contract | None) -> ContractView | None:
    if contract is None:
        return None
    return ContractView(
        contract.id, contract.number, contract.state, contract.template, tuple(contract.clauses),
        clauses_missing(rt, contract), contract.scope_digest, tuple(contract.signatures),
        contract.signed_on.isoformat() if contract.signed_on else "", contract.file)


def _neighbours(session: Session, caller: Caller, row: GrantCase) -> Neighbours | None:
    """The next older and newer application in the same state."""
    if row.state in ENDED:
        return None
    same = scoped(select(GrantCase.number).where(GrantCase.state == row.state), GrantCase, caller)
    before = session.exec(same.where(GrantCase.number < row.number)
                          .order_by(GrantCase.number.desc()).limit(1)).first()
    after = session.exec(same.where(GrantCase.number > row.number)
                         .order_by(GrantCase.number).limit(1)).first()
    return Neighbours(before or "", after or "")
