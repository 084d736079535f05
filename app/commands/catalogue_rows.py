"""The rows an import writes: departments as candidates, datasets, fields, and drafts of cases."""

from collections import Counter

from sqlmodel import select

from app.commands import datasets, onboarding
from app.commands.departments import named
from app.domain.canonical import digest
from app.domain.catalogue import CatalogueTable
from app.domain.catalogue_words import Outcome
from app.store.catalogue_plan import OVER, ColumnPlan, TablePlan
from app.store.tables_supply import Dataset, Department
from app.store.unit import Act

CHANGING = (Outcome.NEW, Outcome.UPDATED)


def write(act: Act, plans: tuple[TablePlan, ...], file: str) -> dict[int, str]:
    """Write the plans that change something; the case numbers by the position of their table.

    Where nothing changes nothing is written, so importing twice leaves one entry, not two.
    """
    changing = [(at, made) for at, made in enumerate(plans) if made.outcome in CHANGING]
    if not changing:
        return {}
    act.record(
        "catalogue.import",
        f"catalogue/{file.removeprefix('sha256:')}",
        file=file,
        tables=dict(Counter(str(made.outcome) for made in plans)),
        columns=sum(len(made.declared.columns) for made in plans),
    )
    departments: dict[str, Department] = {}
    cases = {}
    for at, made in changing:
        if made.dataset is None:
            name = made.declared.department
            if name not in departments:
                departments[name] = _department(act, name)
            cases[at] = _create(act, departments[name], made)
        else:
            cases[at] = _update(act, made.dataset, made)
    return cases


def _department(act: Act, name: str) -> Department:
    """The department of this name; a new one starts as a candidate."""
    found = act.first(select(Department).where(Department.name == name).with_for_update())
    return found or named(act, name=name)


def _create(act: Act, department: Department, made: TablePlan) -> str:
    table = made.declared
    case = onboarding.drafted(
        act,
        department,
        table.code,
        table.name_zh,
        update_cycle=table.update_cycle,
        owner=table.owner,
    )
    row = onboarding.dataset_of(act, case)
    _write_fields(act, row, made.columns)
    _record(act, row, table)
    return case.number


def _update(act: Act, row: Dataset, made: TablePlan) -> str:
    """What the file says replaces what is registered; what it leaves empty stays."""
    table = made.declared
    row.name = table.name_zh or row.name
    row.update_cycle = table.update_cycle or row.update_cycle
    row.owner = table.owner or row.owner
    _write_fields(act, row, made.columns)
    act.touch(row)
    _record(act, row, table)
    case = (
        made.case if made.case and made.case.state not in OVER else onboarding.drafted_for(act, row)
    )
    if case.title != row.name:
        case.title = row.name
    return case.number


def _write_fields(act: Act, dataset: Dataset, columns: tuple[ColumnPlan, ...]) -> None:
    """New fields are listed; a field whose type changes loses its grade and is judged again."""
    for column in columns:
        declared, field = column.declared, column.field
        if column.outcome == Outcome.NEW:
            listed = datasets.Listed(declared.code, declared.name_zh, declared.type)
            datasets.field(act, dataset, listed, column.position)
        elif column.outcome == Outcome.UPDATED:
            if declared.type and declared.type != field.type:
                field.type, field.grade, field.confirmed_by = declared.type, None, ""
            field.name = declared.name_zh or field.name
            field.position = column.position


def _record(act: Act, dataset: Dataset, table: CatalogueTable) -> None:
    """The entry binds the columns as declared by their digest."""
    columns = [[column.code, column.name_zh, column.type] for column in table.columns]
    act.record(
        "dataset.list_fields",
        f"dataset/{dataset.id}",
        number=dataset.number,
        columns=len(columns),
        listed=digest(columns),
    )
