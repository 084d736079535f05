"""A department's file, workbook or CSV or JSON, read into one catalogue with remarks by cell."""

import csv
import io
from collections.abc import Mapping

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.catalogue import Cell, Place, Reading, RowError, assemble, remark
from app.domain.catalogue_grid import COVERED, Grid, Raw, read_grid
from app.domain.catalogue_json import json_rows
from app.domain.catalogue_words import MOST_ROWS
from app.domain.files import FILE_LIMIT, FileKindRefused, admitted
from app.domain.wire import read_json
from app.engines.workbooks import open_workbook

ACCEPTED = frozenset({"xlsx", "csv", "json"})
TEMPLATE = "hufu-catalogue/1"
VERSION_SHEET = "_version"
LONGEST_CELL = 131_072  # characters
_EXACT_BELOW = 10**15

Found = tuple[list[Mapping[str, Cell]], list[RowError]]


def read_catalogue(name: str, body: bytes) -> Reading:
    """What the file called ``name`` says.

    Raises:
        Malformed: the file as a whole cannot be taken in; a subclass of it says why.
    """
    kind = admitted(name, body, ACCEPTED).extension
    if kind == "json":
        return assemble(*json_rows(read_json(body.removeprefix(b"\xef\xbb\xbf"), FILE_LIMIT)))
    if kind == "csv":
        reading = read_grid("", _csv_grid(body))
        return assemble(reading.rows, reading.remarks)
    return assemble(*_workbook_rows(body))


def _csv_grid(body: bytes) -> Grid:
    """The records of a comma-separated text; a record counts as one row, however many lines."""
    text = _decoded(body)
    if "," not in text.split("\n", 1)[0] and any(mark in text[:2000] for mark in "\t;"):
        raise FileKindRefused(
            "CSV 的分隔符必须是英文逗号，请重新导出", "CSV is separated by commas: export it again"
        )
    csv.field_size_limit(LONGEST_CELL)  # one for the process: said each time
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    grid = {}
    try:
        for number, record in enumerate(reader, start=1):
            grid[number] = {column: Raw(text) for column, text in enumerate(record, start=1)}
    except csv.Error as error:
        raise FileKindRefused(
            f"CSV 第 {reader.line_num} 行的引号或换行有误，请改正",
            f"CSV line {reader.line_num} has a stray quote or line break: correct it",
        ) from error
    return grid


def _decoded(body: bytes) -> str:
    """Text in UTF-8, with or without its mark, or in GB 18030; `admitted` has tried both."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def _workbook_rows(body: bytes) -> Found:
    """The rows of every visible sheet with a catalogue heading; others are named, not read."""
    book = open_workbook(body)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise FileKindRefused("工作簿没有可见的工作表", "the workbook has no visible sheet")
    readings = {sheet.title: read_grid(sheet.title, _sheet_grid(sheet)) for sheet in visible}
    read = [reading for reading in readings.values() if reading.heading]
    rows = [row for reading in read for row in reading.rows]
    remarks = [found for reading in read or readings.values() for found in reading.remarks]
    if read:
        strangers = [title for title, reading in readings.items() if not reading.heading]
        remarks.extend(remark("CAT.NOT_READ", Place(title, 1, 1)) for title in strangers)
    if VERSION_SHEET in book.sheetnames and book[VERSION_SHEET]["A1"].value != TEMPLATE:
        remarks.append(remark("CAT.VERSION", Place(next(iter(readings)), 1, 1)))
    if len(rows) > MOST_ROWS:
        remarks.append(remark("CAT.TOO_MANY", Place(next(iter(readings)), 1, 1)))
    return rows[:MOST_ROWS], remarks


def _sheet_grid(sheet: Worksheet) -> Grid:
    """The cells of a sheet; a merged range is said at its first cell and covers the others."""
    grid: dict[int, dict[int, Raw]] = {}
    for cells in sheet.iter_rows():
        filled = {cell.column: _raw(cell) for cell in cells if cell.value is not None}
        if filled:
            grid[cells[0].row] = filled
    for merged in sheet.merged_cells.ranges:
        for row in range(merged.min_row, merged.max_row + 1):
            for column in range(merged.min_col, merged.max_col + 1):
                grid.setdefault(row, {})[column] = Raw("", COVERED)
        grid[merged.min_row][merged.min_col] = Raw("", "CAT.MERGED")
    return grid


def _raw(cell: SheetCell) -> Raw:
    """The text of a cell as it was typed, or why that is no longer known."""
    if cell.data_type == "f":
        return Raw("", "CAT.FORMULA")
    if isinstance(cell.value, str) and cell.data_type != "e":
        return Raw(cell.value)
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        if abs(cell.value) >= _EXACT_BELOW:
            return Raw("", "CAT.LOSSY_NUMBER")
        return Raw(f"{cell.value:.15g}")
    return Raw("", "CAT.NOT_TEXT")
