"""docs/security.md names every requirement of the first day, and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
ROWS = {
    "A": range(1, 14), "Z": range(1, 11), "W": range(1, 10),
    "I": range(1, 9), "F": (1,), "X": (1, 2), "K": (*range(1, 6), 7, 9),
    "L": range(1, 5), "D": (1, 4), "O": (1, 2), "P": (1, 3, 4)}
WANTED = {f"{letter}{number:02d}" for letter, numbers in ROWS.items() for number in numbers}
FAULTS = ("database unreachable", "database read-only or full", "lock wait over 2 s",
          "rulebooks missing, unsigned, changed", "exception inside a rule",
          "process killed at each point", "two or more jobs processes", "clock jumps",
          "snapshot stale", "signing key unreadable", "restore of an old backup")
PROFILES = ("`mlps` (default)", "`asvs`")


def rows() -> dict[str, list[str]]:
    """The first cell of every table row, and the tests its last cell names."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3:
            assert cells[0] not in found, f"{cells[0]} stands twice"
            found[cells[0]] = re.findall(r"`([\w/]+\.py::\w+)`", cells[2])
    return found


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", sorted(WANTED) + list(FAULTS) + list(PROFILES))
def test_every_requirement_and_fault_has_its_row_and_its_tests(row):
    named = rows().get(row)
    assert named, f"{row} has no row, or its row names no test"
    for test in named:
        file, _, name = test.partition("::")
        path = TESTS / file
        assert path.is_file() and name in functions(path), f"{row}: {test} does not exist"


def test_no_row_is_invented():
    known = WANTED | set(FAULTS) | set(PROFILES)
    assert {row for row in rows() if row not in ("Id", "Fault", "`HUFU_PASSWORD_PROFILE`")
            and not row.startswith("---")} == known
