"""Versions of products as people see them: the list, and the sheet with lineage and opinions."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.products import VERSION, second_needed
from app.domain.refusals import NotFound
from app.queries.course import course, filing, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.products import named_fields, offered
from app.queries.query import Filters, Page, may_read, one, page_of, query
from app.store.situations_products import version_situation
from app.store.tables_supply import Product, ProductVersion
from app.store.unit import read

FOLLOW_UP = frozenset({"complete_review", "supersede"})


class VersionFilters(Filters):
    """Versions of one product."""

    product: str = Field("", max_length=64, title="产品", json_schema_extra={"en": "Product"})


@dataclass(frozen=True)
class VersionLine:
    """One version of the list."""

    id: str
    number: str
    product_id: str
    name: str
    text: str
    fields: int
    output_form: str
    reviews: int
    published_at: str
    state: str
    version: int


@dataclass(frozen=True)
class VersionSheet:
    """One version: what it offers, where every field comes from, what the reviewers said."""

    id: str
    number: str
    product_id: str
    product_number: str
    name: str
    text: str
    state: str
    fields: tuple[dict, ...]
    methods: tuple[dict, ...]
    output_form: str
    purposes: tuple[str, ...]
    subject_authorization: str
    legal_basis: dict
    service_level: str
    lineage: str
    changes: tuple[dict, ...]
    reviews: tuple[dict, ...]
    wider: tuple[str, ...]
    needs_second: bool
    decision: dict
    published_at: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("product_version", "产品版本", "Product versions")
def product_versions(rt, caller: Caller, filters: VersionFilters) -> Page[VersionLine]:
    """Versions, newest first; outside the zone only published ones."""
    may_read(rt, caller, "product_version")
    statement = select(ProductVersion)
    if not caller.is_staff:
        statement = statement.where(ProductVersion.published_at.is_not(None))
    if filters.product:
        statement = statement.where(ProductVersion.product_id.in_(select(Product.id).where(
            or_(Product.id == filters.product, Product.number == filters.product))))
    if filters.state:
        statement = statement.where(ProductVersion.state == filters.state)
    with read(rt) as session:
        names = dict(session.exec(select(Product.id, Product.name)).all())
        return page_of(session, caller, ProductVersion, statement, filters,
                       order=(ProductVersion.created_at.desc(), ProductVersion.id.desc()),
                       line=lambda row: VersionLine(
                           row.id, row.id, row.product_id,
                           f"{names.get(row.product_id, '')} {row.text}", row.text,
                           len(row.fields), row.output_form, len(row.reviews),
                           moment(row.published_at), row.state, row.version))


@query("product_version", "产品版本", "Product version", single=True)
def product_version(rt, caller: Caller, ref: str) -> VersionSheet:
    """One version by id."""
    may_read(rt, caller, "product_version")
    with read(rt) as session:
        row = one(session, caller, ProductVersion, ref)
        product = offered(caller, session.get(Product, row.product_id))
        if not caller.is_staff and row.published_at is None:
            raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                           noun="product_version")
        situation = version_situation(rt, session, caller, row)
        return VersionSheet(
            id=row.id, number=row.id, product_id=product.id, product_number=product.number,
            name=f"{product.name} {row.text}", text=row.text, state=row.state,
            fields=named_fields(session, row), methods=tuple(row.methods),
            output_form=row.output_form, purposes=tuple(row.purposes),
            subject_authorization=row.subject_authorization, legal_basis=row.legal_basis,
            service_level=row.service_level, lineage=row.lineage, changes=tuple(row.changes),
            reviews=tuple(row.reviews) if caller.is_staff else (), wider=situation.wider,
            needs_second=second_needed(situation), decision=row.decision,
            published_at=moment(row.published_at), version=row.version,
            **course(rt, session, caller, VERSION, row, situation, hidden=FOLLOW_UP, filings=(
                filing(rt, caller, row, "edit", ("编制版本内容", "Write the version"),
                       ("DRAFT",)),)))
