"""How a delimited text file is laid out: encoding, delimiter, heading; judged by its first rows."""

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.engines.sources.encodings import Encoding, encoding_of
from app.engines.sources.headings import (
    LOOKED_AT,
    column_names,
    heading_row,
    is_data,
    numbered_names,
)
from app.engines.sources.plain_files import opened
from app.engines.sources.records import LONGEST_LINE, Lines, Records, delimiter_of
from app.engines.sources.remarks import Remarks, SourceRefused
from app.engines.sources.sampling import Limits

_SEPARATOR = re.compile(r"(?i)sep=(.)\s*")


@dataclass(frozen=True)
class Layout:
    """What is known of a file before its rows are read.

    Args:
        size: bytes of the file.
        declared: lines at the start that only declare the delimiter (`sep=;`).
        above: records that stand above the rows, the heading included.
        line: characters of the longest of the first lines.
    """

    path: Path
    size: int
    encoding: Encoding
    delimiter: str
    declared: int
    above: int
    names: tuple[str, ...]
    line: int


def layout_of(path: Path, limits: Limits, remarks: Remarks) -> Layout:
    """The layout of a text file; what is odd about its heading joins the remarks.

    Raises:
        SourceRefused, OSError: it is empty, too wide, or no text.
    """
    with opened(path) as file:
        size = file.seek(0, io.SEEK_END)
        encoding = encoding_of(file, size, limits.whole_bytes)
    with text_of(path, encoding) as text:
        lines = [line for line in islice(iter(lambda: text.readline(LONGEST_LINE), ""), LOOKED_AT)]
    if not any(line.strip("\0 \r\n\t") for line in lines):
        raise SourceRefused("文件是空的", "the file is empty")
    delimiter, declared = _delimiter(path, lines)
    with text_of(path, encoding) as text:
        records = Records(_after(Lines(text, Remarks()), declared), delimiter)
        head = [cells for _, cells in islice(records, LOOKED_AT)]
    above, names = _heading(head, remarks)
    if len(names) > limits.columns:
        raise SourceRefused(
            f"超过 {limits.columns} 列，请检查分隔符或拆分",
            f"more than {limits.columns} columns: check the delimiter or split the table",
        )
    longest = max(map(len, lines))
    return Layout(path, size, encoding, delimiter, declared, above, tuple(names), longest)


@contextmanager
def text_of(path: Path, encoding: Encoding) -> Iterator[io.TextIOBase]:
    """The text of the file behind its mark, line ends as they are."""
    with opened(path) as file:
        file.seek(encoding.mark)
        yield io.TextIOWrapper(file, encoding.name, errors="replace", newline="")


def records_of(text: io.TextIOBase, layout: Layout, remarks: Remarks) -> Records:
    """The records of the file from its first on."""
    lines = _after(Lines(text, remarks), layout.declared)
    return Records(lines, layout.delimiter, len(layout.names))


def _after(lines: Lines, declared: int) -> Lines:
    for _ in range(declared):
        lines.next()
    return lines


def _delimiter(path: Path, lines: list[str]) -> tuple[str, int]:
    """The delimiter, and how many lines only declare it."""
    if found := _SEPARATOR.fullmatch(lines[0]):
        return found.group(1), 1
    return delimiter_of(lines, "\t" if path.suffix.casefold() in (".tsv", ".tab") else ","), 0


def _heading(head: list[list[str]], remarks: Remarks) -> tuple[int, list[str]]:
    """How many records stand above the rows, and the names of the columns."""
    at = heading_row(head)
    below = [cells for cells in head[at + 1 :] if any(cell.strip() for cell in cells)]
    width = max(len(head[at]), _usual(map(len, below)))
    if is_data(head[at], below):
        remarks.add("NO_HEADING")
        return at, numbered_names(width)
    remarks.add("ABOVE_HEADING", at)
    return at + 1, column_names(head[at] + [""] * (width - len(head[at])), remarks)


def _usual(widths: Iterable[int]) -> int:
    listed = list(widths)
    return max(set(listed), key=listed.count) if listed else 0
