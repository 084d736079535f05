"""影响清单: every lower object a stop of one link would hit, with the calls of the last 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, or_, select

from app.domain.canonical import instant
from app.domain.refusals import NotFound
from app.store.chain import Moment
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp, Credential, Institution, JointNode
from app.store.tables_supply import (
    Dataset,
    Department,
    HeadAgreement,
    Product,
    ProductVersion,
)

CALL_DAYS = 30
CHUNK = 400
TABLES = {"head_agreement": HeadAgreement, "department": Department, "dataset": Dataset,
          "product": Product, "institution": Institution, "client_app": ClientApp,
          "joint_node": JointNode, "grant": Grant, "credential": Credential}
LIVE = ("SCHEDULED", "ACTIVE")


@dataclass(frozen=True)
class Hit:
    """One object that a stop makes ineffective."""

    noun: str
    id: str
    number: str
    name: str
    state: str


@dataclass(frozen=True)
class Impact:
    """What a stop of `link` reaches; a grant in force that is stopped counts itself. `calls` counts
    decisions of the last 30 days, `permits` those that were allowed."""

    link: Hit
    datasets: tuple[Hit, ...] = ()
    products: tuple[Hit, ...] = ()
    grants: tuple[Hit, ...] = ()
    institutions: tuple[Hit, ...] = ()
    apps: tuple[Hit, ...] = ()
    calls: int = 0
    permits: int = 0

    def all(self) -> tuple[Hit, ...]:
        return tuple(dict.fromkeys((self.link, *self.datasets, *self.products, *self.grants,
                                    *self.institutions, *self.apps)))

    def as_document(self) -> dict:
        """As stored with the stop: numbers by kind, so that a later reader sees what was hit."""
        kinds = ("datasets", "products", "grants", "institutions", "apps")
        return {**{kind: [hit.number for hit in getattr(self, kind)] for kind in kinds},
                "calls": self.calls, "permits": self.permits}


@dataclass
class _Found:
    """Rows as they are reached, each once."""

    session: Session
    datasets: dict[str, Dataset] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    institutions: dict[str, Institution] = field(default_factory=dict)
    apps: dict[str, ClientApp] = field(default_factory=dict)

    def reach(self, model, condition) -> list:
        return list(self.session.exec(select(model).where(condition)).all())


def find_link(session: Session, noun: str, ref: str):
    """The object a stop names, by id or number.

    Raises:
        NotFound: there is no such kind of link, or no such object.
    """
    model = TABLES.get(noun)
    row = session.get(model, ref) if model else None
    if model is not None and row is None:
        row = session.exec(select(model).where(model.number == ref)).first()
    if row is None:
        raise NotFound("没有这个链路对象", "no such link of the chain", noun=noun)
    return row


def impact_of(session: Session, row, moment: Moment) -> Impact:
    """Every lower object affected if this link were stopped now."""
    found = _Found(session)
    noun = row.noun
    if noun == "head_agreement":
        _datasets(found, found.reach(Dataset, or_(Dataset.id.in_(row.resources),
                                                  Dataset.number.in_(row.resources))))
        _products(found, found.reach(Product, or_(Product.id.in_(row.products),
                                                  Product.number.in_(row.products))))
    elif noun == "department":
        _datasets(found, found.reach(Dataset, Dataset.department_id == row.id))
    elif noun == "dataset":
        _datasets(found, [row])
    elif noun == "product":
        _products(found, [row])
    elif noun == "institution":
        _grants(found, found.reach(Grant, Grant.institution_id == row.id))
        _apps(found, found.reach(ClientApp, ClientApp.institution_id == row.id))
    elif noun == "grant":
        _grants(found, [row])
    else:
        _lowest(found, row)
    _parties(found)
    return _counted(found, row, moment)


def _datasets(found: _Found, rows: Sequence[Dataset]) -> None:
    fresh = {row.id: row for row in rows if row.id not in found.datasets}
    found.datasets.update(fresh)
    keys = {key for row in fresh.values() for key in (row.id, row.number)}
    if keys:
        behind = [row.product_id for row in found.session.exec(select(ProductVersion)).all()
                  if keys & set(row.datasets)]
        _products(found, found.reach(Product, Product.id.in_(behind)))


def _products(found: _Found, rows: Sequence[Product]) -> None:
    fresh = {row.id: row for row in rows if row.id not in found.products}
    found.products.update(fresh)
    if fresh:
        _grants(found, found.reach(Grant, Grant.product_id.in_(list(fresh))))


def _grants(found: _Found, rows: Sequence[Grant]) -> None:
    found.grants.update({row.id: row for row in rows if row.state in LIVE})


def _apps(found: _Found, rows: Sequence[ClientApp]) -> None:
    found.apps.update({row.id: row for row in rows})


def _lowest(found: _Found, row) -> None:
    """An application, a credential or a node: what it serves."""
    bound = Credential.app_id == row.id if row.noun == "client_app" else Credential.id == row.id
    keys = found.reach(Credential, bound) if row.noun != "joint_node" else []
    if row.noun == "client_app":
        _apps(found, [row])
    _apps(found, found.reach(ClientApp, ClientApp.id.in_([key.app_id for key in keys])))
    everything = row.noun == "joint_node" or any(key.grant_id is None for key in keys)
    _grants(found, found.reach(
        Grant, Grant.institution_id == row.institution_id if everything
        else Grant.id.in_([key.grant_id for key in keys])))


def _parties(found: _Found) -> None:
    """The institutions that hold the grants, and the applications that call under them."""
    ids = {row.institution_id for row in found.grants.values()}
    rows = found.reach(Institution, Institution.id.in_(ids))
    found.institutions.update({row.id: row for row in rows})
    if not found.apps:
        _apps(found, found.reach(ClientApp, ClientApp.institution_id.in_(ids)))


def _counted(found: _Found, row, moment: Moment) -> Impact:
    numbers = [grant.number for grant in found.grants.values()]
    calls = calls_since(found.session, numbers, moment, CALL_DAYS)
    parts = {name: tuple(_hit(item) for item in sorted(
        getattr(found, name).values(), key=lambda item: item.number)
        if item.id != row.id or name == "grants")
        for name in ("datasets", "products", "grants", "institutions", "apps")}
    return Impact(_hit(row), **parts, calls=sum(total for total, _ in calls.values()),
                  permits=sum(permits for _, permits in calls.values()))


def calls_since(session: Session, grants: Sequence[str], moment: Moment,
                days: int) -> dict[str, tuple[int, int]]:
    """Decisions and permits of each grant, by number, in the last ``days`` days."""
    since = instant(moment.at - timedelta(days=days))
    found: dict[str, tuple[int, int]] = {}
    for start in range(0, len(grants), CHUNK):
        statement = select(DecisionIndex.grant, DecisionIndex.permits, func.count()).where(
            DecisionIndex.grant.in_(grants[start:start + CHUNK]), DecisionIndex.at >= since
        ).group_by(DecisionIndex.grant, DecisionIndex.permits)
        for number, permits, count in session.exec(statement).all():
            total, allowed = found.get(number, (0, 0))
            found[number] = (total + count, allowed + (count if permits else 0))
    return found


def _hit(row) -> Hit:
    name = getattr(row, "name", "") or getattr(row, "title", "") or getattr(row, "prefix", "")
    return Hit(row.noun, row.id, row.number, name, row.state)
