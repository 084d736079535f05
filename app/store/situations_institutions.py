"""What guards on institutions, their admission and what they call with may look at."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session, select

from app.domain.admission import AdmissionSituation
from app.domain.callers import Caller
from app.domain.credentials import GATEWAY, CredentialSituation
from app.domain.criteria import Kind, Sheet, unmet, unscored
from app.domain.institutions import USING, InstitutionSituation, is_barred
from app.store.situations import basics
from app.store.tables import Clock
from app.store.tables_institutions import AdmissionCase, ClientApp, Credential, Institution
from app.store.tables_supply import HeadAgreement


def sheet_for(rt, institution: Institution) -> Sheet:
    """The criteria in force for an institution of this kind."""
    return rt.criteria[Kind(institution.kind)]


def institution_situation(
    rt,
    session: Session,
    caller: Caller,
    row: Institution,
    reason: str = "",
    *,
    rectify_due: date | None = None,
    evidence: int = 0,
) -> InstitutionSituation:
    return InstitutionSituation(
        **basics(rt, session, caller, row, reason),
        licence_expires=row.licence_expires,
        security_expires=row.security_expires,
        rectify_due=rectify_due,
        evidence=evidence,
        after_breach=row.after_breach,
        automatic=row.automatic,
    )


def admission_situation(
    rt,
    session: Session,
    caller: Caller,
    row: AdmissionCase,
    reason: str = "",
    *,
    materials: Sequence[str] = (),
    diligence: Mapping | None = None,
    opinion_kind: str = "",
) -> AdmissionSituation:
    """`materials` are what a new notice names; `diligence` is what is about to be filed, with its
    scores and the related-party result."""
    institution = session.get(Institution, row.institution_id)
    sheet = sheet_for(rt, institution)
    filed = diligence or {
        **row.diligence,
        "criteria": row.criteria,
        "related_party": row.related_party,
        "criteria_version": row.criteria_version,
    }
    shared = basics(rt, session, caller, row, reason)
    return AdmissionSituation(
        **shared,
        applying=institution.state == "APPLYING",
        licence_expires=_day(row.form.get("licence_expires")),
        contact=row.form.get("contact", ""),
        security_officer=row.form.get("security_officer", ""),
        is_barred=is_barred(institution.barred_until, shared["at"]),
        papers=frozenset(item["kind"] for item in row.files),
        unanswered=sum(not defect.get("answer") for defect in row.defects),
        new_places=bool(row.rounds) and not set(materials) <= set(row.notified),
        supplement_over=_is_over(session, row, shared["at"]),
        unscored=unscored(sheet, filed.get("criteria", ())),
        unmet=unmet(filed.get("criteria", ())),
        sources=len(filed.get("sources", ())),
        related_party=filed.get("related_party"),
        on_related_list=on_related_list(session, institution),
        opinions=row.opinions,
        opinion_kind=opinion_kind,
        criteria_current=filed.get("criteria_version", sheet.edition) == sheet.edition,
    )


def on_related_list(session: Session, institution: Institution) -> bool:
    """Whether an operator names the institution among its related parties, by USCC or name."""
    lists = session.exec(
        select(HeadAgreement.related_parties).where(HeadAgreement.state != "DRAFT")
    )
    listed = {
        str(value)
        for parties in lists
        for party in parties
        for value in (party.values() if isinstance(party, dict) else [party])
    }
    return bool(listed & {institution.uscc, institution.name, institution.id})


def credential_situation(
    rt, session: Session, caller: Caller, row: Credential, reason: str = ""
) -> CredentialSituation:
    app = session.get(ClientApp, row.app_id)
    institution = session.get(Institution, row.institution_id)
    return CredentialSituation(
        **basics(rt, session, caller, row, reason),
        issued_by=row.issued_by,
        app_open=row.kind == GATEWAY or (app is not None and app.state == "ACTIVE"),
        institution_uses=row.kind == GATEWAY or uses(institution),
        expires_at=row.expires_at,
    )


def uses(institution: Institution | None) -> bool:
    """Whether the institution may use data now (L4)."""
    return institution is not None and institution.state in USING and not institution.stop_order


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _is_over(session: Session, row: AdmissionCase, at) -> bool:
    """Whether a supplement clock of the case has run out."""
    running = session.exec(
        select(Clock).where(
            Clock.noun == row.noun,
            Clock.object_id == row.id,
            Clock.kind == "supplement",
            Clock.stopped_at.is_(None),
        )
    )
    return any(clock.due_at <= at for clock in running)
