"""Refused readings as rows, and those that count now."""

from datetime import datetime

from sqlmodel import Session, select

from app.domain.negative_examples import Reach, Refused, State
from app.store.tables_supply import NegativeExample


def standing(session: Session, department: str, at: datetime) -> tuple[Refused, ...]:
    """The refusals of a department that count at an instant, by number."""
    rows = session.exec(select(NegativeExample).where(
        NegativeExample.department_id == department,
        NegativeExample.state == str(State.ACTIVE),
        NegativeExample.expires_at > at).order_by(NegativeExample.number)).all()
    return tuple(Refused(row.number, row.element, Reach(row.reach), row.dataset_id, row.column)
                 for row in rows)
