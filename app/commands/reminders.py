"""Reminders of grants that end: one numbered letter at each mark, 90 days to one day before.

Source: domain rule §10 (grant end reminders).
"""

from datetime import timedelta

from sqlmodel import Session, select

from app.commands import notices
from app.domain.callers import SYSTEM
from app.domain.grants import REMINDERS, State, reminder_due
from app.domain.instruments import Kind
from app.store.tables_grants import Grant
from app.store.tables_notices import Notice
from app.store.unit import begin, read

RENEW_BEFORE = timedelta(days=30)
LIVE = (str(State.ACTIVE), str(State.SUSPENDED))
MOST = 200


def remind_due(rt) -> int:
    """Every grant that has passed a mark since its last reminder is reminded of; how many."""
    at = rt.clock()
    with read(rt) as session:
        ending = session.exec(select(Grant).where(
            Grant.state.in_(LIVE), Grant.valid_to > at,
            Grant.valid_to <= at + timedelta(days=max(REMINDERS)))
            .order_by(Grant.valid_to).limit(MOST)).all()
        owed = [grant.id for grant in ending if _is_owed(session, grant, at)]
    return sum(_remind(rt, grant_id) for grant_id in owed)


def _is_owed(session: Session, grant: Grant, at) -> bool:
    """Whether no reminder was issued since the tightest mark was passed."""
    mark = reminder_due(grant.valid_to, at)
    if grant.state not in LIVE or mark is None or grant.valid_to <= at:
        return False
    return session.exec(select(Notice.id).where(
        Notice.kind == str(Kind.EXPIRY_REMINDER), Notice.about_id == grant.id,
        Notice.created_at >= grant.valid_to - timedelta(days=mark)).limit(1)).first() is None


def _remind(rt, grant_id: str) -> bool:
    with begin(rt, SYSTEM) as act:
        grant = act.find(Grant, grant_id)
        if not _is_owed(act.session, grant, act.at):
            return False
        filed_by = max(grant.valid_to - RENEW_BEFORE, act.at)
        notices.issue(act, Kind.EXPIRY_REMINDER, grant, {"facts": {
            "until": notices.end_words(grant.valid_to),
            "due": notices.end_words(filed_by if filed_by > act.at else grant.valid_to)}})
    return True
