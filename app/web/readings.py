"""Questions read before: a body that differs from one of them in a few values is not parsed again.

Calls of one application are alike but for a trace id, a reference, a time and a data subject. A
body is therefore taken apart at those values; where everything between them, byte by byte, was read
before, it means what it meant then, because a plain text in the place of another plain text changes
nothing else of what JSON says. Whatever is not plain goes to the strict reader. A test holds both
alike.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.domain.asks import Ask, Presented, an_instant, text

KEPT = 4096  # bodies, of at most LONGEST bytes
LONGEST = 4096
PLACE = re.compile(
    rb'("(trace_id|business_ref|time|subject_authorization|data_subject"\s*:\s*\{\s*"kind"\s*:\s*'
    rb'"[A-Z]{1,20}"\s*,\s*"id)"\s*:\s*")([^"\\]*)(?=")')
# Where each of them stands in a question, how it is read, and what the question calls it.
MEMBERS: Mapping[bytes, tuple[tuple[str, ...], Callable[[Any], str], str]] = {
    b"trace_id": (("context", "trace_id"), text, "trace_id"),
    b"business_ref": (("context", "business_ref"), text, "business_ref"),
    b"time": (("context", "time"), an_instant, "time"),
    b"subject_authorization": (("context", "subject_authorization"), text,
                               "subject_authorization"),
    b"data_subject": (("resource", "properties", "data_subject", "id"), text, "subject_hash")}


class Reading(NamedTuple):
    """A question as understood, with the positions in it of what stands at the places."""

    ask: Ask
    positions: tuple[tuple[int, Callable[[Any], str]], ...]


class Readings:
    """Remembers the questions read last, each for who asked it."""

    def __init__(self, hash_subject: Callable[[str, str], str]) -> None:
        self._hash_subject = hash_subject
        self._known: dict[tuple, Reading] = {}

    def find(self, body: bytes, presented: Presented) -> Ask | None:
        """The question in a body that is like one read before; None for any other."""
        if len(body) > LONGEST or b"\\" in body:
            return None
        parts = PLACE.split(body)
        found = self._known.get((presented, *parts[::4], *parts[1::4]))
        if found is None or not found.positions:
            return found and found.ask
        members = list(found.ask)
        try:
            for (at, read), said in zip(found.positions, parts[3::4], strict=True):
                value = read(said.decode())
                members[at] = (self._hash_subject(found.ask.subject_kind, value)
                               if at == SUBJECT else value)
        except (ValueError, OverflowError):
            return None
        return tuple.__new__(Ask, members)

    def keep(self, body: bytes, entities: Mapping[str, Any], ask: Ask) -> None:
        """Remember how a body was read, where its places are where they are thought to be."""
        if len(body) > LONGEST or b"\\" in body or ask.malformed:
            return
        parts = PLACE.split(body)
        names = [name.partition(b'"')[0] for name in parts[2::4]]
        said = dict(zip(names, parts[3::4], strict=True))
        if len(said) != len(names) or any(
                standing(entities, MEMBERS[name][0]) != value.decode()
                for name, value in said.items()):
            return
        if len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        self._known[(ask.presented, *parts[::4], *parts[1::4])] = Reading(ask, tuple(
            (Ask._fields.index(MEMBERS[name][2]), MEMBERS[name][1]) for name in names))


SUBJECT = Ask._fields.index("subject_hash")


def standing(entities: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at a path of a question, None where the path ends before."""
    found: Any = entities
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
