"""Columns of rows as PostgreSQL's array literals: a statement then brings any number of rows, and
travels in one conversation with others, which COPY does not.

The driver's own way for lists costs more than the rows do. Source: PostgreSQL manual 8.15.2.
"""

from collections.abc import Callable, Mapping, Sequence


def texts(values: Sequence[str]) -> str:
    """Texts; quotes and backslashes inside are escaped."""
    inside = '","'.join(values)
    if "\\" in inside or inside.count('"') != 2 * len(values) - 2:
        inside = '","'.join([each.replace("\\", "\\\\").replace('"', '\\"') for each in values])
    return '{"' + inside + '"}'


def blobs(values: Sequence[bytes]) -> str:
    return '{"\\\\x' + '","\\\\x'.join([each.hex() for each in values]) + '"}'


def numbers(values: Sequence[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def truths(values: Sequence[bool]) -> str:
    return "{" + ",".join(["t" if each else "f" for each in values]) + "}"


LITERALS: Mapping[str, Callable[[Sequence], str]] = {
    "text": texts, "json": texts, "bytea": blobs, "int8": numbers, "int4": numbers, "bool": truths}


def columns(kinds: Sequence[str], rows: Sequence[tuple]) -> list[str]:
    """The literal of each column of some rows, by their kinds."""
    return [LITERALS[kind](values)
            for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)]
