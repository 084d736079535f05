"""The registry of grants: found by party, purpose and end, with flags and calls."""

from dataclasses import dataclass
from datetime import date

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.chain import Chain
from app.domain.grants import days_left
from app.domain.workdays import start_of
from app.queries.query import Filters, Page, like, may_read, page_of, query
from app.store.chain import (
    Moment,
    current_version,
    listed_version,
    own_links,
    upper_links,
)
from app.store.grant_use import flags_of, last_permits
from app.store.impact import CALL_DAYS, calls_since
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product
from app.store.unit import read


class GrantFilters(Filters):
    """Grants by institution, product, purpose, or the day they end before."""

    institution: str = Field("", max_length=64, title="机构",
                             json_schema_extra={"en": "Institution"})
    product: str = Field("", max_length=64, title="产品", json_schema_extra={"en": "Product"})
    purpose: str = Field("", max_length=40, title="目的", json_schema_extra={"en": "Purpose"})
    ends_before: date | None = Field(None, title="到期早于",
                                     json_schema_extra={"en": "Ends before"})


@dataclass(frozen=True)
class GrantLine:
    """One grant of the registry."""

    id: str
    number: str
    name: str
    institution: str
    institution_number: str
    product: str
    product_number: str
    purposes: tuple[str, ...]
    n: int
    valid_from: str
    valid_to: str
    days_left: int
    flags: tuple[str, ...]
    calls: int
    state: str
    version: int


@query("grant", "授权", "Grants")
def grants(rt, caller: Caller, filters: GrantFilters) -> Page[GrantLine]:
    """Grants, newest first; `q` finds number, institution and product."""
    may_read(rt, caller, "grant")
    statement = select(Grant)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(
            Grant.number.like(text, escape="\\"),
            Grant.institution_id.in_(select(Institution.id).where(
                Institution.name.like(text, escape="\\"))),
            Grant.product_id.in_(select(Product.id).where(
                Product.name.like(text, escape="\\")))))
    if filters.state:
        statement = statement.where(Grant.state == filters.state)
    for model, column, wanted in ((Institution, Grant.institution_id, filters.institution),
                                  (Product, Grant.product_id, filters.product)):
        if wanted:
            statement = statement.where(column.in_(select(model.id).where(
                or_(model.id == wanted, model.number == wanted))))
    if filters.ends_before:
        statement = statement.where(Grant.valid_to < start_of(filters.ends_before))
    with read(rt) as session:
        if filters.purpose:
            statement = statement.where(Grant.id.in_(_with_purpose(rt, session, filters.purpose)))
        lines = _Lines(rt, session)
        page = page_of(session, caller, Grant, statement, filters,
                       order=(Grant.number.desc(),), line=lambda row: row)
        return Page(lines.of(list(page.items)), page.total, page.limit, page.offset)


def _with_purpose(rt, session: Session, purpose: str) -> list[str]:
    """Grants whose version in force reaches the purpose, or something below it."""
    law, found = rt.law.purposes, []
    for grant_id, dimensions in session.exec(select(
            GrantVersion.grant_id, GrantVersion.dimensions).join(
            Grant, (Grant.id == GrantVersion.grant_id) & (Grant.current == GrantVersion.n))).all():
        for node in dimensions["purpose"]["nodes"]:
            if law.is_within(node["code"], (purpose,)) or (
                    node.get("descend") and law.is_within(purpose, (node["code"],))):
                found.append(grant_id)
                break
    return found


class _Lines:
    """Lines of a page: whatever several grants share is read once."""

    def __init__(self, rt, session: Session):
        self.rt, self.session, self.moment = rt, session, Moment.of(rt)
        self.above: dict[tuple, bool] = {}

    def of(self, rows: list[Grant]) -> tuple[GrantLine, ...]:
        numbers = [row.number for row in rows]
        calls = calls_since(self.session, numbers, self.moment, CALL_DAYS)
        last = last_permits(self.session, numbers)
        return tuple(self._line(row, calls.get(row.number, (0, 0))[0], last.get(row.number, ""))
                     for row in rows)

    def _line(self, row: Grant, calls: int, last_permit: str) -> GrantLine:
        session = self.session
        institution = session.get(Institution, row.institution_id)
        product = session.get(Product, row.product_id)
        version = current_version(session, row)
        flags = flags_of(row, self.moment, last_permit=last_permit,
                         chain_in_force=self._above(row, product, institution, version))
        nodes = version.dimensions["purpose"]["nodes"] if version else []
        return GrantLine(
            row.id, row.number, f"{institution.name} · {product.name}", institution.name,
            institution.number, product.name, product.number,
            tuple(node["code"] for node in nodes), row.current, instant(row.valid_from),
            instant(row.valid_to), days_left(row.valid_to, self.moment.at),
            tuple(str(flag) for flag in flags), calls, row.state, row.version)

    def _above(self, row: Grant, product: Product, institution: Institution,
               version: GrantVersion | None) -> bool:
        """Whether L0 to L4, and a credential, are in force for this grant."""
        scope = version.dimensions["scope"] if version else {}
        first, last = scope.get("version_from", ""), scope.get("version_to", "")
        key = (product.id, institution.id, first, last)
        if key not in self.above:
            self.above[key] = Chain(tuple(upper_links(
                self.session, product, listed_version(self.session, product, first, last),
                institution, self.moment))).in_force
        ways = version.dimensions["method"]["ways"] if version else []
        own = Chain(tuple(own_links(self.session, row, ways, self.moment)))
        return self.above[key] and own.in_force
