"""A workbook measured before it is opened: what its sheets would cost, and where cells are merged.

The library pads rows and fills gaps; both are counted here as if they were cells.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.workbook import Workbook

from app.domain.archives import require_safe_archive
from app.engines.sources.plain_files import opened
from app.engines.sources.remarks import SourceRefused
from app.engines.workbooks import UNREADABLE, broken_workbook, feed_part

MOST_BYTES = 64 * 1_048_576
MOST_XML_BYTES = 192 * 1_048_576
MOST_TEXT_BYTES = 48 * 1_048_576
MOST_ELEMENTS = 3_000_000
MOST_CELLS = 2_000_000
MOST_MERGES = 20_000

Range = tuple[int, int, int, int]


@dataclass
class Sheet:
    """An XML target: what a sheet holds, without holding it.

    Args:
        merges: first column, first row, last column, last row, each from 1.
    """

    cells: int = 0
    formulas: int = 0
    merges: list[Range] = field(default_factory=list)
    _row: int = 0
    _last: str = ""
    _cost: int = 0  # in cells, padding included

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "c":
            self.cells += 1
            self._last = attributes.get("r", "")
        elif name == "f":
            self.formulas += 1
        elif name == "row":
            self._end_row(attributes.get("r", ""))
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        if self.cells > MOST_CELLS:
            raise _too_large()

    def end(self, tag: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        self._end_row("")

    def _end_row(self, following: str) -> None:
        """The row before is paid for by its last column, the gap up to the next one by its rows."""
        number = int(following) if following.isdecimal() and len(following) < 9 else self._row + 1
        column = _column(self._last) if self._last else 0
        self._cost += max(1, number - self._row) + column
        self._row, self._last = number, ""
        if self._cost > MOST_CELLS:
            raise _too_large()

    def _merge(self, reference: str) -> None:
        try:
            left, top, right, bottom = range_boundaries(reference)
        except ValueError as error:
            raise broken_workbook() from error
        if None in (left, top, right, bottom) or len(self.merges) >= MOST_MERGES:
            raise _too_large()
        self._cost += right - left + 1
        self.merges.append((left, top, right, bottom))


class _Texts:
    """An XML target that counts elements of a part other than a sheet."""

    def __init__(self) -> None:
        self.elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise _too_large()

    def end(self, tag: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing was kept."""


@contextmanager
def opened_workbook(path: Path) -> Iterator[tuple[Workbook, dict[str, Sheet]]]:
    """The workbook, to be read row by row with formulas as stored results; its sheets by part.

    Raises:
        SourceRefused, Malformed, OSError: it is hostile, damaged or too large.
    """
    with opened(path) as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _too_large()
    require_safe_archive(body, MOST_XML_BYTES)
    sheets = _measured(body)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(body), read_only=True, data_only=True, keep_links=False
        )
    except UNREADABLE as error:
        raise broken_workbook() from error
    try:
        yield book, sheets
    finally:
        book.close()


def _measured(body: bytes) -> dict[str, Sheet]:
    sheets = {}
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for member in archive.infolist():
            name = member.filename
            if not name.casefold().endswith((".xml", ".rels", ".vml")):
                continue
            is_sheet = name.casefold().startswith("xl/worksheets/")
            if not is_sheet and member.file_size > MOST_TEXT_BYTES:
                raise _too_large()
            target = Sheet() if is_sheet else _Texts()
            with archive.open(name) as part:
                feed_part(part, target)
            if isinstance(target, Sheet):
                sheets[name] = target
    return sheets


def _column(reference: str) -> int:
    try:
        return coordinate_to_tuple(reference)[1]
    except ValueError as error:
        raise broken_workbook() from error


def _too_large() -> SourceRefused:
    return SourceRefused(
        f"工作簿超过 {MOST_BYTES // 1_048_576} MiB 或 {MOST_CELLS} 个单元格，请另存为 CSV",
        f"the workbook has more than {MOST_BYTES // 1_048_576} MiB or {MOST_CELLS} cells:"
        " save it as CSV",
    )
