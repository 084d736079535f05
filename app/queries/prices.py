"""Prices as people see them: unpublished ones stay inside the zone."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.refusals import NotFound
from app.queries.course import day
from app.queries.query import Filters, Page, may_read, one, page_of, query
from app.store.tables_supply import PriceEntry, Product
from app.store.unit import read


class PriceFilters(Filters):
    """Prices of one product or one class."""

    product: str = Field("", max_length=64, title="产品", json_schema_extra={"en": "Product"})
    price_class: str = Field("", max_length=20, title="价格类别",
                             json_schema_extra={"en": "Price class"})


@dataclass(frozen=True)
class PriceLine:
    """One price of a product, in fen; `name` is the product's, `state` PUBLISHED or FILED."""

    id: str
    number: str
    name: str
    product: str
    price_class: str
    unit: str
    list_price: int
    ceiling: int | None
    ceiling_document: str
    work: str
    comparables: tuple[str, ...]
    trial: bool
    effective_from: str
    published_on: str
    state: str
    version: int


@query("price_entry", "价格", "Prices")
def prices(rt, caller: Caller, filters: PriceFilters) -> Page[PriceLine]:
    """Prices, newest first."""
    may_read(rt, caller, "price_entry")
    statement = select(PriceEntry)
    if not caller.is_staff:
        statement = statement.where(PriceEntry.published_on.is_not(None))
    if filters.product:
        statement = statement.where(PriceEntry.product_id.in_(select(Product.id).where(
            or_(Product.id == filters.product, Product.number == filters.product))))
    if filters.price_class:
        statement = statement.where(PriceEntry.price_class == filters.price_class)
    with read(rt) as session:
        return page_of(session, caller, PriceEntry, statement, filters,
                       line=lambda row: line(row, session.get(Product, row.product_id)),
                       order=(PriceEntry.created_at.desc(), PriceEntry.id.desc()))


@query("price_entry", "价格", "Price", single=True)
def price(rt, caller: Caller, ref: str) -> PriceLine:
    """One price by id."""
    may_read(rt, caller, "price_entry")
    with read(rt) as session:
        row = one(session, caller, PriceEntry, ref)
        if not caller.is_staff and row.published_on is None:
            raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                           noun="price_entry")
        return line(row, session.get(Product, row.product_id))


def line(row: PriceEntry, product: Product) -> PriceLine:
    return PriceLine(row.id, row.id, product.name, product.number, row.price_class, row.unit,
                     row.list_price, row.ceiling, row.ceiling_document, row.work,
                     tuple(row.comparables), row.trial, day(row.effective_from),
                     day(row.published_on), "PUBLISHED" if row.published_on else "FILED",
                     row.version)


def prices_of(session: Session, product: Product) -> tuple[PriceLine, ...]:
    """The prices of a product, newest first."""
    rows = session.exec(select(PriceEntry).where(PriceEntry.product_id == product.id).order_by(
        PriceEntry.created_at.desc(), PriceEntry.id.desc())).all()
    return tuple(line(row, product) for row in rows)
