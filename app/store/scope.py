"""Whose rows a caller may see; the one place that turns a scope into a condition.

Source: GB/T 22239-2019 8.1.4.2.f; OWASP ASVS 5.0 8.2.2.
"""

from sqlalchemy import false

from app.domain.callers import Caller


def visible(row, caller: Caller) -> bool:
    """Whether the caller may know that this row exists."""
    if caller.is_staff or row.scope == "open":
        return True
    if row.scope == "institution" and caller.institution:
        return row.institution_id == caller.institution
    if row.scope == "department" and caller.department:
        return row.department_id == caller.department
    return False


def scoped(statement, model, caller: Caller):
    """The select with the caller's scope added; nothing at all where the noun is not theirs."""
    if caller.is_staff or model.scope == "open":
        return statement
    if model.scope == "institution" and caller.institution:
        return statement.where(model.institution_id == caller.institution)
    if model.scope == "department" and caller.department:
        return statement.where(model.department_id == caller.department)
    return statement.where(false())
