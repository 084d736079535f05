"""What a scan is given and what it keeps: names, samples while they are read, and profiles after.

A sample holds values of the zone and lives in the scanning process only. A profile holds counts,
shapes and shares, never a value, and may be stored and shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnSpec:
    """A column as its department declares it; everything but the code name may be empty.

    Args:
        refused: elements persons said it does not hold.
    """

    name: str
    title: str = ""
    declared_type: str = ""
    key: bool = False
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """A table as its department declares it."""

    name: str
    title: str = ""
    department: str = ""
    columns: tuple[ColumnSpec, ...] = ()


@dataclass(frozen=True)
class TableSample:
    """Rows read from one source, column by column; ``None`` is the source's own null.

    Args:
        values: code name of the column to its values, in the order of the rows; all of one length.
        rows_total: rows of the source where it told, else ``None``.
        notes: one sentence for each thing that could not be read or was skipped.
    """

    spec: TableSpec
    values: Mapping[str, Sequence[str | None]]
    rows_total: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """How many distinct values of a column look like one identifier.

    Args:
        shaped: distinct values of its shape.
        passed: distinct values that also hold its check digit, date or code table.
        masked: distinct values that are the identifier with characters starred out.
        within: distinct longer values in which it stands (contamination).
    """

    identifier: str
    shaped: int = 0
    passed: int = 0
    masked: int = 0
    within: int = 0


@dataclass(frozen=True)
class Profile:
    """What the values of one column are like, without any of them.

    All shares are of ``distinct`` and lie between 0 and 1; repeated values are one witness.

    Args:
        rows: values looked at, nulls included.
        filled: values that are neither null nor a null word (``-``, 无, 暂无, ``\\N`` ...).
        distinct: distinct folded values among them.
        hits: by identifier id; identifiers without any hit are left out.
        shapes: the most frequent shapes with the distinct values each has, at most twelve.
        han, digits, latin: mean share of characters of that class.
        lengths: shortest, median and longest value in characters.
        top_share: share of rows that the most frequent value has.
        rising: values are numbers or codes that rise from row to row (a serial).
        numeric: share that are plain numbers; ``decimal`` those with a fraction.
        dates: share that are a date or time; ``timed`` those with a time of day.
        years: first and last year of these dates.
        births: share of rows in which the day is the one in an identity number beside it;
            ``born`` how many they are.
        peopled: read down its rows, eight names of people once made up a tenth of the values.
        lost_precision: values such as 1.10105E+17, whose digits cannot be had back.
        null_words: what stood for nothing, with counts.
        cut: distinct values longer than the bound, of which only the beginning was read.
    """

    rows: int = 0
    filled: int = 0
    distinct: int = 0
    hits: Mapping[str, Hit] = field(default_factory=dict)
    shapes: tuple[tuple[str, int], ...] = ()
    han: float = 0.0
    digits: float = 0.0
    latin: float = 0.0
    lengths: tuple[int, int, int] = (0, 0, 0)
    top_share: float = 0.0
    rising: bool = False
    numeric: float = 0.0
    decimal: float = 0.0
    dates: float = 0.0
    timed: float = 0.0
    years: tuple[int, int] | None = None
    births: float = 0.0
    born: int = 0
    peopled: bool = False
    lost_precision: int = 0
    null_words: Mapping[str, int] = field(default_factory=dict)
    cut: int = 0
