"""What guards on subject authorizations may look at."""

from datetime import datetime

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.subject_authorizations import COOLING_OFF, ConsentSituation, State
from app.store.situations import basics
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_use import UseCounter


def consent_situation(rt, session: Session, caller: Caller, row: SubjectAuthorization,
                      reason: str = "", **asked) -> ConsentSituation:
    """``asked`` are members only a request or a signature knows."""
    evidence = row.evidence
    proofed = bool(evidence.get("proofing") and evidence.get("channel")
                   and evidence.get("certificate") and row.noted and row.evidence_holds)
    return ConsentSituation(
        **basics(rt, session, caller, row, reason), begins=row.valid_from, ends=row.valid_to,
        asked_at=row.created_at, is_proofed=proofed, replaced_by=row.replaced_by,
        uses_left=None if row.max_uses is None else row.max_uses - uses(session, row)[1], **asked)


def uses(session: Session, row: SubjectAuthorization) -> tuple[int, int]:
    """How many uses are set aside until their receipts, and how many are made for good."""
    counted = session.get(UseCounter, ("consent/" + row.id, "TOTAL", ""))
    return (counted.reserved, counted.used) if counted else (0, 0)


def spent(session: Session, most: int) -> list[str]:
    """Authorizations in force whose uses are all made for good, at most so many."""
    return list(session.exec(select(SubjectAuthorization.id).join(
        UseCounter, UseCounter.key == "consent/" + SubjectAuthorization.id).where(
        UseCounter.period == "TOTAL", UseCounter.window == "",
        SubjectAuthorization.state == str(State.ACTIVE),
        UseCounter.used >= SubjectAuthorization.max_uses).limit(most)).all())


def cools_until(session: Session, row: SubjectAuthorization) -> datetime | None:
    """Until when this subject is not to be asked again by this institution, None for any time."""
    refused = session.exec(select(SubjectAuthorization.ended_at).where(
        SubjectAuthorization.subject == row.subject,
        SubjectAuthorization.institution_id == row.institution_id,
        SubjectAuthorization.state == str(State.REFUSED))).all()
    ended = max((at for at in refused if at), default=None)
    return ended + COOLING_OFF if ended else None
