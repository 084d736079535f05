"""A department's resource catalogue: its tables and columns, and what is wrong with them, by cell.

Every reader (workbook, CSV, JSON) hands over the same rows of placed cells; this module turns
them into tables or into remarks. A remark names a place and what to mend, never a value.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.catalogue_words import (
    LONGEST,
    LONGEST_OTHER,
    MESSAGES,
    WARNINGS,
    cycle_of,
    kind_of,
)
from app.domain.wire import UnsafeText, clean_text

_CODE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d*)?[eE]\+?\d+")
_REQUIRED = frozenset({"department", "table", "table_zh", "column"})


@dataclass(frozen=True, order=True)
class Place:
    """A cell by sheet, row and column from 1; or, in JSON, a pointer with row and column 0."""

    sheet: str
    row: int
    column: int
    pointer: str = ""

    def __str__(self) -> str:
        """`Sheet!B7`, `B7` where there is one sheet only, or the pointer."""
        if self.pointer:
            return self.pointer
        cell = f"{column_letters(self.column)}{self.row}"
        return f"{self.sheet}!{cell}" if self.sheet else cell


@dataclass(frozen=True)
class RowError:
    """One thing to mend (or, for a warning, to know) at one place."""

    sheet: str
    row: int
    column: int
    code: str
    message_zh: str
    message_en: str
    pointer: str = ""

    @property
    def is_warning(self) -> bool:
        """Whether the catalogue may be taken in all the same."""
        return self.code in WARNINGS

    @property
    def where(self) -> str:
        """The place as a person reads it."""
        return str(Place(self.sheet, self.row, self.column, self.pointer))


@dataclass(frozen=True)
class Cell:
    """Text at a place; ``None`` when the reader has already said why it is unreadable."""

    text: str | None
    place: Place


@dataclass(frozen=True)
class CatalogueColumn:
    """A column as declared; ``kind`` is a key of `TYPES`, or empty when the type is unknown."""

    code: str
    name_zh: str
    type: str
    kind: str


@dataclass(frozen=True)
class CatalogueTable:
    """A table of one department; ``update_cycle`` is a key of `CYCLES`, or as declared."""

    code: str
    name_zh: str
    department: str
    update_cycle: str
    owner: str
    columns: tuple[CatalogueColumn, ...]


@dataclass(frozen=True)
class Reading:
    """What a file says: its tables, and remarks in the order of their places."""

    tables: tuple[CatalogueTable, ...]
    remarks: tuple[RowError, ...]

    @property
    def errors(self) -> tuple[RowError, ...]:
        """The remarks that stop an import."""
        return tuple(remark for remark in self.remarks if not remark.is_warning)

    @property
    def warnings(self) -> tuple[RowError, ...]:
        """The remarks that do not."""
        return tuple(remark for remark in self.remarks if remark.is_warning)


def remark(code: str, place: Place, where: str = "") -> RowError:
    """The remark ``code`` at ``place``; ``where`` names another place or a heading."""
    zh, en = (text.format(where=where) for text in MESSAGES[code])
    return RowError(place.sheet, place.row, place.column, code, zh, en, place.pointer)


def column_letters(column: int) -> str:
    """The spreadsheet letters of a column counted from 1."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def assemble(rows: Iterable[Mapping[str, Cell]], found: Iterable[RowError] = ()) -> Reading:
    """Tables from rows that carry one column each, with ``found`` remarks of the reader added.

    What rows say again about their table at one place is remarked on once.
    """
    remarks = list(found)
    drafts: dict[tuple[str, str], _Draft] = {}
    for cells in rows:
        _take(cells, drafts, remarks)
    tables = tuple(draft.table() for draft in drafts.values())
    return Reading(tables, tuple(sorted(dict.fromkeys(remarks), key=_order)))


def _order(found: RowError) -> tuple[str, int, int, str]:
    return found.sheet, found.row, found.column, found.pointer


class _Draft:
    """A table while its rows are being read: first statement of each attribute, columns so far."""

    def __init__(self, department: str, code: str) -> None:
        self.department, self.code = department, code
        self.said: dict[str, tuple[str, Place]] = {}
        self.columns: dict[str, tuple[CatalogueColumn, Place]] = {}

    def table(self) -> CatalogueTable:
        said = {name: text for name, (text, _) in self.said.items()}
        cycle = said.get("update_cycle", "")
        return CatalogueTable(
            self.code,
            said.get("table_zh", ""),
            self.department,
            cycle_of(cycle) or cycle,
            said.get("owner", ""),
            tuple(column for column, _ in self.columns.values()),
        )


def _take(
    cells: Mapping[str, Cell],
    drafts: dict[tuple[str, str], _Draft],
    remarks: list[RowError],
) -> None:
    """One row joins its table; what is wrong with it joins the remarks."""
    texts = {name: _checked(name, cell, remarks) for name, cell in cells.items()}
    department, code = texts.get("department"), texts.get("table")
    if not department or not code:
        return
    draft = drafts.setdefault((department, code.casefold()), _Draft(department, code))
    for name in ("table_zh", "update_cycle", "owner"):
        if text := texts.get(name):
            first, place = draft.said.setdefault(name, (text, cells[name].place))
            if first != text:
                remarks.append(remark("CAT.CONFLICT", cells[name].place, str(place)))
    if column := texts.get("column"):
        place = cells["column"].place
        declared = texts.get("type") or ""
        entry = CatalogueColumn(column, texts.get("column_zh") or "", declared, kind_of(declared))
        _, first_place = draft.columns.setdefault(column.casefold(), (entry, place))
        if first_place is not place:
            remarks.append(remark("CAT.DUPLICATE", place, str(first_place)))


def _checked(name: str, cell: Cell, remarks: list[RowError]) -> str | None:
    """The clean text of a cell, or ``None`` after saying what is wrong with it."""
    if cell.text is None:
        return None
    code, text = _judged(name, cell.text)
    if code:
        remarks.append(remark(code, cell.place))
    return None if code and code not in WARNINGS else text


def _judged(name: str, raw: str) -> tuple[str, str]:
    """The code of the first thing wrong with ``raw`` (or empty) and the clean text."""
    try:
        text = clean_text(raw.strip())
    except UnsafeText:
        return "CAT.UNSAFE_TEXT", ""
    if len(text) > LONGEST.get(name, LONGEST_OTHER):
        return "CAT.TOO_LONG", ""
    if _SCIENTIFIC.fullmatch(text):
        return "CAT.LOSSY_NUMBER", ""
    return _complaint(name, text), text


def _complaint(name: str, text: str) -> str:
    if name in _REQUIRED and not text:
        return "CAT.MISSING"
    if name in ("table", "column") and not _CODE_NAME.fullmatch(text):
        return "CAT.CODE_NAME"
    if name == "column_zh" and not text:
        return "CAT.NO_CHINESE_NAME"
    if name == "type" and not kind_of(text):
        return "CAT.UNKNOWN_TYPE"
    if name == "update_cycle" and text and not cycle_of(text):
        return "CAT.UNKNOWN_CYCLE"
    return ""
