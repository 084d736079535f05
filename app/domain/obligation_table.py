"""The table of duties as read from its rulebook: which obligation comes when, and with what.

What an enforcement point is told is worked out once for calls that are alike and then shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MARKS = frozenset({"MASKED", "DROPPED", "BOUNDED", "RETAINED", "PERSONAL", "NEGATIVE", "REVIEWED",
                   "COUNTED"})
# The numbers two sources may say of one kind, and which of two is the stricter.
STRICTER = {"days": min, "k": max, "level": max, "within_s": min, "years": min}
# What a grant may say beside a kind it lays down; anything else is a bound nobody enforces.
SAYABLE = {"min_group": "k", "suppress_aged_negative": "years", "delete_after": "days",
           "receipt": "within_s", "step-up": "level"}
# What the table itself says of a kind, all of it and nothing else, and the refusals that what a
# kind orders would turn.
SAYS: Mapping[str, tuple[str, type]] = {
    "min_group": ("k", int), "suppress_aged_negative": ("years", int), "watermark": ("mode", str),
    "notify_subject": ("template", str), "receipt": ("within_s", int), "step-up": ("level", int)}
TURNS = {"step-up": frozenset({"ID.AUTH_LEVEL"})}
PLANS_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class Clause:
    """One case in which a duty comes: all that is stated holds."""

    marks: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()

    def holds(self, marks: frozenset[str], action: str, channel: str, form: str) -> bool:
        return (marks.issuperset(self.marks) and (not self.actions or action in self.actions)
                and (not self.channels or channel in self.channels)
                and (not self.forms or form in self.forms))


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of obligation: its source, when it comes, what it says, which refusals carry it."""

    source: str
    when: tuple[Clause, ...] = ()
    says: Mapping[str, object] = field(default_factory=dict)
    denials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one kind of call must be told, in the order of the table.

    `items` are the obligations as they travel; the watermark among them lacks its text, which
    names the decision; `marked` is its place, -1 where there is none.
    """

    items: tuple[Mapping[str, Any], ...] = ()
    kinds: tuple[str, ...] = ()
    marked: int = -1
    is_acknowledged: bool = False
    is_of_denial: bool = False

    def told(self, text: str) -> tuple[Mapping[str, Any], ...]:
        """The obligations of one decision; ``text`` is its watermark."""
        if self.marked < 0:
            return self.items
        items = list(self.items)
        item = items[self.marked]
        items[self.marked] = {**item, "properties": {**item["properties"], "text": text}}
        return tuple(items)


NOTHING = Plan()


@dataclass(frozen=True)
class Duties:
    """Every kind in order. `plans` remembers what was worked out; it decides nothing."""

    by_kind: Mapping[str, Duty]
    plans: dict[tuple, tuple] = field(default_factory=dict, compare=False, repr=False)

    def remember(self, key: tuple, found: tuple) -> None:
        if len(self.plans) >= PLANS_KEPT:
            self.plans.clear()
        self.plans[key] = found


def planned(said: Mapping[str, Mapping[str, Any]], is_of_denial: bool = False) -> Plan:
    """Kinds with their properties as they travel, numbered in their order."""
    items = []
    for number, (kind, properties) in enumerate(said.items(), start=1):
        named = {"kind": kind} if type_of(kind) == "custom" else {}
        items.append({"id": f"o{number}", "type": type_of(kind),
                      "properties": {**named, **properties}})
    kinds = tuple(said)
    marked = kinds.index("watermark") if "watermark" in said else -1
    return Plan(tuple(items), kinds, marked, "receipt" in said, is_of_denial)


def type_of(kind: str) -> str:
    """The type AuthZEN knows a kind by; what two parties agree on is `custom`."""
    return kind if kind == "step-up" else "custom"


def stricter(*said: Mapping[str, Any]) -> dict[str, Any]:
    """Several sayings of one kind as one: of two numbers the stricter, else the later word."""
    found: dict[str, Any] = {}
    for each in said:
        for name, value in each.items():
            is_two = name in found and name in STRICTER
            found[name] = STRICTER[name](found[name], value) if is_two else value
    return found
