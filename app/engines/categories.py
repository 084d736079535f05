"""What datasets and fields are about, in words, as published in `policies/cases/categories.csv`."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from app.domain.grounds import Words
from app.engines.rulefiles import CASES, BadRule


@cache
def published() -> Mapping[str, Words]:
    """Every category by its code."""
    return load(CASES / "categories.csv")


def load(path: Path) -> Mapping[str, Words]:
    """The categories of a file, by code.

    Raises:
        BadRule: a line has another number of members, an empty one, or a code stands twice.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    if lines[:1] != [["code", "zh", "en"]]:
        raise BadRule(f"{path.name}: the first line is `code,zh,en`")
    found: dict[str, Words] = {}
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != 3 or not all(line):
            raise BadRule(f"{path.name} line {number}: needs a code and two titles")
        if line[0] in found:
            raise BadRule(f"{path.name} line {number}: `{line[0]}` stands twice")
        found[line[0]] = Words(line[1], line[2])
    return found
