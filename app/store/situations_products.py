"""What guards on products and their versions may look at."""

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain import grades, offers, prices
from app.domain.callers import Caller
from app.domain.products import ProductSituation, Review, State, VersionSituation
from app.store.situations import basics
from app.store.tables_grants import Grant
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    HeadAgreement,
    PriceEntry,
    Product,
    ProductVersion,
)


def product_situation(rt, session: Session, caller: Caller, row: Product,
                      reason: str = "") -> ProductSituation:
    left = session.exec(select(func.count()).select_from(Grant).where(
        Grant.product_id == row.id, Grant.state.in_(("SCHEDULED", "ACTIVE", "SUSPENDED")))).one()
    return ProductSituation(**basics(rt, session, caller, row, reason),
                            noticed_until=row.notice_until, grants_left=int(left))


def sources(session: Session, keys: list[str]) -> dict[str, offers.Source]:
    """The datasets of an offer as they stand now, by id."""
    fields: dict[str, dict[str, offers.SourceField]] = {}
    for row in session.exec(select(DatasetField).where(DatasetField.dataset_id.in_(keys))):
        fields.setdefault(row.dataset_id, {})[row.code] = offers.SourceField(
            grade=row.grade, grade_class=row.grade_class, subject_kind=row.subject_kind,
            sensitive=row.sensitive, mask=row.mask, prohibited=row.prohibited)
    return {row.id: offers.Source(row.state, tuple(row.allowed_purposes),
                                  tuple(row.forbidden_purposes), fields.get(row.id, {}))
            for row in session.exec(select(Dataset).where(Dataset.id.in_(keys)))}


def offer_of(values) -> offers.Offer:
    """The dimensions a version's columns say."""
    return offers.Offer(
        fields=tuple(offers.OfferedField(item["field"], item["dataset"], item["source"],
                                         item["treatment"]) for item in values["fields"]),
        methods=tuple((item["action"], item["channel"], item["environment"])
                      for item in values["methods"]),
        output_form=values["output_form"], purposes=tuple(values["purposes"]))


def measure(rt) -> offers.Law:
    """The words and the ceiling offers are measured by."""
    return offers.Law(rt.law.purposes, rt.law.vocabulary, rt.law.sections.ceiling)


def version_situation(rt, session: Session, caller: Caller, row: ProductVersion,
                      reason: str = "", kind: str = "") -> VersionSituation:
    """`kind` is the opinion about to be given."""
    product = session.get(Product, row.product_id)
    found = sources(session, row.datasets)
    offer = offer_of(row.model_dump())
    shared = basics(rt, session, caller, row, reason)
    latest = {review["kind"]: review for review in row.reviews}
    levels = _levels(offer, found)
    return VersionSituation(
        **shared, kind=kind,
        all_online=len(found) == len(row.datasets) > 0
        and all(source.state == "ONLINE" for source in found.values()),
        wider=tuple(item.code for item in offers.wider(offer, found, measure(rt))),
        baseless=offers.baseless(offer, found, row.legal_basis, row.subject_authorization),
        reviews=tuple(latest), disagreeing=any(review["result"] == "DISAGREE"
                                               for review in latest.values()),
        masks_tested=_tested(latest, "masks"),
        reidentification_tested=_tested(latest, "reidentification"),
        **_prices(session, row, shared["day"]),
        on_head_agreement=_covered(session, product, row, shared["at"]),
        needs_second=any(grades.needs_second(field.grade, field.grade_class,
                                             field.subject_kind == "PERSON")
                         for field in levels) or not levels,
        product_open=product.state in _OPEN_FOR[row.state == "DRAFT"])


_OPEN_FOR = {True: (State.DRAFT, State.LISTED),
             False: (State.DRAFT, State.REVIEW, State.APPROVAL, State.LISTED)}


def _levels(offer: offers.Offer, found: dict[str, offers.Source]) -> list[offers.SourceField]:
    return [found[field.dataset].fields[field.source] for field in offer.fields
            if field.dataset in found and field.source in found[field.dataset].fields]


def _tested(latest: dict, name: str) -> bool:
    review = latest.get(str(Review.SECURITY), {})
    return bool(review.get("tests", {}).get(name))


def _prices(session: Session, row: ProductVersion, day) -> dict:
    """Whether the product has a price on file, and one the public can see today."""
    entries = [prices.Price(item.price_class, published_on=item.published_on,
                            effective_from=item.effective_from)
               for item in session.exec(select(PriceEntry).where(
                   PriceEntry.product_id == row.product_id)).all()]
    return {"price_filed": bool(entries),
            "price_published": any(prices.is_published(entry, day) for entry in entries)}


def _covered(session: Session, product: Product, row: ProductVersion, at) -> bool:
    """Whether one agreement in force lists the product and every dataset behind the version."""
    return any(
        agreement.valid_from <= at < agreement.valid_to and product.id in agreement.products
        and set(row.datasets) <= set(agreement.resources)
        for agreement in session.exec(select(HeadAgreement).where(
            HeadAgreement.state == "IN_FORCE")).all())
