"""Chance that is the same every time: the demonstration zone is deterministic."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of numbers from a seed; not secret, never used outside the demonstration."""

    def __init__(self, seed: str):
        self.seed, self.count = seed, 0

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        self.count += 1
        found = hashlib.sha256(f"{self.seed}/{self.count}".encode()).digest()
        return int.from_bytes(found[:8]) % bound

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in their own order."""
        kept = set()
        while len(kept) < min(count, len(items)):
            kept.add(self.below(len(items)))
        return [items[at] for at in sorted(kept)]

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent
