"""What an application about a grant that stands is filed with: the version it is about and, of a
renewal, how the grant was used and what was found against it.

Source: domain rule §6.9 (RENEW: usage review and list of open findings).
"""

from sqlmodel import Session, func, select

from app.domain.amendments import Kind
from app.store.case_views import CaseView
from app.store.chain import Moment, chain_of
from app.store.grant_use import use_of
from app.store.impact import CALL_DAYS, calls_since
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Grant
from app.store.tables_receipts import Finding


def beside_grant(rt, session: Session, view: CaseView) -> dict:
    """The members a screening keeps beside its own."""
    grant = view.grant
    if grant is None:
        return {}
    found = {"base": grant.current}
    if view.row.kind == Kind.RENEW:
        found["use"] = _use(rt, session, view, grant)
    return found


def _use(rt, session: Session, view: CaseView, grant: Grant) -> dict:
    now = Moment.of(rt)
    use = use_of(session, grant, view.in_force, chain_of(session, grant, now), now)
    calls, permits = calls_since(session, [grant.number], now, CALL_DAYS).get(grant.number, (0, 0))
    open_findings = session.exec(select(func.count()).select_from(Finding).join(
        DecisionIndex, DecisionIndex.id == Finding.decision).where(
        DecisionIndex.grant == grant.number, Finding.state == "OPEN")).one()
    return {"calls": calls, "permits": permits, "last_permit": use.last_permit,
            "unused_fields": sorted(use.unused_fields), "findings": open_findings}
