"""What one run found in one table, column by column: verdicts, reasons in words, shapes, counts."""

from dataclasses import dataclass

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.classification.shapes import shown
from app.domain.classification.verdicts import Reason
from app.domain.grounds import Words
from app.queries.query import may_read, one, query
from app.store.tables_scans import ScanRun, ScanTable
from app.store.tables_supply import Dataset
from app.store.unit import read

SHOWN = 500


@dataclass(frozen=True)
class ColumnFound:
    """One column: what it holds, how it is graded and how surely, why, and what it looks like."""

    name: str
    title: str
    type: str
    element: str
    identifier: str
    level: int
    personal: bool
    confidence: str
    distinct: int
    filled: str
    shapes: str
    why: tuple[Words, ...]


@dataclass(frozen=True)
class ScanTableSheet:
    """One table of a run. Of more than 500 columns the highest graded are told, and how many there
    are in all."""

    id: str
    number: str
    name: str
    title: str
    run: str
    run_id: str
    dataset: str
    outcome: str
    read_at: str
    rows: int
    rows_total: int | None
    level: int | None
    notes: tuple[str, ...]
    columns_in_all: int
    columns: tuple[ColumnFound, ...]
    version: int = 1


@query("scan_table", "扫描结果", "Scanned table", single=True)
def scan_table(rt, caller: Caller, ref: str) -> ScanTableSheet:
    """One table of one run, by id."""
    may_read(rt, caller, "scan_table")
    with read(rt) as session:
        row = one(session, caller, ScanTable, ref)
        dataset = session.get(Dataset, row.dataset_id) if row.dataset_id else None
        run = session.get(ScanRun, row.run_id)
        return ScanTableSheet(
            row.id, row.id, row.name, row.title, run.number, run.id,
            dataset.number if dataset else "", row.state, instant(row.read_at), row.rows,
            row.rows_total, row.level or None, tuple(row.notes), len(row.verdicts),
            tuple(_column(rt, row, name) for name in _shown(row)))


def _shown(row: ScanTable) -> list[str]:
    """The columns in the order of the table; where they are too many, the highest graded."""
    names = list(row.verdicts)
    if len(names) <= SHOWN:
        return names
    highest = frozenset(sorted(names, key=lambda name: -row.verdicts[name]["level"])[:SHOWN])
    return [name for name in names if name in highest]


def _column(rt, row: ScanTable, name: str) -> ColumnFound:
    verdict, profile = row.verdicts[name], row.profiles[name]
    rules = rt.grading_rules()
    why = rules.said([Reason(code, tuple(blanks.items())) for code, blanks in verdict["why"]])
    rows = profile["rows"]
    return ColumnFound(
        name, verdict["title"], verdict["type"], verdict["element"], verdict["identifier"],
        verdict["level"], verdict["personal"], f"{verdict['confidence']} %", profile["distinct"],
        f"{profile['filled'] * 100 // rows} %" if rows else "",
        "  ".join(shown(shape) for shape, _ in profile["shapes"][:3]), tuple(why))
