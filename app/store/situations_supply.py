"""What guards on departments may look at."""

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.departments import DepartmentSituation
from app.store.situations import basics
from app.store.tables_supply import Dataset, Department


def department_situation(rt, session: Session, caller: Caller, row: Department,
                         reason: str = "") -> DepartmentSituation:
    left = session.exec(select(func.count()).select_from(Dataset).where(
        Dataset.department_id == row.id, Dataset.state != "RETIRED")).one()
    return DepartmentSituation(
        **basics(rt, session, caller, row, reason),
        agreement_signed=bool(row.agreement.get("signed_on")),
        liaison_named=bool(row.liaison), datasets_left=int(left))
