"""Which row of a table names its columns, and by which names they go."""

import re
import statistics
from collections.abc import Sequence

from app.engines.sources.remarks import Remarks, shown

LOOKED_AT = 40
LONGEST_NAME = 128
_DIGITS = re.compile(r"\d")
_INVISIBLE = " \0\ufeff\u200b\u200c\u200d\u2060"
_SPACES = re.compile(r"\s+")


def heading_row(rows: Sequence[Sequence[str]]) -> int:
    """The index of the first row that fills most of what rows usually fill; titles fill less.

    A title may be written into every cell it spans: one text alone counts as one cell.
    """
    filled = [_filled(row) for row in rows]
    usual = statistics.mode([count for count in reversed(filled) if count] or [0])
    return next((at for at, count in enumerate(filled) if 2 * count > usual), 0)


def _filled(row: Sequence[str]) -> int:
    texts = [cell for cell in row if cell.strip()]
    return len(texts) if len(set(texts)) > 1 else len(texts[:1])


def is_data(row: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether ``row`` is no heading: one of its long numbers is shaped as those that follow.

    A heading of years or months stands above figures of other shapes.
    """
    for at, cell in enumerate(row):
        shape = _shape(cell)
        if shape.count("9") < 5:
            continue
        below = [_shape(other[at]) for other in following if at < len(other) and other[at].strip()]
        if below and 2 * below.count(shape) > len(below):
            return True
    return False


def _shape(cell: str) -> str:
    return _DIGITS.sub("9", cell.strip()[:64])


def column_names(cells: Sequence[str], remarks: Remarks) -> list[str]:
    """One name a cell, none twice: cleaned, bounded, numbered where empty or repeated."""
    names: dict[str, None] = {}
    numbers: dict[str, int] = {}
    for at, cell in enumerate(cells, start=1):
        name = shown(_SPACES.sub(" ", cell[: 2 * LONGEST_NAME]).strip(_INVISIBLE))
        remarks.add("LONG_HEADING", int(len(cell.strip()) > LONGEST_NAME))
        remarks.add("EMPTY_HEADING", int(not name))
        name = name or f"column_{at}"
        remarks.add("SAME_HEADING", int(name in names))
        while name in names:
            numbers[name] = numbers.get(name, 1) + 1
            name = _other(name, numbers[name])
        names[name] = None
    return list(names)


def _other(name: str, number: int) -> str:
    """``name`` with a number behind it."""
    return f"{name}_{number}"


def numbered_names(width: int) -> list[str]:
    """Names for columns of a table without a heading."""
    return [f"column_{at}" for at in range(1, width + 1)]
