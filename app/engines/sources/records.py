"""Records of a delimited text, one after the other, whatever quotes and lines do.

A quote that does not close costs the row it stands in and no other.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from app.engines.sources.remarks import Remarks

LONGEST_LINE = 4 * 1_048_576
LONGEST_QUOTED = 262_144
MOST_STRAY = 100
DELIMITERS = (",", "\t", ";", "|")



class _Open(Exception):
    """A quote is still open where a record has to end."""


class Lines:
    """The lines of a text with their numbers; lines that were looked at can be handed back."""

    def __init__(self, text: TextIO, remarks: Remarks) -> None:
        self.text, self.remarks = text, remarks
        self.number = 0
        self._back: deque[str] = deque()

    def next(self) -> str | None:
        """The next line with its end, or ``None`` after the last one."""
        if self._back:
            self.number += 1
            return self._back.popleft()
        line = self.text.readline(LONGEST_LINE)
        if not line:
            return None
        self.number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            self.remarks.add("LONG_LINE", line=self.number)
            while (rest := self.text.readline(LONGEST_LINE)) and rest[-1] not in "\r\n":
                pass
        if "\ufffd" in line:
            self.remarks.add("BROKEN_BYTES", line.count("\ufffd"), self.number)
        if "\0" in line:
            self.remarks.add("NUL", line.count("\0"), self.number)
            line = line.replace("\0", "") or "\n"
        return line

    def hand_back(self, lines: list[str]) -> None:
        """Put lines just taken in front again."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


class Records:
    """An iterator of (line number, cells); once ``width`` is known it settles doubtful quotes."""

    def __init__(self, lines: Lines, delimiter: str, width: int = 0) -> None:
        self.lines, self.delimiter, self.width = lines, delimiter, width
        self._stray = 0

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while (line := self.lines.next()) is not None:
            number = self.lines.number
            yield number, self._split(line) if '"' not in line else self._quoted(line)

    def _split(self, line: str) -> list[str]:
        return line.rstrip("\r\n").split(self.delimiter)

    def _quoted(self, line: str) -> list[str]:
        """The record that begins with ``line``, over several lines where its quotes say so."""
        taken: list[str] = []
        number = self.lines.number
        try:
            record = next(self._reader(self._more(line, taken), strict=True))
            if not taken or self.width in (0, len(record)):
                return record
        except (csv.Error, _Open):
            pass
        self.lines.hand_back(taken)
        self.lines.remarks.add("STRAY_QUOTE", line=number)
        self._stray += 1
        return self._alone(line)

    def _more(self, line: str, taken: list[str]) -> Iterator[str]:
        """``line`` and those after it, as long as a quoted cell may reasonably be."""
        yield line
        size = 0
        while self._stray < MOST_STRAY and size < LONGEST_QUOTED:
            following = self.lines.next()
            if following is None:
                break
            taken.append(following)
            size += len(following)
            yield following
        raise _Open

    def _alone(self, line: str) -> list[str]:
        """The one line as a record: by its quotes if that gives the right width, else without."""
        try:
            lenient = next(self._reader(iter([line.rstrip("\r\n")]), strict=False))
        except csv.Error:
            lenient = []
        return lenient if len(lenient) == self.width > 0 else self._split(line)

    def _reader(self, lines: Iterator[str], strict: bool) -> Iterator[list[str]]:
        csv.field_size_limit(LONGEST_LINE + LONGEST_QUOTED)  # one for the process: said each time
        return csv.reader(lines, delimiter=self.delimiter, strict=strict)


def delimiter_of(lines: list[str], preferred: str = ",") -> str:
    """The mark that parts most of these lines into as many cells as the widest usual row."""
    best, choice = (0, 0), preferred
    for mark in dict.fromkeys((preferred, *DELIMITERS)):
        widths = [_width(line, mark) for line in lines if line.strip()]
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = (wide.count(usual), usual)
        if score > best:
            best, choice = score, mark
    return choice


def _width(line: str, mark: str) -> int:
    """Cells of one line; a line that its quotes do not part is counted as it stands."""
    try:
        return len(next(csv.reader([line], delimiter=mark)))
    except (csv.Error, StopIteration):
        return line.count(mark) + 1
