"""A catalogue in JSON: `{"tables": [{"table", "name_zh", "department", "columns": [...]}]}`.

Unknown members are refused, so that a misspelt one is never silently lost.
"""

from collections.abc import Mapping

from app.domain.catalogue import Cell, Place, RowError, remark
from app.domain.catalogue_words import MOST_ROWS, OPTIONAL_TITLES
from app.domain.wire import NotJson

SCHEMAS = ("hufu-catalogue/1", "finance-zone-schema/1")
_TABLE_FIELDS = {
    "table": "table",
    "name_zh": "table_zh",
    "department": "department",
    "update_cycle": "update_cycle",
    "owner": "owner",
}
_COLUMN_FIELDS = {"column": "column", "name_zh": "column_zh", "type": "type"}

Found = tuple[list[Mapping[str, Cell]], list[RowError]]


def json_rows(value: object) -> Found:
    """One row a column, each cell placed by its pointer, and what is wrong outside the cells.

    Raises:
        NotJson: the value does not have the shape of a catalogue.
    """
    top = _object(value, "$")
    if top.get("schema", SCHEMAS[0]) not in SCHEMAS:
        raise _misshapen("schema", f"`{SCHEMAS[0]}`")
    remarks = _strangers(top, {"schema", "tables"}, Place("", 0, 0, "$"))
    rows: list[Mapping[str, Cell]] = []
    seen: dict[tuple[str | None, str | None], Place] = {}
    for number, item in enumerate(_list(top.get("tables"), "tables")):
        place = Place("", number + 1, 0, f"tables[{number}]")
        table = _object(item, place.pointer)
        remarks.extend(_strangers(table, {*_TABLE_FIELDS, "columns"}, place))
        attributes = _cells(table, _TABLE_FIELDS, place, remarks)
        key = (attributes["department"].text, attributes["table"].text)
        if None not in key and seen.setdefault(key, place) is not place:
            remarks.append(remark("CAT.DUPLICATE", place, str(seen[key])))
        rows.extend(_columns(table, attributes, place, remarks))
    if not rows:
        remarks.append(remark("CAT.EMPTY", Place("", 0, 0, "tables")))
    if len(rows) > MOST_ROWS:
        remarks.append(remark("CAT.TOO_MANY", Place("", 0, 0, "tables")))
    return rows[:MOST_ROWS], remarks


def _columns(
    table: dict[str, object],
    attributes: Mapping[str, Cell],
    place: Place,
    remarks: list[RowError],
) -> list[Mapping[str, Cell]]:
    """The rows of one table, each with the attributes of the table."""
    pointer = f"{place.pointer}.columns"
    rows: list[Mapping[str, Cell]] = []
    for number, item in enumerate(_list(table.get("columns"), pointer)):
        at = Place("", place.row, number + 1, f"{pointer}[{number}]")
        column = _object(item, at.pointer)
        remarks.extend(_strangers(column, set(_COLUMN_FIELDS), at))
        rows.append({**attributes, **_cells(column, _COLUMN_FIELDS, at, remarks)})
    if not rows:
        remarks.append(remark("CAT.EMPTY", Place("", place.row, 0, pointer)))
    return rows


def _cells(
    item: dict[str, object], fields: Mapping[str, str], at: Place, remarks: list[RowError]
) -> dict[str, Cell]:
    """The cells of the known members; what is not text is said once, a null is an empty text."""
    cells = {}
    for member, name in fields.items():
        if name in OPTIONAL_TITLES and member not in item:
            continue
        place = Place(at.sheet, at.row, at.column, f"{at.pointer}.{member}")
        value = item.get(member)
        if value is not None and not isinstance(value, str):
            remarks.append(remark("CAT.NOT_TEXT", place))
        cells[name] = Cell(
            "" if value is None else value if isinstance(value, str) else None, place
        )
    return cells


def _strangers(item: dict[str, object], known: set[str], at: Place) -> list[RowError]:
    pointers = [f"{at.pointer}.{key[:64]!a}" for key in item if key not in known]
    return [
        remark("CAT.UNKNOWN_MEMBER", Place(at.sheet, at.row, at.column, pointer))
        for pointer in pointers
    ]


def _object(value: object, pointer: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _misshapen(pointer, "an object / 对象")
    return value


def _list(value: object, pointer: str) -> list[object]:
    if not isinstance(value, list):
        raise _misshapen(pointer, "a list / 数组")
    return value


def _misshapen(pointer: str, expected: str) -> NotJson:
    return NotJson(f"`{pointer}` 应为 {expected}", f"`{pointer}` should be {expected}")
