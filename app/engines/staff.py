"""Who may take which seat of which action: a small Casbin model over roles, read once at start."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import casbin

FOLDER = Path(__file__).resolve().parents[2] / "policies" / "staff"
WORD = re.compile(r"^[A-Za-z_]+$")


@dataclass(frozen=True)
class Line:
    """One line of a rules file."""

    role: str
    noun: str
    action: str
    seat: str


class Staff:
    """The compiled staff rules; anything not on a line is refused."""

    def __init__(self, lines: tuple[Line, ...]):
        self.lines = lines
        self._roles: dict[tuple[str, str, str], frozenset[str]] = {}
        self._any: dict[tuple[str, str], frozenset[str]] = {}
        for line in lines:
            key = (line.noun, line.action, line.seat)
            self._roles[key] = self._roles.get(key, frozenset()) | {line.role}
            self._any[key[:2]] = self._any.get(key[:2], frozenset()) | {line.role}

    def permits(self, roles: Iterable[str], noun: str, action: str, seat: str = "do") -> bool:
        """Whether one of the roles may take this seat of this action."""
        if not (noun and action and seat):
            return False
        return not self.roles_for(noun, action, seat).isdisjoint(roles)

    def covers(self, roles: Iterable[str], noun: str, action: str) -> bool:
        """Whether one of the roles may take any seat of this action."""
        return not self._any.get((noun, action), frozenset()).isdisjoint(roles)

    def roles_for(self, noun: str, action: str, seat: str = "do") -> frozenset[str]:
        """The roles that may take this seat."""
        return self._roles.get((noun, action, seat), frozenset())


def load(folder: Path = FOLDER) -> Staff:
    """The rules as published: every CSV file of the folder.

    Raises:
        ValueError: a line is malformed or repeated; the sentence names it.
    """
    lines: dict[Line, None] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for at, cells in enumerate(csv.reader(file), start=1):
                line = _line(f"{path.name} line {at}", [cell.strip() for cell in cells])
                if line in lines:
                    raise ValueError(f"{path.name} line {at} repeats an earlier line")
                if line:
                    lines[line] = None
    return Staff(tuple(lines))


def _line(where: str, cells: list[str]) -> Line | None:
    if not cells or not cells[0] or cells[0].startswith("#"):
        return None
    if len(cells) != 5 or cells[0] != "p" or not all(map(WORD.match, cells[1:])):
        raise ValueError(f"{where}: expected `p, role, noun, action, seat`")
    return Line(*cells[1:])


def oracle(staff: Staff, folder: Path = FOLDER) -> casbin.Enforcer:
    """Stock Casbin over the same model and lines, for the property test and for replay."""
    enforcer = casbin.Enforcer(str(folder / "model.conf"))
    enforcer.add_policies([[line.role, line.noun, line.action, line.seat]
                           for line in staff.lines])
    return enforcer
