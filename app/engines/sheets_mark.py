"""What goes back to a department: its sheet with comments, an error file, an empty template."""

import json
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from app.domain.catalogue import RowError, column_letters
from app.domain.catalogue_words import CYCLES, MOST_ROWS, OPTIONAL_TITLES, TITLES, TYPES
from app.engines.sheets import TEMPLATE, VERSION_SHEET
from app.engines.sheets_write import csv_bytes, saved
from app.engines.workbooks import open_workbook

AUTHOR = "虎符 Hufu"
ERRORS_SCHEMA = "hufu-catalogue-errors/1"
CODE_SHEET = "_codes"
TEMPLATE_SHEET = "数据资源目录"
_LIGHT_RED = PatternFill("solid", fgColor="FFFFC7CE")
_HEADING_FILL = PatternFill("solid", fgColor="FFE8EDF3")
_HEADER = ("位置 Place", "行 Row", "列 Column", "级别 Weight", "代码 Code", "说明", "What to mend")


def marked_workbook(body: bytes, errors: Iterable[RowError]) -> bytes:
    """The same workbook with a comment and a light red cell at each error; values are untouched."""
    book = open_workbook(body)
    said: dict[tuple[str, int, int], list[str]] = {}
    for error in errors:
        said.setdefault((error.sheet, error.row, error.column), []).append(
            f"{error.message_zh}\n{error.message_en}"
        )
    for (sheet, row, column), texts in said.items():
        cell = book[sheet].cell(row, column)
        if isinstance(cell, MergedCell):
            cell = _anchor(book, sheet, row, column)
        earlier = [cell.comment.text] if cell.comment else []
        cell.comment = Comment("\n\n".join([*earlier, *texts]), AUTHOR, height=120, width=320)
        cell.fill = _LIGHT_RED
    return saved(book)


def errors_json(remarks: Iterable[RowError]) -> bytes:
    """The remarks as JSON, for a program."""
    listed = [
        {
            "place": found.where,
            "row": found.row,
            "column": found.column,
            "weight": _weight(found),
            "code": found.code,
            "zh": found.message_zh,
            "en": found.message_en,
        }
        for found in remarks
    ]
    text = json.dumps({"schema": ERRORS_SCHEMA, "errors": listed}, ensure_ascii=False, indent=1)
    return text.encode("utf-8")


def errors_csv(remarks: Iterable[RowError]) -> bytes:
    """The remarks as CSV, for a spreadsheet."""
    rows = (
        (
            found.where,
            found.row,
            found.column,
            _weight(found),
            found.code,
            found.message_zh,
            found.message_en,
        )
        for found in remarks
    )
    return csv_bytes(rows, _HEADER)


def template_workbook() -> bytes:
    """An empty catalogue: heading, lists to choose from, and hidden sheets of codes and version."""
    book = Workbook()
    sheet = book.active
    sheet.title = TEMPLATE_SHEET
    sheet.freeze_panes = "A2"
    for column, (name, titles) in enumerate(TITLES.items(), start=1):
        star = "" if name in OPTIONAL_TITLES else "*"
        cell = sheet.cell(1, column, titles[0] + star)
        cell.font, cell.fill = Font(bold=True), _HEADING_FILL
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 22
        sheet.column_dimensions[letter].number_format = "@"
    _add_codes(book)
    version = book.create_sheet(VERSION_SHEET)
    version["A1"] = TEMPLATE
    version.sheet_state = "hidden"
    return saved(book)


def _add_codes(book: Workbook) -> None:
    """The code sheet, and on the catalogue the lists that point at it."""
    codes = book.create_sheet(CODE_SHEET)
    codes.sheet_state = "hidden"
    lists = {
        "update_cycle": [words[0] for words in CYCLES.values()],
        "type": [words.split()[0] for words in TYPES.values()],
    }
    for column, (name, words) in enumerate(lists.items(), start=1):
        for row, word in enumerate([name, *words], start=1):
            codes.cell(row, column, word)
        letter = get_column_letter(column)
        choice = DataValidation(
            type="list", formula1=f"'{CODE_SHEET}'!${letter}$2:${letter}${len(words) + 1}"
        )
        choice.showErrorMessage = False
        target = get_column_letter(list(TITLES).index(name) + 1)
        choice.add(f"{target}2:{target}{MOST_ROWS + 1}")
        book[TEMPLATE_SHEET].add_data_validation(choice)


def _anchor(book: Workbook, sheet: str, row: int, column: int):
    """The first cell of the merged range that covers a cell."""
    ranges = book[sheet].merged_cells.ranges
    at = f"{column_letters(column)}{row}"
    area = next(area for area in ranges if at in area)
    return book[sheet].cell(area.min_row, area.min_col)


def _weight(found: RowError) -> str:
    return "warning" if found.is_warning else "error"
