"""`./hufu catalogue import PATH [--dry-run]`: a catalogue from a file, with a full report."""

import argparse
import sys
from pathlib import Path

from app.cli.processes import prepare, settings_of
from app.commands.catalogue import Report, import_file
from app.domain.callers import SYSTEM
from app.domain.catalogue_words import Outcome
from app.domain.files import FILE_LIMIT
from app.domain.refusals import TooLarge
from app.engines.sheets_mark import errors_csv, errors_json, marked_workbook

MARKS = {
    Outcome.NEW: "+",
    Outcome.UPDATED: "~",
    Outcome.UNCHANGED: "=",
    Outcome.LOCKED: "!",
    Outcome.ABSENT: "-",
}


def register(words) -> None:
    """Add the word and its one verb."""
    verbs = words.add_parser("catalogue", help="take in a department's catalogue").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    verb = verbs.add_parser("import", help="XLSX, CSV or JSON: tables, columns, types")
    verb.add_argument("path", type=Path, metavar="PATH")
    verb.add_argument("--dry-run", action="store_true", help="report only, change nothing")
    verb.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    verb.set_defaults(run=take_in)


def take_in(asked: argparse.Namespace) -> int:
    """Import the file and print every table and column; 1 when the file has errors."""
    try:
        content = _content(asked.path)
    except OSError as error:
        print(f"读不到文件 / cannot read the file: {error.strerror}", file=sys.stderr)
        return 1
    rt = prepare(settings_of(asked))
    try:
        report = import_file(rt, SYSTEM, asked.path.name, content, asked.dry_run)
    finally:
        rt.close()
    print("\n".join(lines(report)))
    if report.errors:
        kept = keep_errors(asked.path, content, report)
        print(f"错误已写入 / errors are in: {kept}", file=sys.stderr)
        return 1
    return 0


def _content(path: Path) -> bytes:
    """The bytes of the file, never more than a file may have.

    Raises:
        OSError, TooLarge
    """
    with path.open("rb") as file:
        content = file.read(FILE_LIMIT + 1)
    if len(content) > FILE_LIMIT:
        raise TooLarge("文件超过 20 MiB，请拆分", "a file has at most 20 MiB: split it")
    return content


def lines(report: Report) -> list[str]:
    """The report as text: remarks, every table with its columns, and the sums."""
    said = []
    for found in (*report.errors, *report.warnings):
        weight = "警告 warning" if found.is_warning else "错误 error"
        said.append(f"{weight} {found.where}: {found.message_zh} / {found.message_en}")
    for table in report.tables:
        case = f"  {table.case}" if table.case else ""
        said.append(
            f"{MARKS[table.outcome]} {table.department}  {table.table}  {table.name}"
            f"  [{len(table.columns)}]{case}"
        )
        said.extend(f"    {MARKS[column.outcome]} {column.code}" for column in table.columns)
        if table.advice_zh:
            said.append(f"    {table.advice_zh} / {table.advice_en}")
    said.append(_sum("资源 tables", len(report.tables), report.table_counts))
    columns = sum(len(table.columns) for table in report.tables)
    said.append(_sum("数据项 columns", columns, report.column_counts))
    said.append(
        f"错误 errors: {len(report.errors)}  警告 warnings: {len(report.warnings)}  "
        + ("已导入 applied" if report.applied else "未作任何更改 nothing was changed")
    )
    return said


def _sum(title: str, total: int, counts: dict[Outcome, int]) -> str:
    parts = [f"{one.zh} {one.en.lower()} {counts[one]}" for one in Outcome if one in counts]
    return f"{title}: {total}  ({', '.join(parts)})"


def keep_errors(path: Path, content: bytes, report: Report) -> Path:
    """Where the errors were put: a marked copy of a workbook, else a file beside the sent one."""
    if path.suffix.casefold() == ".xlsx":
        target, body = path.with_suffix(".marked.xlsx"), marked_workbook(content, report.errors)
    elif path.suffix.casefold() == ".csv":
        target, body = Path(f"{path}.errors.csv"), errors_csv(report.errors)
    else:
        target, body = Path(f"{path}.errors.json"), errors_json(report.errors)
    target.write_bytes(body)
    return target
