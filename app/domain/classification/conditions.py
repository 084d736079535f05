"""The conditions that rules of escalation rest on, and what each makes of a set.

A condition that is met stays met when a field or a row is added, and its floors only rise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.domain.classification.graded_sets import FieldSet, Item, Rule


@dataclass(frozen=True)
class Met:
    """What a rule makes of a set it applies to.

    Args:
        whole: lowest level of the set.
        least: level below which nobody lowers the set while the rule applies.
    """

    items: tuple[Item, ...]
    whole: int = 1
    least: int = 1


Condition = Callable[[FieldSet, Rule], Met | None]


def _each(now: FieldSet, rule: Rule, picks: Callable[[Item], bool], whole: int = 1) -> Met | None:
    """Raises the fields picked to the floor of the rule; ``None`` if none is."""
    if not any(picks(item) for item in now.items):
        return None
    return Met(tuple(replace(item, level=max(item.level, rule.floor),
                             personal=item.personal or rule.personal)
                     if picks(item) else item for item in now.items), whole, rule.floor)


def _highest(now: FieldSet, rule: Rule) -> Met | None:
    return Met(now.items, max((item.level for item in now.items), default=1))


def _schemes_disagree(now: FieldSet, rule: Rule) -> Met | None:
    return Met(tuple(replace(item, level=max([item.level, *item.schemes.values()]))
                     for item in now.items))


def _beside_direct(now: FieldSet, rule: Rule) -> Met | None:
    """What describes a person, beside what says who he is."""
    if not any("direct" in item.traits and item.personal for item in now.items):
        return None
    return _each(now, rule, lambda item: item.level >= 2 and not item.published
                 and "of-person" in item.traits)


def _singled_out(now: FieldSet, rule: Rule) -> Met | None:
    """Three of different kinds; a district counts, and is no attribute of anybody by itself."""
    quasi = {item.element for item in now.items if "quasi" in item.traits}
    if len(quasi) < 3 or (now.k is not None and now.k >= 5):
        return None
    return _each(now, rule, lambda item: "quasi" in item.traits and "place" not in item.traits,
                 rule.floor)


def _aid_beside_account(now: FieldSet, rule: Rule) -> Met | None:
    if not any("account" in item.traits for item in now.items):
        return None
    return _each(now, rule, lambda item: "aid" in item.traits)


def _million(now: FieldSet, rule: Rule) -> Met | None:
    """More than a million people raise the set; how many they are must be found out."""
    floor = rule.floor if now.persons > 1_000_000 else 1
    return Met(now.items, floor, floor) if floor > 1 or now.uncounted else None


def _many_leaving(now: FieldSet, rule: Rule) -> Met | None:
    sensitive = any(item.sensitive for item in now.items)
    many = now.uncounted or now.persons > (10_000 if sensitive else 1_000_000)
    return Met(now.items) if now.leaving and many else None


def _covering(now: FieldSet, rule: Rule) -> Met | None:
    depth = any(item.level >= 2 and "attribute" in item.traits for item in now.items)
    return Met(now.items) if now.coverage and depth else None


def _label(now: FieldSet, rule: Rule) -> Met | None:
    """A label is one below its strongest input, not below two; a negative one not below three."""
    def least(item: Item) -> int:
        if "label" not in item.traits or item.published:
            return 1
        return max([2, *(level - 1 for level in item.inputs),
                    3 if "negative" in item.traits else 0])

    floor = max(map(least, now.items), default=1)
    return None if floor == 1 else Met(tuple(
        replace(item, level=max(item.level, least(item))) for item in now.items), 1, floor)


def _contaminated(now: FieldSet, rule: Rule) -> Met | None:
    if not any(item.found > item.level for item in now.items):
        return None
    return Met(tuple(replace(item, level=max(item.level, item.found), personal=item.personal
                             or item.found >= 3) for item in now.items), 1,
               max(item.found for item in now.items))


def _of_sole_traders(now: FieldSet, rule: Rule) -> Met | None:
    """Fields are of the operator: all, or among other enterprises those no register publishes."""
    if not (now.sole_traders or now.sole_traders_only):
        return None
    return _each(now, rule, lambda item: "enterprise" in item.traits and not item.published and (
        now.sole_traders_only or "unregistered" in item.traits))


def _fused(now: FieldSet, rule: Rule) -> Met | None:
    if len(now.sources) < 2:
        return None
    return Met(now.items, max(now.sources), max(now.sources))


def _whole(holds: Callable[[FieldSet], bool]) -> Condition:
    """A condition on the set as a whole: the set, not its fields, takes the floor."""
    return lambda now, rule: Met(now.items, rule.floor, rule.floor) if holds(now) else None


def _fields(picks: Callable[[Item], bool]) -> Condition:
    return lambda now, rule: _each(now, rule, picks)


def _minors(now: FieldSet, rule: Rule) -> Met | None:
    """The set takes the floor, and what is known of people in it."""
    if not now.minors:
        return None
    return _each(now, rule, lambda item: item.personal, rule.floor) or Met(
        now.items, rule.floor, rule.floor)


def _aggregate(now: FieldSet, rule: Rule) -> Met | None:
    """What is not yet published takes the floor; ``None`` for what is no aggregate."""
    floor = rule.floor if now.unpublished else 1
    return None if now.cells is None else Met(now.items, floor, floor)


CONDITIONS: Mapping[str, Condition] = MappingProxyType({
    "any": _highest,
    "sensitive": _fields(lambda item: item.sensitive),
    "personal": _fields(lambda item: item.personal),
    "deidentified": _whole(lambda now: now.state == "deidentified"),
    "anonymised": _whole(lambda now: now.state == "anonymised" and now.tested),
    "conditional": _whole(lambda now: now.sharing == "conditional"),
    "forbidden": _whole(lambda now: now.sharing == "forbidden"),
    "beside-direct": _beside_direct,
    "singled-out": _singled_out,
    "aid-beside-account": _aid_beside_account,
    "million-persons": _million,
    "ten-million-persons": _whole(lambda now: now.handled > 10_000_000),
    "many-leaving": _many_leaving,
    "coverage": _covering,
    "aggregate": _aggregate,
    "fused": _fused,
    "label": _label,
    "contaminated": _contaminated,
    "published": _whole(lambda now: now.published),
    "sole-traders": _of_sole_traders,
    "minors": _minors,
    "schemes": _schemes_disagree,
})
