"""Products as people see them. Whoever is outside the zone sees what is offered only."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.products import FOLLOWS_ITS_VERSION, OFFERED, PRODUCT
from app.domain.refusals import NotFound
from app.queries.course import course, filing, moment, tightening
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.prices import PriceLine, prices_of
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_products import product_situation
from app.store.tables_supply import Dataset, Product, ProductVersion
from app.store.unit import read


class ProductFilters(Filters):
    """Products by category and use."""

    category: str = Field("", max_length=20, title="产品类别",
                          json_schema_extra={"en": "Category"})
    public_use: str = Field("", max_length=20, title="用途类别",
                            json_schema_extra={"en": "Public use"})


@dataclass(frozen=True)
class ProductLine:
    """One product of the list; its price is the newest published one."""

    id: str
    number: str
    name: str
    category: str
    public_use: str
    current: str
    price_class: str
    registration: str
    state: str
    version: int


@dataclass(frozen=True)
class VersionBrief:
    """One version of a product."""

    id: str
    number: str
    text: str
    state: str
    fields: int
    output_form: str
    published_at: str


@dataclass(frozen=True)
class ProductSheet:
    """One product with its versions, its prices and the fields of the current version."""

    id: str
    number: str
    name: str
    category: str
    public_use: str
    owner: str
    state: str
    current: str
    registration: str
    registration_code: str
    registration_due: str
    registration_valid_to: str
    notice_until: str
    quota: dict
    fields: tuple[dict, ...]
    methods: tuple[dict, ...]
    purposes: tuple[str, ...]
    output_form: str
    subject_authorization: str
    versions: tuple[VersionBrief, ...]
    prices: tuple[PriceLine, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("product", "数据产品", "Products")
def products(rt, caller: Caller, filters: ProductFilters) -> Page[ProductLine]:
    """Products by number; `q` finds number and name."""
    may_read(rt, caller, "product")
    statement = select(Product)
    if not caller.is_staff:
        statement = statement.where(Product.state.in_([str(state) for state in OFFERED]))
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(Product.number.like(text, escape="\\"),
                                        Product.name.like(text, escape="\\")))
    for column, wanted in ((Product.state, filters.state), (Product.category, filters.category),
                           (Product.public_use, filters.public_use)):
        if wanted:
            statement = statement.where(column == wanted)
    with read(rt) as session:
        return page_of(session, caller, Product, statement, filters, order=(Product.number,),
                       line=lambda row: ProductLine(
                           row.id, row.number, row.name, row.category, row.public_use,
                           row.current, _price_class(session, row), row.registration, row.state,
                           row.version))


def _price_class(session: Session, row: Product) -> str:
    published = [price for price in prices_of(session, row) if price.published_on]
    return published[0].price_class if published else ""


@query("product", "数据产品", "Product", single=True)
def product(rt, caller: Caller, ref: str) -> ProductSheet:
    """One product by id or number."""
    may_read(rt, caller, "product")
    with read(rt) as session:
        row = offered(caller, one(session, caller, Product, ref))
        versions = session.exec(select(ProductVersion).where(
            ProductVersion.product_id == row.id).order_by(ProductVersion.created_at.desc())
            ).all()
        seen = [version for version in versions if caller.is_staff or version.published_at]
        current = next((version for version in versions if version.text == row.current),
                       seen[0] if seen else None)
        return ProductSheet(
            id=row.id, number=row.number, name=row.name, category=row.category,
            public_use=row.public_use, owner=row.owner, state=row.state, current=row.current,
            registration=row.registration, registration_code=row.registration_code,
            registration_due=moment(row.registration_due),
            registration_valid_to=moment(row.registration_valid_to),
            notice_until=moment(row.notice_until), quota=row.quota, **_offer(session, current),
            versions=tuple(VersionBrief(
                version.id, version.id, version.text, version.state, len(version.fields),
                version.output_form, moment(version.published_at)) for version in seen),
            prices=tuple(price for price in prices_of(session, row)
                         if caller.is_staff or price.published_on), version=row.version,
            **course(rt, session, caller, PRODUCT, row,
                     product_situation(rt, session, caller, row), hidden=FOLLOWS_ITS_VERSION,
                     filings=(
                *tightening(rt, caller, row, ("LISTED", "PAUSED")),
                filing(rt, caller, row, "new_version", ("起草新版本", "Draft a new version"),
                       ("LISTED",)),
                filing(rt, caller, row, "record_registration",
                       ("登记公共数据产品登记结果", "Record the registration"),
                       tuple(str(state) for state in OFFERED)))))


def offered(caller: Caller, row: Product) -> Product:
    """The product, hidden from everybody outside until it is offered.

    Raises:
        NotFound: looks the same as an unknown one.
    """
    if not caller.is_staff and row.state not in OFFERED:
        raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                       noun="product")
    return row


def _offer(session: Session, version: ProductVersion | None) -> dict:
    if version is None:
        return {"fields": (), "methods": (), "purposes": (), "output_form": "",
                "subject_authorization": ""}
    return {"fields": named_fields(session, version), "methods": tuple(version.methods),
            "purposes": tuple(version.purposes), "output_form": version.output_form,
            "subject_authorization": version.subject_authorization}


def named_fields(session: Session, version: ProductVersion) -> tuple[dict, ...]:
    """The fields of a version, each with the number of the dataset it comes from."""
    numbers = dict(session.exec(select(Dataset.id, Dataset.number).where(
        Dataset.id.in_(version.datasets))).all())
    return tuple({**item, "dataset": numbers.get(item["dataset"], item["dataset"])}
                 for item in version.fields)
