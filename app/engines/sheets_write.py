"""Tables leave as CSV or XLSX that no spreadsheet program will run.

Values are text in every cell. What a program could take for a formula is guarded in CSV and
typed as a string in XLSX. Who may take what out is decided elsewhere.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

LONGEST_CELL = 32_767
_STARTS_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")
_HEADING_FILL = PatternFill("solid", fgColor="FFE8EDF3")


def guarded(text: str) -> str:
    """``text`` with a leading apostrophe where a spreadsheet would see a formula.

    Text that already looks guarded is guarded once more, so that `unguarded` always undoes it.
    """
    return f"'{text}" if _STARTS_FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text before `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


def csv_bytes(
    rows: Iterable[Sequence[object]], header: Sequence[str], spreadsheet: bool = True
) -> bytes:
    """The rows as CSV in UTF-8, with a byte order mark when meant for a spreadsheet.

    Source: RFC 4180.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in header])
    writer.writerows([guarded(_text(value)) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig" if spreadsheet else "utf-8")


def xlsx_bytes(
    rows: Iterable[Sequence[object]], header: Sequence[str], title: str = "Hufu"
) -> bytes:
    """The rows as one sheet of string cells, control characters removed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    for column, heading in enumerate(header, start=1):
        width = sum(2 if ord(mark) > 255 else 1 for mark in heading)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, min(40, width + 4))
    sheet.append([heading_cell(sheet, cell) for cell in header])
    for row in rows:
        sheet.append([string_cell(sheet, _text(value)) for value in row])
    return saved(book)


def string_cell(sheet: Worksheet, text: str) -> WriteOnlyCell:
    """A cell that stays text also when someone edits it in place."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL])
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = bool(_STARTS_FORMULA.match(text))
    return cell


def heading_cell(sheet: Worksheet, text: str) -> WriteOnlyCell:
    """A string cell that looks like a heading."""
    cell = string_cell(sheet, text)
    cell.font, cell.fill = Font(bold=True), _HEADING_FILL
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def sheet_title(title: str) -> str:
    """``title`` within what a sheet may be called."""
    return re.sub(r"[\\/*?:\[\]\x00-\x1f]", " ", title).strip("' ")[:31] or "Hufu"


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _text(value: object) -> str:
    return "" if value is None else str(value)
