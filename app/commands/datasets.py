"""Datasets and their fields: named, listed, and the inner steps other commands take on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import select

from app.domain.canonical import digest
from app.domain.datasets import State
from app.store.tables_supply import Dataset, DatasetField, Department
from app.store.unit import Act


@dataclass(frozen=True)
class Listed:
    """One field as a department lists it."""

    code: str
    name: str = ""
    type: str = ""


@dataclass(frozen=True)
class Listing:
    """What listing the fields of a dataset changed."""

    added: int
    changed: int
    kept: int


def named(act: Act, department: Department, code: str, name: str, **values) -> Dataset:
    """A pending dataset inside an act; the caller records it."""
    return act.create(Dataset, number=act.number("DS"), code=code, name=name,
                      department_id=department.id, state=str(State.PENDING), **values)


def field(act: Act, dataset: Dataset, listed: Listed, position: int) -> DatasetField:
    """One new field inside an act; the caller records it."""
    return act.create(DatasetField, dataset_id=dataset.id, department_id=dataset.department_id,
                      position=position, code=listed.code, name=listed.name, type=listed.type)


def fields(act: Act, dataset: Dataset, listed: Iterable[Listed]) -> Listing:
    """The fields as listed, added or brought up to date by code; one entry for the whole list.

    Fields that are not listed stay. A field whose type changes loses its confirmed grade: it is
    judged again.
    """
    known = {row.code.casefold(): row for row in act.all(
        select(DatasetField).where(DatasetField.dataset_id == dataset.id))}
    before, added, changed, codes = len(known), 0, 0, []
    for item in listed:
        codes.append([item.code, item.name, item.type])
        row = known.get(item.code.casefold())
        if row is None:
            known[item.code.casefold()] = field(act, dataset, item, len(known))
            added += 1
        elif (row.name, row.type) != (item.name, item.type):
            if row.type != item.type:
                row.grade, row.confirmed_by = None, ""
            row.name, row.type = item.name, item.type
            act.add(row)
            changed += 1
    if added or changed:
        act.record("dataset.list_fields", f"dataset/{dataset.id}", added=added, changed=changed,
                   listed=digest(codes))
    return Listing(added, changed, before - changed)
