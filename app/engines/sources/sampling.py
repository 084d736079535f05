"""A uniform sample of a stream whose length nobody knows, within bounds of rows and characters.

Every row gets a rank by mixing its number; the rows of lowest rank are the sample. So each row is
as likely as any other wherever it stands, and the same stream gives the same sample.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.classification.folding import SEARCHED
from app.engines.sources.remarks import Remarks

Row = Sequence[str | None]
_MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Limits:
    """How much of a source is read and held.

    Args:
        rows: rows of a sample; with 0 only names are read.
        cells, characters: what a sample may hold in all; wide tables get fewer rows.
        cell: characters of one cell that are searched.
        columns: a table with more is refused.
        whole_bytes: a text file up to this size is read through, a larger one in blocks.
        table_s: seconds one table of a database or one Parquet file may take.
    """

    rows: int = 3_000
    cells: int = 1_500_000
    characters: int = 24_000_000
    cell: int = SEARCHED
    columns: int = 20_000
    whole_bytes: int = 64 * 1_048_576
    table_s: float = 60.0

    def rows_of(self, columns: int) -> int:
        """The most rows a sample of that many columns may have."""
        return min(self.rows, max(1, self.cells // max(1, columns)))

    @property
    def kept(self) -> int:
        """Characters of a cell that are kept: one shows the profile that there were more."""
        return self.cell + 1


class RowSample:
    """The rows of lowest rank so far; ask `wants` once for every row of the stream."""

    def __init__(self, most_rows: int, most_characters: int) -> None:
        self.most_rows, self.most_characters = most_rows, most_characters
        self.seen = self.characters = 0
        self._heap: list[tuple[int, int, int, Row]] = []
        self._rank = 0

    def wants(self) -> bool:
        """Count the next row; whether it belongs into the sample so far."""
        self._rank = mixed(self.seen)
        self.seen += 1
        if len(self._heap) < self.most_rows:
            return True
        return bool(self._heap) and self._rank < -self._heap[0][0]

    def keep(self, row: Row) -> None:
        """Take in the row just wanted; the row of highest rank goes when there are too many."""
        size = sum(map(len, filter(None, row)))
        heapq.heappush(self._heap, (-self._rank, self.seen, size, row))
        self.characters += size
        while len(self._heap) > self.most_rows:
            self._drop()
        while self.characters > self.most_characters and len(self._heap) > 1:
            self._drop()
            self.most_rows = len(self._heap)

    def _drop(self) -> None:
        _, _, size, _ = heapq.heappop(self._heap)
        self.characters -= size

    def rows(self) -> list[Row]:
        """The sample in the order of the stream."""
        return [row for _, _, _, row in sorted(self._heap, key=lambda entry: entry[1])]


    def remark(self, limits: Limits, values: Mapping[str, Row], remarks: Remarks) -> None:
        """Say what the sample lacks: rows, values, or rows for want of room."""
        held = len(self._heap)
        remarks.add("NO_ROWS", int(not self.seen and limits.rows > 0))
        remarks.add("THINNED", held if held < min(limits.rows, self.seen) else 0)
        remarks.add("ALL_NULL", sum(not any(cells) for cells in values.values()) if held else 0)


def mixed(number: int) -> int:
    """``number`` spread over 64 bits, each result as likely as any other.

    Source: splitmix64 (Steele, Lea, Flood 2014).
    """
    state = (number + 1) * 0x9E3779B97F4A7C15 & _MASK
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
    return state ^ state >> 31


def spread(total: int, most: int) -> list[int]:
    """Numbers of rows below ``total``: one from each of ``most`` stretches of the same length."""
    if total <= most:
        return list(range(total))
    edges = [at * total // max(1, most) for at in range(most + 1)]
    return [
        edges[at] + mixed(at) % (edges[at + 1] - edges[at]) for at in range(most)
    ]


def columns_of(names: Sequence[str], rows: Sequence[Row]) -> dict[str, tuple[str | None, ...]]:
    """The rows turned into columns; every row has one cell a name."""
    if not rows:
        return {name: () for name in names}
    return dict(zip(names, zip(*rows, strict=True), strict=True))
