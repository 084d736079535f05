"""Like grants: what other institutions hold of the same product, for comparison and for hints."""

from dataclasses import asdict, dataclass

from sqlmodel import Session, select

from app.domain.parity import Held
from app.domain.rights import Rights
from app.domain.screening import least_privilege
from app.domain.workdays import day_of
from app.store.case_views import CaseView, rights_or_none
from app.store.chain import Moment, current_version, price_on
from app.store.grant_use import fields_used
from app.store.tables_grants import Grant, GrantCase, GrantVersion
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product

MOST = 20
LOOKED_AT, SAMPLE = 5, 100


@dataclass(frozen=True)
class LikeGrant:
    """One grant of the same product, with its rights."""

    number: str
    institution: str
    institution_kind: str
    version: GrantVersion
    rights: Rights


def like_grants(rt, session: Session, row: GrantCase, kind: str) -> tuple[LikeGrant, ...]:
    """Grants in force of the same product held by other institutions, those of ``kind`` first."""
    rows = session.exec(select(Grant, Institution).where(
        Grant.institution_id == Institution.id, Grant.product_id == row.product_id,
        Grant.institution_id != row.institution_id, Grant.state == "ACTIVE")
        .order_by(Institution.kind != kind, Grant.number.desc()).limit(MOST)).all()
    found = []
    for grant, institution in rows:
        version = current_version(session, grant)
        rights = rights_or_none(rt, version.dimensions) if version else None
        if rights:
            found.append(LikeGrant(grant.number, institution.name, institution.kind, version,
                                   rights))
    return tuple(found)


def held_alike(rt, session: Session, row: GrantCase, kind: str) -> tuple[Held, ...]:
    """The newest like grants, at most twenty, as parity compares them (G-PARITY): of the same
    kind of institution only, each with the price class of the day its version took effect."""
    product = session.get(Product, row.product_id)
    held = []
    for item in like_grants(rt, session, row, kind):
        if item.institution_kind == kind:
            price = price_on(session, product, day_of(item.version.effective_from))
            held.append(Held(item.number, item.version.scope_digest,
                             price.price_class if price else "", item.rights))
    return tuple(held)


def hints(rt, session: Session, view: CaseView) -> list[dict]:
    """Least-privilege hints on what the case asks for."""
    if view.requested is None:
        return []
    moment, like = Moment.of(rt), []
    for item in like_grants(rt, session, view.row, view.institution.kind)[:LOOKED_AT]:
        used = fields_used(session, item.number, moment, SAMPLE)
        like.append(frozenset(item.rights.treatments) if used is None else used)
    return [asdict(item) for item in least_privilege(view.requested, like)]
