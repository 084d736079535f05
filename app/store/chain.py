"""The authority chain read from rows: the links of a grant and the ceiling for a new one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, or_, select

from app.domain import chain as links
from app.domain.chain import Chain, Link
from app.domain.institutions import is_barred
from app.domain.rights import version_key
from app.domain.screening import Ceiling, FieldLimit, Source
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import Credential, Institution, JointNode
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    Department,
    HeadAgreement,
    Hold,
    PriceEntry,
    Product,
    ProductVersion,
)


@dataclass(frozen=True)
class Moment:
    """When the chain is looked at: the instant and its day in the zone."""

    at: datetime
    day: date

    @classmethod
    def of(cls, rt) -> "Moment":
        at = rt.clock()
        return cls(at, at.astimezone(rt.settings.zone).date())


def current_version(session: Session, grant: Grant) -> GrantVersion | None:
    """The version in force of a grant."""
    return session.exec(select(GrantVersion).where(
        GrantVersion.grant_id == grant.id, GrantVersion.n == grant.current)).first()


def listed_version(session: Session, product: Product, first: str = "",
                   last: str = "") -> ProductVersion | None:
    """The newest published version of the product inside the range, both ends included."""
    found = [row for row in session.exec(select(ProductVersion).where(
                 ProductVersion.product_id == product.id)).all()
             if (row.published_at or row.text == product.current)
             and (not first or version_key(first) <= version_key(row.text))
             and (not last or version_key(row.text) <= version_key(last))]
    return max(found, key=lambda row: version_key(row.text), default=None)


def datasets_behind(session: Session, version: ProductVersion | None) -> list[Dataset]:
    """The datasets a product version is made of, named by id or number."""
    keys = list(version.datasets) if version else []
    return list(session.exec(select(Dataset).where(
        or_(Dataset.id.in_(keys), Dataset.number.in_(keys))).order_by(Dataset.number)).all())


def upper_links(session: Session, product: Product | None, version: ProductVersion | None,
                institution: Institution | None, moment: Moment) -> list[Link]:
    """L0 to L4 for one institution and one product."""
    if product is None or institution is None:
        level, noun = ("L3", "product") if product is None else ("L4", "institution")
        return [links.missing(level, noun, "GRANT.NONE")]
    datasets = datasets_behind(session, version)
    found = [_agreement(session, product, datasets, moment)]
    if version is not None and len(datasets) < len(set(version.datasets)):
        found.append(links.missing("L1", "dataset", "CHAIN.DATASET_RETIRED"))
    departments = {row.id: row for row in session.exec(select(Department).where(
        Department.id.in_([dataset.department_id for dataset in datasets]))).all()}
    for dataset in datasets:
        found.append(_dataset(dataset, departments.get(dataset.department_id)))
        found.append(_registration(dataset, moment))
    found.append(_registration(product, moment))
    found.append(links.product(Link("L3", "product", product.id, product.number, product.name,
                                    product.state), version=version.text if version else ""))
    found.append(links.institution(
        Link("L4", "institution", institution.id, institution.number, institution.name,
             institution.state), stop_order=institution.stop_order,
        barred=is_barred(institution.barred_until, moment.at)))
    above = {dataset.id: ("department", dataset.department_id) for dataset in datasets}
    return _with_holds(session, found, above)


def _agreement(session: Session, product: Product, datasets: list[Dataset],
               moment: Moment) -> Link:
    """The agreement that fits; where none does, the nearest with its faults."""
    tried = []
    for row in session.exec(select(HeadAgreement).order_by(HeadAgreement.number)).all():
        unlisted = tuple(dataset.number for dataset in datasets
                         if not {dataset.id, dataset.number} & set(row.resources))
        tried.append(links.agreement(
            Link("L0", "head_agreement", row.id, row.number, row.title, row.state,
                 ends=row.valid_to), row.valid_from, moment.at,
            lists_product=bool({product.id, product.number} & set(row.products)),
            unlisted=unlisted))
    return min(tried, key=lambda link: len(link.faults),
               default=links.missing("L0", "head_agreement", "CHAIN.HEAD_AGREEMENT"))


def _dataset(row: Dataset, department: Department | None) -> Link:
    return links.dataset(Link("L1", "dataset", row.id, row.number, row.name, row.state),
                         department_state=department.state if department else "MISSING",
                         grade_class=row.grade_class, risk_assessed=bool(row.risk_assessment))


def _registration(row: Dataset | Product, moment: Moment) -> Link:
    ends = row.registration_due if row.registration == "DUE" else row.registration_valid_to
    return links.registration(Link("L2", row.noun, row.id, row.number, row.name,
                                   row.registration, ends=ends), moment.at)


def _with_holds(session: Session, found: list[Link],
                above: dict[str, tuple[str, str]] | None = None) -> list[Link]:
    """The links with every stop that lies on them, or on the department of a dataset."""
    held = {(row.link, row.object_id): row.kind for row in session.exec(
        select(Hold).where(Hold.state == "ACTIVE")).all()}
    if not held:
        return found
    return [links.held(link, held.get((link.noun, link.id))
                       or held.get((above or {}).get(link.id, ("", "")))
                       or held.get(("zone", "*"), ""))
            if link.level != "L2" else link for link in found]


def chain_of(session: Session, grant: Grant, moment: Moment) -> Chain:
    """Every link of a grant, L0 to L6."""
    version = current_version(session, grant)
    scope = version.dimensions["scope"] if version else {}
    product = session.get(Product, grant.product_id)
    above = upper_links(session, product, listed_version(
        session, product, scope.get("version_from", ""), scope.get("version_to", "")
    ) if product else None, session.get(Institution, grant.institution_id), moment)
    own = links.grant(Link("L5", "grant", grant.id, grant.number, "", grant.state,
                           ends=grant.valid_to), grant.valid_from, moment.at)
    ways = version.dimensions["method"]["ways"] if version else []
    lowest = own_links(session, grant, ways, moment)
    systems = {link.id: ("client_app", session.get(Credential, link.id).app_id)
               for link in lowest if link.noun == "credential" and link.id}
    return Chain((*above, *_with_holds(session, [own, *lowest], systems)))


def own_links(session: Session, grant: Grant, ways: list[dict], moment: Moment) -> list[Link]:
    """L6: the live credentials bound to the grant, or the newest one with what is wrong with it;
    and the nodes its ways name."""
    rows = session.exec(select(Credential).where(
        Credential.institution_id == grant.institution_id,
        or_(Credential.grant_id == grant.id, Credential.grant_id.is_(None)))
        .order_by(Credential.issued_at.desc())).all()
    found = [links.credential(Link("L6", "credential", row.id, row.number, row.prefix, row.state,
                                   ends=row.expires_at), moment.at) for row in rows]
    live = [link for link in found if link.in_force]
    chosen = live or found[:1] or [links.missing("L6", "credential", "ID.CREDENTIAL_UNKNOWN")]
    named = {way["node"] for way in ways} - {"-", "*"}
    nodes = {row.number: row for row in session.exec(select(JointNode).where(
        JointNode.institution_id == grant.institution_id)).all()}
    for number in sorted(named):
        row = nodes.get(number)
        chosen.append(
            Link("L6", "joint_node", row.id, number, row.name, row.state).against(
                row.state != "ACTIVE", "METHOD.NODE", "节点已停用", "the node is stopped")
            if row else links.missing("L6", "joint_node", "METHOD.NODE"))
    return chosen


def ceiling_of(session: Session, product: Product | None, institution: Institution | None,
               moment: Moment, first: str = "", last: str = "") -> Ceiling:
    """What L0 to L4 allow the institution to be granted of the product."""
    version = listed_version(session, product, first, last) if product else None
    chain = Chain(tuple(upper_links(session, product, version, institution, moment)))
    agreement = next((link for link in chain.links if link.level == "L0"), None)
    datasets = datasets_behind(session, version)
    price = price_on(session, product, moment.day) if product else None
    head = session.get(HeadAgreement, agreement.id) if agreement and agreement.id else None
    return Ceiling(
        chain=chain, product=product.number if product else "",
        version=version.text if version else "", fields=_field_limits(session, version, datasets),
        sources=tuple(Source(row.number, row.name, row.department_id, row.grade_class,
                             row.consent_mode, tuple(row.allowed_purposes),
                             tuple(row.forbidden_purposes)) for row in datasets),
        purposes=tuple(version.purposes) if version else (),
        ways=frozenset((way["action"], way["channel"], way["environment"])
                       for way in (version.methods if version else ())),
        output_form=version.output_form if version else "VERIFY",
        agreement_ends=agreement.ends if agreement and agreement.in_force else None,
        price_class=price.price_class if price else "",
        price_is_lawful=_is_lawful(price, product), is_related=_is_related(institution, head))


def _field_limits(session: Session, version: ProductVersion | None,
                  datasets: Iterable[Dataset]) -> dict[str, FieldLimit]:
    """The fields of a product version, each at the highest level of version and source field."""
    by_key = {key: row for row in datasets for key in (row.id, row.number)}
    sources = {(row.dataset_id, row.code): row for row in session.exec(select(DatasetField).where(
        DatasetField.dataset_id.in_([row.id for row in by_key.values()]))).all()}
    limits = {}
    for entry in version.fields if version else ():
        dataset = by_key.get(entry["dataset"])
        source = sources.get((dataset.id, entry.get("source") or entry["field"])
                             if dataset else ("", ""))
        levels = (entry.get("grade"), source.grade if source else None)
        limits[entry["field"]] = FieldLimit(
            name=entry.get("name", ""),
            level=None if source is None or None in levels else max(levels),
            treatment=entry.get("treatment") or "CLEAR",
            subject_kind="PERSON" if source and source.subject_kind == "PERSON"
            else entry.get("subject_kind", "ENTERPRISE"),
            sensitive=bool(entry.get("sensitive")) or bool(source and source.sensitive),
            dataset=dataset.number if dataset else "")
    return limits


def price_on(session: Session, product: Product, day: date) -> PriceEntry | None:
    """The newest published price in effect on a day."""
    rows = [row for row in session.exec(select(PriceEntry).where(
                PriceEntry.product_id == product.id)).all()
            if row.published_on and (row.effective_from or row.published_on) <= day]
    return max(rows, key=lambda row: (row.effective_from or row.published_on, row.id),
               default=None)


def _is_lawful(price: PriceEntry | None, product: Product | None) -> bool:
    """INV-16: public benefit is free; a charge stays under a ceiling with its document."""
    if price is None or product is None:
        return False
    if price.price_class == "FREE":
        return True
    return (product.public_use != "PUBLIC_BENEFIT" and price.ceiling is not None
            and bool(price.ceiling_document) and price.list_price <= price.ceiling)


def _is_related(institution: Institution | None, head: HeadAgreement | None) -> bool:
    if institution is None:
        return False
    listed = set(head.related_parties) if head else set()
    return institution.related_party or bool({institution.uscc, institution.name} & listed)


