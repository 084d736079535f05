"""CSV and its relatives: any size, any of the encodings in use, any number of broken rows.

A file of modest size is read through and every row counted; of a larger one evenly spaced blocks
are read and the rows estimated. Either way each row has the same chance to be in the sample.
"""

import io
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.sources.plain_files import opened, table_name
from app.engines.sources.records import Lines, Records
from app.engines.sources.remarks import Remarks
from app.engines.sources.report import Found
from app.engines.sources.sampling import Limits, Row, RowSample, columns_of
from app.engines.sources.text_layouts import Layout, layout_of, records_of, text_of

MOST_BLOCKS = 256
BLOCK = 65_536
_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')  # how spreadsheets are told to leave digits alone
_MADE_UP = re.compile(r"column_\d+")

Numbered = Iterable[tuple[int, list[str]]]


def read_text_file(path: Path, limits: Limits) -> Found:
    """The one table of a delimited text file.

    Raises:
        SourceRefused, OSError: nothing of it can be read.
    """
    remarks = Remarks()
    layout = layout_of(path, limits, remarks)
    sample = RowSample(limits.rows_of(len(layout.names)), limits.characters)
    taker = _Taker(len(layout.names), limits, sample, remarks)
    total = None
    if limits.rows and layout.size <= limits.whole_bytes:
        with text_of(path, layout.encoding) as text:
            taker.take(islice(records_of(text, layout, remarks), layout.above, None))
        total = sample.seen
    elif limits.rows:
        total = _take_blocks(layout, limits, taker)
    yield _reading(layout, limits, sample, remarks, total), remarks


def _reading(
    layout: Layout, limits: Limits, sample: RowSample, remarks: Remarks, total: int | None
) -> TableSample:
    """The sample by columns; a column without a name of its own and without a value is none."""
    rows = sample.rows()
    values = {
        name: cells
        for name, cells in columns_of(layout.names, rows).items()
        if not rows or any(cells) or not _MADE_UP.fullmatch(name)
    }
    sample.remark(limits, values, remarks)
    spec = TableSpec(table_name(layout.path), columns=tuple(map(ColumnSpec, values)))
    return TableSample(spec, values, total, remarks.sentences())


class _Taker:
    """Counts records and keeps those of the sample, one cell a column."""

    def __init__(self, width: int, limits: Limits, sample: RowSample, remarks: Remarks) -> None:
        self.width, self.limits = width, limits
        self.sample, self.remarks = sample, remarks

    def take(self, records: Numbered) -> None:
        """Every record is counted, as a row or as a blank line."""
        for line, cells in records:
            if len(cells) != self.width:
                if cells == [""]:
                    self.remarks.add("BLANK_LINE", line=line)
                    continue
                self.remarks.add("SHORT_ROW" if len(cells) < self.width else "LONG_ROW", line=line)
            if self.sample.wants():
                self.sample.keep(self._row(cells, line))

    def _row(self, cells: list[str], line: int) -> Row:
        """The cells bounded, padded with nulls or cut to the width of the table."""
        too_long = sum(len(cell) > self.limits.cell for cell in cells)
        if too_long:
            self.remarks.add("CUT_CELL", too_long, line)
            cells = [cell[: self.limits.kept] for cell in cells]
        if any(cell.startswith('="') for cell in cells):
            cells = [_AS_TEXT.sub(r"\1", cell) for cell in cells]
        return (*cells[: self.width], *[None] * (self.width - len(cells)))


def _take_blocks(layout: Layout, limits: Limits, taker: _Taker) -> int:
    """Rows of evenly spaced blocks are taken; how many rows the file has, about."""
    size = max(BLOCK, 8 * layout.line)
    count = max(1, min(MOST_BLOCKS, limits.whole_bytes // size))
    read = 0
    with opened(layout.path) as file:
        for number in range(count):
            offset = layout.size * number // count if number else layout.encoding.mark
            file.seek(offset - offset % layout.encoding.unit)
            text = file.read(size).decode(layout.encoding.name, errors="replace")
            text = text[_line_start(text) if number else 0 : _line_end(text)]
            taker.remarks.add("BROKEN_BYTES", text.count("\ufffd"))
            taker.take(_inside(layout, text, 0 if number else layout.declared + layout.above))
            read += len(text.encode(layout.encoding.name, errors="replace"))
    taker.remarks.add("BLOCKS", count)
    taker.remarks.first.clear()  # a line of a block is no line of the file
    return round((taker.sample.seen + count) * layout.size / max(1, read))


def _line_start(text: str) -> int:
    found = re.search(r"\r?\n|\r(?!$)", text)
    return found.end() if found else len(text)


def _line_end(text: str) -> int:
    return max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1


def _inside(layout: Layout, text: str, above: int) -> Numbered:
    """The records of a block but for its edges, which may lie within a quoted cell."""
    lines = Lines(io.StringIO(text, newline=""), Remarks())
    records = list(Records(lines, layout.delimiter, len(layout.names)))[above:-1]
    fitting = (at for at, (_, cells) in enumerate(records) if len(cells) == len(layout.names))
    return records[next(fitting, 0) :]
