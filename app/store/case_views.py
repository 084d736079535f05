"""An application with everything it is judged by, read in one go."""

from dataclasses import dataclass

from sqlmodel import Session, select

from app.domain.refusals import Invalid
from app.domain.rights import Rights
from app.domain.rights_reading import read_rights
from app.domain.screening import Ceiling
from app.store.chain import Moment, ceiling_of, current_version
from app.store.tables_grants import Contract, Grant, GrantCase, Opinion
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product


@dataclass(frozen=True)
class CaseView:
    """A case with everything it is judged by."""

    row: GrantCase
    institution: Institution
    product: Product
    grant: Grant | None
    requested: Rights | None
    in_force: Rights | None
    ceiling: Ceiling
    opinions: tuple[Opinion, ...]
    contract: Contract | None


def rights_or_none(rt, document: dict) -> Rights | None:
    """The rights a stored document states; None when there is none, or it cannot be read."""
    try:
        return read_rights(document, rt.law.purposes, rt.law.vocabulary) if document else None
    except Invalid:
        return None


def case_view(rt, session: Session, row: GrantCase) -> CaseView:
    """Everything around a case, as it stands now."""
    institution = session.get(Institution, row.institution_id)
    product = session.get(Product, row.product_id)
    grant = session.get(Grant, row.grant_id) if row.grant_id else None
    version = current_version(session, grant) if grant else None
    requested = rights_or_none(rt, row.requested)
    scope = (row.requested or (version.dimensions if version else {})).get("scope") or {}
    first, last = ((scope.get("version_from", ""), scope.get("version_to", ""))
                   if requested or version else ("", ""))
    return CaseView(
        row, institution, product, grant, requested,
        rights_or_none(rt, version.dimensions) if version else None,
        ceiling_of(session, product, institution, Moment.of(rt), first, last),
        tuple(session.exec(select(Opinion).where(Opinion.case_id == row.id)
                           .order_by(Opinion.round, Opinion.kind, Opinion.attempt)).all()),
        session.exec(select(Contract).where(Contract.case_id == row.id)).first())
