"""A sheet or a CSV file as a grid: where its heading stands, and its rows by catalogue field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.catalogue import Cell, Place, RowError, remark
from app.domain.catalogue_words import MOST_ROWS, OPTIONAL_TITLES, TITLES

HEADING_WITHIN = 10
_FEWEST_TITLES = 3
COVERED = "covered"
_ALWAYS_SAID = frozenset({"CAT.FORMULA", "CAT.MERGED"})
_FIELD_OF = {title: field for field, titles in TITLES.items() for title in titles}


@dataclass(frozen=True)
class Raw:
    """A cell as a file holds it: its text, or the code of why it has none to give.

    The code `COVERED` is for cells under a merged one, which speaks for them.
    """

    text: str
    code: str = ""


Grid = Mapping[int, Mapping[int, Raw]]


@dataclass(frozen=True)
class GridReading:
    """Rows by catalogue field, and what the grid itself has wrong; ``heading`` is 0 if none."""

    heading: int
    rows: tuple[Mapping[str, Cell], ...]
    remarks: tuple[RowError, ...]


def read_grid(sheet: str, grid: Grid) -> GridReading:
    """The catalogue rows of a grid counted from row 1 and column 1."""
    heading, fields = _heading(grid)
    if not heading:
        missing = "、".join(titles[0] for name, titles in TITLES.items() if _is_required(name))
        return GridReading(0, (), (remark("CAT.HEADER", Place(sheet, 1, 1), missing),))
    remarks = _heading_remarks(sheet, heading, grid[heading])
    body = [number for number in sorted(grid) if number > heading and _is_filled(grid[number])]
    if len(body) > MOST_ROWS:
        remarks.append(remark("CAT.TOO_MANY", Place(sheet, body[MOST_ROWS], 1)))
    elif not body:
        remarks.append(remark("CAT.EMPTY", Place(sheet, heading + 1, 1)))
    rows = []
    for number in body[:MOST_ROWS]:
        remarks.extend(_cell_remarks(sheet, number, grid[number], fields))
        rows.append(_row(sheet, number, grid[number], fields))
    return GridReading(heading, tuple(rows), tuple(remarks))


def _is_required(field: str) -> bool:
    return field not in OPTIONAL_TITLES


def _is_filled(cells: Mapping[int, Raw]) -> bool:
    return any(cell.code or cell.text.strip() for cell in cells.values())


def _field(cell: Raw) -> str:
    return _FIELD_OF.get(cell.text.strip().strip("*＊ ").casefold(), "")


def _heading(grid: Grid) -> tuple[int, dict[str, int]]:
    """The first of the top rows that names at least three fields, and where they stand."""
    for number in sorted(grid)[:HEADING_WITHIN]:
        fields: dict[str, int] = {}
        for column, cell in sorted(grid[number].items()):
            if name := _field(cell):
                fields.setdefault(name, column)
        if len(fields) >= _FEWEST_TITLES:
            return number, fields
    return 0, {}


def _heading_remarks(sheet: str, number: int, cells: Mapping[int, Raw]) -> list[RowError]:
    """Headings that are missing, stand twice, or belong to nothing we read."""
    found, remarks = set(), []
    for column, cell in sorted(cells.items()):
        name, place = _field(cell), Place(sheet, number, column)
        if cell.code in _ALWAYS_SAID:
            remarks.append(remark(cell.code, place))
        elif name in found:
            remarks.append(remark("CAT.HEADER", place, TITLES[name][0]))
        elif not name and cell.text.strip():
            remarks.append(remark("CAT.NOT_READ", place))
        found.add(name)
    missing = [
        titles[0] for name, titles in TITLES.items() if _is_required(name) and name not in found
    ]
    if missing:
        remarks.append(remark("CAT.HEADER", Place(sheet, number, 1), "、".join(missing)))
    return remarks


def _cell_remarks(
    sheet: str, number: int, cells: Mapping[int, Raw], fields: Mapping[str, int]
) -> Iterable[RowError]:
    known = set(fields.values())
    for column, cell in sorted(cells.items()):
        if cell.code in _ALWAYS_SAID or (cell.code not in ("", COVERED) and column in known):
            yield remark(cell.code, Place(sheet, number, column))


def _row(
    sheet: str, number: int, cells: Mapping[int, Raw], fields: Mapping[str, int]
) -> dict[str, Cell]:
    row = {}
    for name, column in fields.items():
        cell = cells.get(column, Raw(""))
        row[name] = Cell(None if cell.code else cell.text, Place(sheet, number, column))
    return row
