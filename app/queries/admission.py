"""Admission cases as people see them: the list, and the criteria sheet with its opinions."""

from dataclasses import dataclass, replace

from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.admission import ADMISSION, STAGES, AdmissionSituation, State
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.queries.possible import (
    Choice,
    Happening,
    OpenTask,
    RunningClock,
    choices,
    clocks,
    open_tasks,
    timeline,
)
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_institutions import admission_situation, on_related_list, sheet_for
from app.store.tables import Clock
from app.store.tables_institutions import AdmissionCase, Institution
from app.store.unit import read


@dataclass(frozen=True)
class AdmissionLine:
    """One case of the list; `due_at` is empty while no clock runs."""

    id: str
    number: str
    title: str
    institution: str
    state: str
    submitted_at: str
    due_at: str
    version: int


@dataclass(frozen=True)
class ScoredCriterion:
    """One line of the criteria sheet, as scored so far."""

    id: str
    zh: str
    en: str
    result: str
    note: str


@dataclass(frozen=True)
class OpinionLine:
    """One opinion as given."""

    kind: str
    result: str
    text: str
    conditions: tuple[str, ...]
    name: str
    at: str


@dataclass(frozen=True)
class PaperLine:
    """A file of the case; `name_ref` is its digest, where it is downloaded."""

    kind: str
    name: str
    name_ref: str


@dataclass(frozen=True)
class LikeInstitution:
    """How a like institution was judged: what the parity check compares."""

    number: str
    name: str
    state: str
    criteria_version: str


@dataclass(frozen=True)
class AdmissionSheet:
    """One case with what may be done to it."""

    id: str
    number: str
    title: str
    institution_id: str
    institution: str
    institution_number: str
    kind: str
    state: str
    form: dict
    form_digest: str
    submitted_at: str
    rounds: int
    defects: tuple[dict, ...]
    papers: tuple[PaperLine, ...]
    criteria_version: str
    criteria_in_force: str
    criteria: tuple[ScoredCriterion, ...]
    diligence: dict
    related_party: bool | None
    on_related_list: bool | None
    opinions: tuple[OpinionLine, ...]
    like: tuple[LikeInstitution, ...]
    decision: dict
    version: int
    choices: tuple[Choice, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]
    timeline: tuple[Happening, ...]


@query("admission_case", "机构准入申请", "Admission cases")
def admission_cases(rt, caller: Caller, filters: Filters) -> Page[AdmissionLine]:
    """Cases, newest first; `q` finds number and title."""
    may_read(rt, caller, "admission_case")
    statement = select(AdmissionCase)
    if filters.q:
        pattern = like(filters.q)
        statement = statement.where(or_(AdmissionCase.number.like(pattern, escape="\\"),
                                        AdmissionCase.title.like(pattern, escape="\\")))
    if filters.state:
        statement = statement.where(AdmissionCase.state == filters.state)
    with read(rt) as session:
        names = dict(session.exec(select(Institution.id, Institution.name)).all())
        return page_of(session, caller, AdmissionCase, statement, filters,
                       order=(AdmissionCase.number.desc(),),
                       line=lambda row: AdmissionLine(
                           row.id, row.number, row.title, names.get(row.institution_id, ""),
                           row.state, instant(row.submitted_at) if row.submitted_at else "",
                           _due(session, row), row.version))


def _due(session: Session, row: AdmissionCase) -> str:
    """When the clock of the present stage ends."""
    stage = STAGES.get(State(row.state))
    due = session.exec(select(Clock.due_at).where(
        Clock.noun == row.noun, Clock.object_id == row.id, Clock.stopped_at.is_(None),
        Clock.kind == (stage.clock if stage else ""))).first()
    return instant(due) if due else ""


@query("admission_case", "机构准入申请", "Admission case", single=True)
def admission_case(rt, caller: Caller, ref: str) -> AdmissionSheet:
    """One case by id or number. What the zone found is not shown to the applicant."""
    may_read(rt, caller, "admission_case")
    with read(rt) as session:
        row = one(session, caller, AdmissionCase, ref)
        institution = session.get(Institution, row.institution_id)
        situation = admission_situation(rt, session, caller, row)
        plain = {name: getattr(row, name) for name in (
            "id", "number", "title", "institution_id", "state", "form", "form_digest", "rounds",
            "criteria_version", "decision", "version")}
        return AdmissionSheet(
            **plain, **_examination(rt, session, caller, row, institution),
            institution=institution.name, institution_number=institution.number,
            kind=institution.kind, defects=tuple(row.defects),
            submitted_at=instant(row.submitted_at) if row.submitted_at else "",
            papers=tuple(PaperLine(item["kind"], item.get("name", ""), item["file"])
                         for item in row.files),
            criteria_in_force=sheet_for(rt, institution).edition,
            choices=choices(rt, session, caller, ADMISSION, row, _with_form(situation, row.state),
                            hidden=frozenset({"conclude_review", "lapse"})),
            clocks=clocks(session, row, instant), tasks=open_tasks(session, row, instant),
            timeline=timeline(session, ADMISSION, row, instant))


def _with_form(situation: AdmissionSituation, state: str) -> AdmissionSituation:
    """The situation once the score sheet brought what only it can bring."""
    if state != State.DILIGENCE:
        return situation
    return replace(situation, unscored=(), sources=1, criteria_current=True,
                   related_party=situation.on_related_list)


def _examination(rt, session: Session, caller: Caller, row: AdmissionCase,
                 institution: Institution) -> dict:
    """What the zone found; empty for the applicant, who reads the decision's letter."""
    if not caller.is_staff:
        return {"criteria": (), "diligence": {}, "related_party": None, "on_related_list": None,
                "opinions": (), "like": ()}
    given = {line["id"]: line for line in row.criteria}
    return {
        "criteria": tuple(
            ScoredCriterion(item.id, item.title.zh, item.title.en,
                            given.get(item.id, {}).get("result", ""),
                            given.get(item.id, {}).get("note", ""))
            for item in sheet_for(rt, institution).items),
        "diligence": row.diligence,
        "related_party": row.related_party,
        "on_related_list": on_related_list(session, institution),
        "opinions": tuple(
            OpinionLine(kind, line["result"], line["text"], tuple(line["conditions"]),
                        line["name"], line["at"]) for kind, line in row.opinions.items()),
        "like": _like(session, institution),
    }


def _like(session: Session, institution: Institution) -> tuple[LikeInstitution, ...]:
    """The institutions of the same kind admitted last."""
    rows = session.exec(select(Institution).where(
        Institution.kind == institution.kind, Institution.id != institution.id,
        Institution.admitted_at.is_not(None)).order_by(Institution.admitted_at.desc()).limit(10))
    return tuple(LikeInstitution(row.number, row.name, row.state, row.criteria_version)
                 for row in rows)
