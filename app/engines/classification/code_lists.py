"""The lists of `classification_rules/codes`, read strictly: one header, no line short or twice."""

import csv
from pathlib import Path

from app.domain.classification.code_tables import CodeTable, CodeTables
from app.engines.strict_yaml import BadRule

# Lists in which a word may stand once for each kind.
BY_KIND = frozenset({"organisation_words", "address_words", "title_words", "not_names"})


def code_lists(folder: Path) -> CodeTables:
    """Every list of a folder.

    Raises:
        BadRule: a list is missing a column, a member, or says something twice.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise BadRule(f"{folder.name}: there are no lists")
    return CodeTables({path.stem: code_list(path) for path in paths})


def code_list(path: Path) -> CodeTable:
    """One list.

    Raises:
        BadRule
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            header, *rows = list(csv.reader(lines))
    except (UnicodeDecodeError, ValueError) as error:
        raise BadRule(f"{path.name} is not a list: {error}") from None
    for number, row in enumerate(rows, 2):
        if len(row) != len(header) or not row[0]:
            raise BadRule(f"{path.name} line {number}: has not the members of the header")
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, 2):
        said = (row[0], row[1]) if path.stem in BY_KIND else (row[0],)
        if said in seen:
            raise BadRule(f"{path.name} line {number}: `{row[0]}` stands twice")
        seen.add(said)
    lines_by_name = tuple(dict(zip(header, row, strict=True)) for row in rows)
    return CodeTable(path.stem, lines_by_name, header[0])
