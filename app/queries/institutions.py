"""Institutions as people see them: the list, and the profile with everything that hangs on one."""

from dataclasses import dataclass, replace
from datetime import date

from pydantic import Field
from sqlalchemy import func, or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.institutions import INSTITUTION, InstitutionSituation
from app.queries.course import tightening
from app.queries.possible import Choice, Happening, OpenTask, choices, open_tasks, timeline
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_institutions import institution_situation, on_related_list
from app.store.tables_grants import Grant
from app.store.tables_institutions import (
    AdmissionCase,
    ClientApp,
    Credential,
    Institution,
    JointNode,
)
from app.store.tables_supply import Product
from app.store.unit import read

MOST_HELD = 200
ENDED = ("REVOKED", "EXPIRED", "TERMINATED", "CLOSING", "CLOSED")


class InstitutionFilters(Filters):
    """Institutions are also found by kind."""

    kind: str = Field("", title="机构类型", json_schema_extra={"en": "Kind of institution"})


@dataclass(frozen=True)
class InstitutionLine:
    """One institution of the list."""

    id: str
    number: str
    name: str
    uscc: str
    kind: str
    state: str
    related_party: bool
    review_due: str
    grants: int
    version: int


@dataclass(frozen=True)
class Held:
    """Something that hangs on an institution: a case, grant, system, node or credential."""

    id: str
    number: str
    title: str
    state: str
    until: str = ""
    extra: str = ""


@dataclass(frozen=True)
class InstitutionSheet:
    """The profile of one institution (机构360)."""

    id: str
    number: str
    name: str
    uscc: str
    kind: str
    state: str
    parent: str
    related_party: bool
    on_related_list: bool
    stop_order: bool
    barred_until: str
    licence_no: str
    licence_expires: str
    security_level: int | None
    security_expires: str
    contact: str
    security_officer: str
    criteria_version: str
    admitted_at: str
    review_due: str
    rectify_due: str
    suspended_for: str
    automatic: bool
    confirm_by: str
    exit_trigger: str
    business_ref_pattern: str
    quota: dict
    version: int
    admissions: tuple[Held, ...]
    grants: tuple[Held, ...]
    apps: tuple[Held, ...]
    nodes: tuple[Held, ...]
    credentials: tuple[Held, ...]
    choices: tuple[Choice, ...]
    tasks: tuple[OpenTask, ...]
    timeline: tuple[Happening, ...]


@query("institution", "应用单位", "Institutions")
def institutions(rt, caller: Caller, filters: InstitutionFilters) -> Page[InstitutionLine]:
    """Institutions by number; `q` finds number, name and USCC."""
    may_read(rt, caller, "institution")
    statement = select(Institution)
    if filters.q:
        pattern = like(filters.q)
        statement = statement.where(or_(
            Institution.name.like(pattern, escape="\\"),
            Institution.number.like(pattern, escape="\\"),
            Institution.uscc.like(pattern, escape="\\")))
    if filters.state:
        statement = statement.where(Institution.state == filters.state)
    if filters.kind:
        statement = statement.where(Institution.kind == filters.kind)
    order = {"name": Institution.name, "-name": Institution.name.desc(),
             "-number": Institution.number.desc()}.get(filters.sort, Institution.number)
    with read(rt) as session:
        counts = dict(session.exec(select(Grant.institution_id, func.count()).where(
            Grant.state.notin_(ENDED)).group_by(Grant.institution_id)).all())
        return page_of(session, caller, Institution, statement, filters, order=(order,),
                       line=lambda row: InstitutionLine(
                           row.id, row.number, row.name, row.uscc, row.kind, row.state,
                           row.related_party, shown(row.review_due), counts.get(row.id, 0),
                           row.version))


@query("institution", "应用单位", "Institution", single=True)
def institution(rt, caller: Caller, ref: str) -> InstitutionSheet:
    """One institution by id or number."""
    may_read(rt, caller, "institution")
    with read(rt) as session:
        row = one(session, caller, Institution, ref)
        parent = session.get(Institution, row.parent_id) if row.parent_id else None
        situation = institution_situation(rt, session, caller, row)
        dates = {name: shown(getattr(row, name)) for name in (
            "barred_until", "licence_expires", "security_expires", "admitted_at", "review_due",
            "rectify_due", "confirm_by")}
        plain = {name: getattr(row, name) for name in (
            "id", "number", "name", "uscc", "kind", "state", "related_party", "stop_order",
            "licence_no", "security_level", "contact", "security_officer", "criteria_version",
            "suspended_for", "automatic", "exit_trigger", "business_ref_pattern", "quota",
            "version")}
        return InstitutionSheet(
            **plain, **dates, **_held(session, row), parent=parent.name if parent else "",
            on_related_list=caller.is_staff and on_related_list(session, row),
            choices=(*tightening(rt, caller, row, ("ADMITTED",)),
                     *choices(rt, session, caller, INSTITUTION, row, _with_form(situation),
                              hidden=frozenset({"admit", "complete_exit"}))),
            tasks=open_tasks(session, row, instant),
            timeline=timeline(session, INSTITUTION, row, instant))


def _with_form(situation: InstitutionSituation) -> InstitutionSituation:
    """The situation once a form brought what only it can bring: files, a day, new certificates."""
    return replace(situation, evidence=1, rectify_due=date.max, licence_expires=date.max,
                   security_expires=date.max)


def _held(session: Session, row: Institution) -> dict[str, tuple[Held, ...]]:
    """Everything that hangs on the institution, newest first, at most 200 of each."""
    def rows(model, *more):
        return session.exec(select(model, *more).where(model.institution_id == row.id).order_by(
            model.created_at.desc(), model.number.desc()).limit(MOST_HELD)).all()

    products = dict(session.exec(select(Product.id, Product.name)).all())
    apps = {app.id: app for app in rows(ClientApp)}
    return {
        "admissions": tuple(Held(case.id, case.number, case.title, case.state,
                                 shown(case.submitted_at)) for case in rows(AdmissionCase)),
        "grants": tuple(Held(grant.id, grant.number, products.get(grant.product_id, ""),
                             grant.state, instant(grant.valid_to)) for grant in rows(Grant)),
        "apps": tuple(Held(app.id, app.number, app.name, app.state,
                           extra=", ".join(app.networks)) for app in apps.values()),
        "nodes": tuple(Held(node.id, node.number, node.name, node.state,
                            shown(node.attested_at), node.attestation.get("result", ""))
                       for node in rows(JointNode)),
        "credentials": tuple(Held(item.id, item.number,
                                  apps[item.app_id].name if item.app_id in apps else "",
                                  item.state, instant(item.expires_at), item.prefix)
                             for item in rows(Credential)),
    }


def shown(value) -> str:
    """A day or an instant as text, empty for none."""
    if value is None:
        return ""
    return instant(value) if hasattr(value, "tzinfo") else value.isoformat()
