"""What keeps company raises levels: the rules by which a set of fields is graded as one.

Each rule of `classification_rules/grading/escalation.yaml` names one condition, and what follows
from it. Levels rise or stay when a field or a row is added; the few rules that let a level fall
(ESC-05, ESC-15, ESC-19) act on what is declared of the whole set, and say what it needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.domain.classification.conditions import CONDITIONS, Met
from app.domain.classification.graded_sets import FieldSet, Item, Rule


@dataclass(frozen=True)
class Outcome:
    """A set graded as one.

    Args:
        applied: ids of rules that raised, lowered or flagged something, in their order.
        may_fall: the level two persons could lower it to, where a rule allows that.
    """

    level: int
    items: tuple[Item, ...]
    applied: tuple[str, ...]
    duties: frozenset[str] = frozenset()
    may_fall: int | None = None


def escalate(given: FieldSet, rules: Iterable[Rule]) -> Outcome:
    """The set as its company grades it; an empty set is level 1."""
    now, applied, duties, falls, floor = given, [], set(), Falls(), 1
    for rule in rules:
        met = CONDITIONS[rule.condition](now, rule)
        if met is None:
            continue
        changed = met.items != now.items or met.whole > floor or rule.duties
        now = replace(now, items=_signed(now.items, met.items, rule))
        floor, falls = max(floor, met.whole), falls.after(rule, met)
        if changed:
            applied.append(rule.id)
            duties.update(rule.duties)
    level = max([floor, *(item.level for item in now.items)])
    return Outcome(level, now.items, tuple(applied), frozenset(duties),
                   _may_fall(now, level, falls))


def _signed(old: tuple[Item, ...], new: tuple[Item, ...], rule: Rule) -> tuple[Item, ...]:
    """The fields, each with the rule that changed it."""
    return tuple(after if after == before else replace(after, raised=(*after.raised, rule.id))
                 for before, after in zip(old, new, strict=True))


@dataclass(frozen=True)
class Falls:
    """How far a set may fall: what allows it, and where it ends.

    Args:
        least: highest floor of any rule that was met.
        whole: the same, of rules on the set whoever is in it.
    """

    allowed: frozenset[str] = frozenset()
    least: int = 1
    whole: int = 1

    def after(self, rule: Rule, met: Met) -> "Falls":
        """The same once a rule was met as well."""
        return Falls(self.allowed | {rule.fall}, max(self.least, met.least),
                     max(self.whole, min(met.whole, met.least)))


def _may_fall(now: FieldSet, level: int, falls: Falls) -> int | None:
    """What two persons may lower the set to: never below the floor of a rule that was met.

    Of anonymised data, rules on the people who can no longer be found in it do not bind.
    """
    safe = now.cells is not None and now.cells >= 10 and now.dominance < 0.85
    least = falls.least if "open" in falls.allowed else level
    if "two" in falls.allowed and safe and not now.unpublished:
        least = min(least, max(falls.least, level - 2))
    if "anonymous" in falls.allowed:
        least = min(least, falls.whole)
    return least if least < level else None
