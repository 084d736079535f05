"""What taking in a catalogue would change: each table and column beside what is registered.

Departments are known by name, datasets by department and code, fields by dataset and code; case
is ignored. An empty cell says nothing: it never erases what is registered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from app.domain.catalogue import CatalogueColumn, CatalogueTable
from app.domain.catalogue_words import Outcome
from app.store.tables_supply import Dataset, DatasetField, Department, OnboardingCase

CHANGEABLE = frozenset({"DRAFT", "SUPPLEMENT"})
OVER = frozenset({"WITHDRAWN", "REJECTED"})


@dataclass(frozen=True)
class ColumnPlan:
    """One column: NEW, UPDATED, UNCHANGED, or ABSENT from the file (and left as it is)."""

    code: str
    outcome: Outcome
    declared: CatalogueColumn | None = None
    position: int = 0
    field: DatasetField | None = None


@dataclass(frozen=True)
class TablePlan:
    """One table: NEW, UPDATED, UNCHANGED, or LOCKED because its case is being handled."""

    declared: CatalogueTable
    outcome: Outcome
    columns: tuple[ColumnPlan, ...]
    dataset: Dataset | None = None
    case: OnboardingCase | None = None


def plan(
    session: Session, tables: Sequence[CatalogueTable], lock: bool = False
) -> tuple[TablePlan, ...]:
    """The plan for every table, in the order of the file; with ``lock`` its rows are held."""
    names = {table.department for table in tables}
    statement = select(Department).where(Department.name.in_(names)).order_by(Department.id)
    departments = {
        row.name: row.id for row in session.exec(statement.with_for_update() if lock else statement)
    }
    datasets = _datasets(session, departments.values(), lock)
    known = [row.id for row in datasets.values()]
    fields = _fields(session, known)
    cases = _cases(session, known)
    plans = []
    for table in tables:
        row = datasets.get((departments.get(table.department, ""), table.code.casefold()))
        case = cases.get(row.id) if row else None
        plans.append(_table_plan(table, row, case, fields.get(row.id, {}) if row else {}))
    return tuple(plans)


def _datasets(
    session: Session, departments: Iterable[str], lock: bool
) -> dict[tuple[str, str], Dataset]:
    statement = select(Dataset).where(Dataset.department_id.in_(list(departments)))
    statement = statement.order_by(Dataset.id)
    rows = session.exec(statement.with_for_update() if lock else statement)
    return {(row.department_id, row.code.casefold()): row for row in rows}


def _fields(session: Session, datasets: list[str]) -> dict[str, dict[str, DatasetField]]:
    found: dict[str, dict[str, DatasetField]] = {}
    for row in session.exec(select(DatasetField).where(DatasetField.dataset_id.in_(datasets))):
        found.setdefault(row.dataset_id, {})[row.code.casefold()] = row
    return found


def _cases(session: Session, datasets: list[str]) -> dict[str, OnboardingCase]:
    """The newest case of each dataset."""
    statement = select(OnboardingCase).where(OnboardingCase.dataset_id.in_(datasets))
    rows = session.exec(statement.order_by(OnboardingCase.created_at, OnboardingCase.id))
    return {row.dataset_id: row for row in rows}


def _table_plan(
    table: CatalogueTable,
    row: Dataset | None,
    case: OnboardingCase | None,
    fields: dict[str, DatasetField],
) -> TablePlan:
    columns = [
        _column_plan(column, position, fields.get(column.code.casefold()))
        for position, column in enumerate(table.columns)
    ]
    declared = {column.code.casefold() for column in table.columns}
    columns += [
        ColumnPlan(field.code, Outcome.ABSENT, None, field.position, field)
        for code, field in fields.items()
        if code not in declared
    ]
    if row is None:
        return TablePlan(table, Outcome.NEW, tuple(columns))
    said = {"name": table.name_zh, "update_cycle": table.update_cycle, "owner": table.owner}
    same = all(not text or getattr(row, name) == text for name, text in said.items())
    same = same and all(column.outcome in (Outcome.UNCHANGED, Outcome.ABSENT) for column in columns)
    outcome = Outcome.UNCHANGED if same else Outcome.UPDATED
    if not same and not _changeable(row, case):
        outcome = Outcome.LOCKED
    return TablePlan(table, outcome, tuple(columns), row, case)


def _changeable(row: Dataset, case: OnboardingCase | None) -> bool:
    """Whether nobody has taken the dataset in yet: an own draft, or no case left that is open."""
    if case is not None and case.state in CHANGEABLE:
        return True
    return row.state == "PENDING" and (case is None or case.state in OVER)


def _column_plan(column: CatalogueColumn, position: int, field: DatasetField | None) -> ColumnPlan:
    if field is None:
        return ColumnPlan(column.code, Outcome.NEW, column, position)
    said = {"name": column.name_zh, "type": column.type}
    same = all(not text or getattr(field, name) == text for name, text in said.items())
    same = same and field.position == position
    return ColumnPlan(
        column.code, Outcome.UNCHANGED if same else Outcome.UPDATED, column, position, field
    )
