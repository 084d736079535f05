"""Heads of evaluations, read before: callers of ours send the same one again and again.

A call that comes in one block, whole and with nothing behind it, begins with its head, which ends
at the first empty line. Where the same caller sent the same head before, byte by byte, it says now
what it said then. Kept are only heads that proved a credential.
"""

from typing import Any, NamedTuple

from app.web.lane import PROVED

KEPT = 1024
LONGEST = 4096  # bytes of a head that is kept


class Head(NamedTuple):
    """A head as it was read; `length` is that of the body it tells of."""

    environ: dict[str, Any]
    keep_alive: bool
    length: int
    url: bytes
    headers: list[tuple[bytes, bytes]]


class Heads:
    """The heads kept last, each for the address of who sent it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], Head] = {}

    def find(self, peer: str, block: bytes) -> tuple[Head, bytes] | None:
        """The head a block begins with and the body behind it; None where it is to be read."""
        head, _, body = block.partition(b"\r\n\r\n")
        found = self._known.get((peer, head))
        return (found, body) if found and len(body) == found.length else None

    def keep(self, peer: str, block: bytes, body: bytes, head: Head) -> None:
        """Keep the head of a call that proved a credential, where it came as `find` takes it."""
        text, _, rest = block.partition(b"\r\n\r\n")
        if (not rest or rest != body or len(text) > LONGEST
                or head.environ[PROVED].picture is None):
            return
        if len(self._known) >= KEPT:
            self._known.pop(next(iter(self._known)), None)
        self._known[peer, text] = head
