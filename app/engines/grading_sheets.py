"""The grading of a dataset as a workbook a department can sign: written, and read back by row.

A row whose category and level are both empty says nothing. Codes stand before their titles in a
cell, and only the code is read. The version is that of the field when the sheet was written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.catalogue_words import MOST_ROWS
from app.domain.files import admitted
from app.domain.grounds import Words
from app.engines.sheets_write import xlsx_bytes
from app.engines.workbooks import open_workbook

SIGNED = Words("※ 数据提供部门（盖章）：　　　　经办人：　　　　日期：",
               "※ Department (seal):            Signed by:            Date:")
COLUMNS: Mapping[str, Words] = {
    "field": Words("数据项代码", "Field"), "name": Words("数据项名称", "Name"),
    "type": Words("数据类型", "Type"),
    "proposed_category": Words("建议分类", "Proposed category"),
    "proposed_grade": Words("建议分级", "Proposed level"),
    "confidence": Words("置信度（%）", "Confidence (%)"),
    "category": Words("分类", "Category"), "grade": Words("分级", "Level"),
    "grade_class": Words("国家分类级别", "National class"),
    "subject_kind": Words("主体类型", "About"), "sensitive": Words("敏感个人信息", "Sensitive"),
    "negative": Words("不良信息", "Negative record"),
    "event_end_field": Words("事件终止日数据项", "Event-end field"),
    "mask": Words("处理方式", "Treatment"), "prohibited": Words("禁止使用", "Prohibited"),
    "reason": Words("改变建议的理由", "Reason for an override"),
    "version": Words("版本", "Version"),
}
TOLD = ("name", "type", "proposed_category", "proposed_grade", "confidence")
NEEDED = tuple(key for key in COLUMNS if key not in TOLD)
CODED = ("category", "grade_class", "subject_kind", "mask")
FLAGS = ("sensitive", "negative", "prohibited")
YES, NO = ("是", "yes"), ("", "否", "no")

Fault = tuple[str, str, str]


@dataclass(frozen=True)
class SheetRow:
    """What one row says of a field; `number` is its row in the sheet, `version` that of the field
    it was written from, None where none can be read."""

    number: int
    said: Mapping[str, object]
    version: int | None


def written(rows: Iterable[Mapping[str, str]], title: str, language: str) -> bytes:
    """A workbook of one sheet, a row a field, and below them where the department signs.

    What nobody could name stands without a level, so that it is judged or says nothing.
    """
    header = [getattr(words, language) for words in COLUMNS.values()]
    body = [["" if key == "grade" and not row["category"] else row.get(key, "")
             for key in COLUMNS] for row in rows]
    return xlsx_bytes([*body, [], [getattr(SIGNED, language)]], header, title)


def read_gradings(name: str, body: bytes) -> tuple[list[SheetRow], list[Fault]]:
    """The rows that say something, and what is wrong by cell.

    Raises:
        Malformed: the file as a whole cannot be read.
    """
    admitted(name, body, frozenset({"xlsx"}))
    sheet = open_workbook(body).worksheets[0]
    places, missing = _places(sheet)
    if missing:
        return [], missing
    rows: list[SheetRow] = []
    faults: list[Fault] = []
    for cells in sheet.iter_rows(min_row=2):
        by_key = {key: cells[at] for key, at in places.items() if at < len(cells)}
        if _says_nothing(by_key):
            continue
        if len(rows) == MOST_ROWS:
            return [], [(cells[0].coordinate, f"超过 {MOST_ROWS} 行，请拆分后分批导入",
                         f"more than {MOST_ROWS} rows: split the sheet")]
        version = _text(by_key.pop("version"))
        said = {key: value for key, cell in by_key.items()
                if (value := _value(key, cell, faults)) is not None}
        rows.append(SheetRow(cells[0].row, said, int(version) if _is_number(version) else None))
    return rows, faults


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _places(sheet: Worksheet) -> tuple[dict[str, int], list[Fault]]:
    """At which index each column stands, and the columns that are missing."""
    headings = {_text(cell): cell.column - 1 for cell in next(sheet.iter_rows(max_row=1), ())}
    places = {key: headings[text] for key, words in COLUMNS.items() if key not in TOLD
              for text in (words.zh, words.en) if text in headings}
    return places, [
        ("A1", f"缺少列「{COLUMNS[key].zh}」", f"the column {COLUMNS[key].en} is missing")
        for key in NEEDED if key not in places]


def _says_nothing(cells: Mapping[str, Cell]) -> bool:
    signs = _text(cells["field"]).startswith("※")
    return signs or not (_text(cells["category"]) or _text(cells["grade"]))


def _value(key: str, cell: Cell, faults: list[Fault]) -> object:
    """What a cell says; None where it says nothing, or nothing that can be taken."""
    text = _text(cell)
    if cell.data_type == "f":
        faults.append((cell.coordinate, "不接受公式", "a formula is not accepted"))
    elif key in FLAGS:
        if text.casefold() not in YES + NO:
            faults.append((cell.coordinate, "应为「是」或空", "yes, or nothing"))
        return text.casefold() in YES
    elif key == "grade":
        level = text.upper().removeprefix("L")
        if level in ("1", "2", "3", "4", "5"):
            return int(level)
        faults.append((cell.coordinate, "应为 L1 至 L5", "a level is L1 to L5"))
    elif text:
        return text.split()[0] if key in CODED else text
    return None


def _text(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value).strip()
