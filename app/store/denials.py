"""Denials counted from the index of decisions, by object, over a range of its places."""

from datetime import datetime, timedelta

from sqlalchemy import func, literal
from sqlmodel import Session, select

from app.domain.stops import StopRule, Watched
from app.store.places import place_at
from app.store.tables import Transition
from app.store.tables_decisions import EMPTY, DecisionIndex
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp
from app.store.tables_supply import Hold

OBJECTS = {Watched.GRANT: (Grant, DecisionIndex.grant),
           Watched.CLIENT_APP: (ClientApp, DecisionIndex.app)}


def stoppable(session: Session, rule: StopRule, at: datetime) -> list[tuple[str, int]]:
    """The objects the rule stops now, by id, with the denials counted; those stopped already are
    left out, and nothing counts twice that two persons have looked at since."""
    since = at - timedelta(minutes=rule.within_minutes)
    model, column = OBJECTS[rule.watches]
    counted = session.exec(_counts(session, rule, column, since)).all()
    found = []
    for number, _ in counted:
        row = session.exec(select(model).where(model.number == number)).first()
        if row is None or _is_stopped(session, row):
            continue
        later = _looked_at(session, row)
        count = (session.exec(_counts(session, rule, column, max(later, since), number)).first()
                 if later else None)
        total = count[1] if count else 0 if later else dict(counted)[number]
        if total >= rule.denials:
            found.append((row.id, total))
    return found


def _counts(session: Session, rule: StopRule, column, since: datetime, number: str = ""):
    """Denials by object since an instant. The trail is in order of time, so that is one range of
    its places, which are the table's key."""
    codes = literal(" ").concat(DecisionIndex.codes).concat(literal(" "))
    # Put so, no engine reads the index of all times to have the groups in order.
    watched = func.coalesce(column, EMPTY)
    statement = select(watched, func.count()).where(
        DecisionIndex.seq >= place_at(session.connection(), since),
        DecisionIndex.permits.is_(False),
        column == number if number else column != "",
        codes.contains(f" {rule.code} ", autoescape=True),
        ~codes.contains(" ID.", autoescape=True), ~codes.contains(" GRANT.", autoescape=True))
    return statement.group_by(watched).having(func.count() >= rule.denials).order_by(watched)


def _is_stopped(session: Session, row) -> bool:
    if row.noun == "grant" and row.state != "ACTIVE":
        return True
    return session.exec(select(Hold.id).where(
        Hold.object_id == row.id, Hold.state == "ACTIVE").limit(1)).first() is not None


def _looked_at(session: Session, row) -> datetime | None:
    """When persons last let the object go on: a grant lifted or resumed, a hold lifted."""
    lifted = session.exec(select(func.max(Hold.lifted_at)).where(
        Hold.object_id == row.id)).first()
    resumed = session.exec(select(func.max(Transition.at)).where(
        Transition.noun == row.noun, Transition.object_id == row.id,
        Transition.action.in_(["lift_stop", "resume"]))).first()
    return max((at for at in (lifted, resumed) if at is not None), default=None)
