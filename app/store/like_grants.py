"""Like grants: what other institutions hold of the same product, for comparison and for hints."""

from dataclasses import asdict, dataclass

from sqlmodel import Session, select

from app.domain.rights import Rights
from app.domain.screening import least_privilege
from app.store.chain import Moment, current_version
from app.store.grant_use import fields_used
from app.store.situations_grants import CaseView, rights_or_none
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution

MOST = 20
LOOKED_AT, SAMPLE = 5, 100


@dataclass(frozen=True)
class LikeGrant:
    """One grant of the same product, with its rights."""

    number: str
    institution: str
    institution_kind: str
    rights: Rights


def like_grants(rt, session: Session, view: CaseView) -> tuple[LikeGrant, ...]:
    """Grants in force of the same product held by other institutions, same kind first."""
    rows = session.exec(select(Grant, Institution).where(
        Grant.institution_id == Institution.id, Grant.product_id == view.row.product_id,
        Grant.institution_id != view.row.institution_id, Grant.state == "ACTIVE")
        .order_by(Grant.number.desc()).limit(200)).all()
    rows = sorted(rows, key=lambda pair: pair[1].kind != view.institution.kind)[:MOST]
    found = []
    for grant, institution in rows:
        version = current_version(session, grant)
        rights = rights_or_none(rt, version.dimensions) if version else None
        if rights:
            found.append(LikeGrant(grant.number, institution.name, institution.kind, rights))
    return tuple(found)


def hints(rt, session: Session, view: CaseView) -> list[dict]:
    """Least-privilege hints on what the case asks for."""
    if view.requested is None:
        return []
    moment, like = Moment.of(rt), []
    for item in like_grants(rt, session, view)[:LOOKED_AT]:
        used = fields_used(session, item.number, moment, SAMPLE)
        like.append(frozenset(item.rights.treatments) if used is None else used)
    return [asdict(item) for item in least_privilege(view.requested, like)]
