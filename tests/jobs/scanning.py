"""Walks of scans: a source registered, a run asked for and taken up, what it kept."""

from sqlmodel import select

from app.commands import scan_sources
from app.commands.command import Reasoned
from app.jobs import scans
from app.store.tables_scans import ScanTable
from app.store.tables_supply import DatasetField, Department
from app.store.unit import begin, read
from tests import zone
from tests.conftest import caller
from tests.sources import PASSWORD

SEC, WHY = caller("sun", "SEC_REVIEW"), Reasoned(reason="按规定办理")
MARKER = "绝密样本值QZ"
ID_NUMBER = "11010519491231002X"


def never() -> bool:
    return False


def registered(rt, home: str, address: str, **values) -> str:
    """The id of a source of a department."""
    return scan_sources.create(rt, SEC, scan_sources.NewSource(**{
        "name": "业务库", "department": home, "address": address, "password": PASSWORD,
        **values})).id


def started(rt, key: str, **values) -> str:
    return scan_sources.start(rt, SEC, key, scan_sources.Start(**values)).id


def scanned(rt, key: str, **values) -> str:
    """The id of a run that was taken up and came to its end."""
    run = started(rt, key, **values)
    rt.clock.forward(seconds=1)
    assert scans.turn(rt, "jobs-1", never)
    return run


def tables(rt, run: str) -> dict[str, ScanTable]:
    with read(rt) as session:
        return {row.name: row for row in session.exec(select(ScanTable).where(
            ScanTable.run_id == run))}


def listed(rt, home: str) -> str:
    """A dataset online whose code is the table's; its first field is confirmed at level 1."""
    with begin(rt, SEC) as act:
        department = act.find(Department, home)
        row = zone.dataset(act, department, fields=(
            ("sfzh", "身份证号", 1, "CLEAR", "ENTERPRISE"), ("xm", "姓名", 1, "CLEAR", "PERSON"),
            ("absent", "不在库中", 1, "CLEAR", "ENTERPRISE")), code="PATIENT")
        act.session.flush()
        act.first(select(DatasetField).where(DatasetField.dataset_id == row.id,
                                             DatasetField.code == "sfzh")).confirmed_by = "li"
    return row.id
