"""XLSX as a source: each sheet a table, read row by row, nothing evaluated.

A number of 16 digits or more that went through a spreadsheet has lost digits; it is handed on in
the form `1.10105E+17`, by which it can be told from a number that is whole.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice, zip_longest
from pathlib import Path

from openpyxl.cell import Cell
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.sources.headings import (
    LOOKED_AT,
    column_names,
    heading_row,
    is_data,
    numbered_names,
)
from app.engines.sources.plain_files import table_name
from app.engines.sources.remarks import Remarks, SourceRefused, shown
from app.engines.sources.report import Found, Skipped
from app.engines.sources.sampling import Limits, RowSample, columns_of
from app.engines.sources.workbook_parts import Range, Sheet, opened_workbook
from app.engines.workbooks import UNREADABLE, broken_workbook

EXACT_BELOW = 10**15
TALLEST_HEADING = 4

Texts = list[str | None]


def read_workbook(path: Path, limits: Limits) -> Found:
    """A table for every sheet that holds cells; the only one is called as the file.

    Raises:
        SourceRefused, Malformed, OSError: the workbook cannot be read.
    """
    with opened_workbook(path) as (book, measured):
        parts = [measured.get(sheet._worksheet_path, Sheet()) for sheet in book.worksheets]
        filled = [pair for pair in zip(book.worksheets, parts, strict=True) if pair[1].cells]
        if not filled:
            raise SourceRefused("工作簿是空的", "the workbook is empty")
        for sheet, part in filled:
            name = table_name(path) if len(filled) == 1 else shown(sheet.title)
            remarks = Remarks()
            try:
                yield _reading(name, sheet, part, limits, remarks), remarks
            except SourceRefused as error:
                yield Skipped(name, error.zh, error.en)
            except UNREADABLE:
                error = broken_workbook()
                yield Skipped(name, error.zh, error.en)


def _reading(
    name: str, sheet: ReadOnlyWorksheet, part: Sheet, limits: Limits, remarks: Remarks
) -> TableSample:
    """The sample of one sheet."""
    sheet.reset_dimensions()  # what the sheet says of its size is not believed
    rows = enumerate(sheet.iter_rows(), start=1)
    first = list(islice(rows, LOOKED_AT))
    head = [_texts(cells, line, limits, Remarks()) for line, cells in first]
    if not any(map(any, head)):
        raise SourceRefused(
            f"前 {LOOKED_AT} 行是空的，请删除空行",
            f"the first {LOOKED_AT} rows are empty: delete them",
        )
    above, names = _heading(head, part.merges, remarks)
    if len(names) > limits.columns:
        raise SourceRefused(
            f"超过 {limits.columns} 列，请拆分", f"more than {limits.columns} columns: split it"
        )
    sample = RowSample(limits.rows_of(len(names)), limits.characters)
    for line, cells in chain(first[above:], rows):
        filled = [cell.value is not None for cell in cells]
        if any(filled):
            remarks.add("LONG_ROW", int(any(filled[len(names) :])), line)
            if sample.wants():
                texts = _texts(cells[: len(names)], line, limits, remarks)
                sample.keep((*texts, *[None] * (len(names) - len(texts))))
    values = columns_of(names, sample.rows())
    remarks.add("HIDDEN_SHEET", int(sheet.sheet_state != "visible"))
    remarks.add("FORMULA", part.formulas)
    remarks.add("MERGED", sum(bottom > above for _, _, _, bottom in part.merges))
    sample.remark(limits, values, remarks)
    spec = TableSpec(name, columns=tuple(map(ColumnSpec, values)))
    return TableSample(spec, values, sample.seen, remarks.sentences())


def _heading(
    head: Sequence[Texts], merges: Sequence[Range], remarks: Remarks
) -> tuple[int, list[str]]:
    """How many rows stand above the data, and the names of the columns.

    Merged heading cells name every column they cover; names of several rows are joined.
    """
    grid = [[cell or "" for cell in row] for row in head]
    for left, top, right, bottom in merges:
        _spread(grid, left - 1, top - 1, right, min(bottom, top + TALLEST_HEADING))
    at = heading_row(grid)
    width = max((len(row) for row in _trimmed(grid)), default=0)
    below = [row for row in grid[at + 1 :] if any(row)]
    if is_data(grid[at], below):
        remarks.add("NO_HEADING")
        return at, numbered_names(width)
    last = _last_row(at, grid, merges)
    parts = [[*row, *[""] * (width - len(row))][:width] for row in grid[at : last + 1]]
    joined = ["_".join(dict.fromkeys(filter(None, column))) for column in zip(*parts, strict=True)]
    remarks.add("ABOVE_HEADING", at)
    return last + 1, column_names(joined, remarks)


def _spread(grid: list[list[str]], left: int, top: int, right: int, bottom: int) -> None:
    """The text at the top left is written into every cell of the range that lies in the grid."""
    text = grid[top][left] if top < len(grid) and left < len(grid[top]) else ""
    for row in grid[top:bottom]:
        row.extend([""] * (min(right, 16_384) - len(row)))
        row[left:right] = [text] * (right - left)


def _last_row(at: int, grid: Sequence[Sequence[str]], merges: Sequence[Range]) -> int:
    """The last row of a heading that begins in row ``at``, both from 0.

    Below a cell merged sideways stand names, unless the columns beside it already hold rows.
    """
    last = max([at, *(bottom - 1 for _, top, _, bottom in merges if top <= at + 1 <= bottom)])
    last = min(last, at + TALLEST_HEADING - 1)
    while last + 1 < min(len(grid), at + TALLEST_HEADING):
        wide = {
            column
            for left, _, right, bottom in merges
            if left < right and bottom == last + 1
            for column in range(left - 1, right)
        }
        beside = zip_longest(grid[last], grid[last + 1], fillvalue="")
        held = [below and below != above for above, below in beside]
        if not wide or any(held[at] for at in set(range(len(held))) - wide):
            break
        last += 1
    return last


def _trimmed(grid: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The rows without the empty cells at their end."""
    for row in grid:
        end = len(row)
        while end and not row[end - 1]:
            end -= 1
        yield row[:end]


def _texts(cells: Sequence[Cell], line: int, limits: Limits, remarks: Remarks) -> Texts:
    """The cells of one row as texts; an empty one is null."""
    return [None if cell.value is None else _text(cell, line, limits, remarks) for cell in cells]


def _text(cell: Cell, line: int, limits: Limits, remarks: Remarks) -> str | None:
    """A value as a person would read it."""
    value = cell.value
    if cell.data_type == "e":
        remarks.add("ERROR_CELL", line=line)
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, line, remarks)
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time | timedelta):
        return str(value)
    text = str(value)
    if len(text) > limits.cell:
        remarks.add("CUT_CELL", line=line)
    return text[: limits.kept]


def _number(value: int | float, line: int, remarks: Remarks) -> str:
    """The digits of a number, or `1.10105E+17` where a spreadsheet has dropped some.

    A whole number that carries more than 15 digits was written by a program and has them all.
    """
    if abs(value) < EXACT_BELOW:
        return f"{value:.15g}"
    digits = len(str(abs(value))) if isinstance(value, int) else 0
    if digits and value % 10 ** (digits - 15):
        return str(value)
    remarks.add("LOST_DIGITS", line=line)
    return f"{value:.5E}"
