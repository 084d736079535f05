"""A gateway's access log, line by line: when, what was answered, under which decision.

Read are JSON lines with `time`, `status`, `decision_id`, and nginx's combined format with
`decision=$decision_id` at the end of the line. A line says nothing of a person that is kept.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.canonical import instant
from app.domain.wire import Malformed, read_json

COMBINED = re.compile(r'\S+ \S+ \S+ \[([^\]]{20,40})\] "[^"]*" (\d{3}) (?:\d+|-)(?: |$)')
# What a caller sent stands between quotes, in which nginx writes no other: it cannot end so.
NAMED = re.compile(r' decision=(?:"([\w-]*)"|([\w-]+))$', re.ASCII)
DECISION = re.compile(r"dec_[0-9a-z]{1,64}")
LONGEST = 16_384


@dataclass(frozen=True)
class Call:
    """One line of a log. `decision` is empty where the gateway named none."""

    line: int
    at: str
    status: int
    decision: str

    @property
    def is_served(self) -> bool:
        """Whether something was let through: an answer of 200 to 399."""
        return 200 <= self.status < 400


def read_line(line: int, text: str) -> Call | None:
    """The call of a line, None where it cannot be read."""
    if len(text) > LONGEST:
        return None
    return _json(line, text) if text.lstrip().startswith("{") else _combined(line, text)


def _json(line: int, text: str) -> Call | None:
    try:
        given = read_json(text.encode())
        at, status = given["time"], given["status"]
        status = int(status) if isinstance(status, str) and status.isdecimal() else status
        if type(status) is not int or not 100 <= status <= 599:
            return None
        return Call(line, _moment(datetime.fromisoformat(at)), status,
                    _named(given.get("decision_id")))
    except (Malformed, KeyError, TypeError, ValueError, OverflowError, UnicodeError):
        return None


def _combined(line: int, text: str) -> Call | None:
    text = text.rstrip()
    found, named = COMBINED.match(text), NAMED.search(text)
    if found is None:
        return None
    try:
        at = datetime.strptime(found[1], "%d/%b/%Y:%H:%M:%S %z")
        return Call(line, _moment(at), int(found[2]),
                    _named(named[1] or named[2]) if named else "")
    except (ValueError, OverflowError):
        return None


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("an instant names its zone")
    return instant(at.astimezone(UTC))


def _named(value: object) -> str:
    """The decision a line names; `-` and whatever is none names nothing."""
    return value if isinstance(value, str) and DECISION.fullmatch(value) else ""
