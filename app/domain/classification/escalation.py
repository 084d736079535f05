"""What keeps company raises levels: the rules by which a set of fields is graded as one.

Each rule of `classification_rules/grading/escalation.yaml` names one condition below, and what
follows from it. Levels rise or stay when a field or a row is added; the few rules that let a level
fall (ESC-05, ESC-15, ESC-19) act on what is declared of the whole set, and say what it needs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from app.domain.grounds import Words


@dataclass(frozen=True)
class Item:
    """One graded field of a set.

    Args:
        element: id of its data element, ``""`` where none was found.
        level: unified level before its company is looked at.
        schemes: scheme id to the level it gives, where they differ.
        traits: what the rule files say of the element, such as direct, quasi, account, aid, label.
        inputs: levels of what a label or score was made from.
        found: highest level of an identifier found in its text, 0 for none.
        published: made public by law as it stands, so that its company tells nothing new.
        raised: ids of the rules that raised it, in their order.
    """

    element: str
    level: int
    personal: bool = False
    sensitive: bool = False
    schemes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    traits: frozenset[str] = frozenset()
    inputs: tuple[int, ...] = ()
    found: int = 0
    published: bool = False
    raised: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldSet:
    """Fields that are held, offered or reached together, and what is known of the whole.

    Args:
        persons: distinct natural persons in it, not rows.
        uncounted: people are in it, and nobody knows how many.
        handled: distinct natural persons of everything the operator handles.
        k: fewest rows that share the same quasi-identifiers; ``None`` where unknown, which is
            taken for few.
        sharing: open, conditional or forbidden.
        state: raw, deidentified or anonymised; ``tested`` by a recorded re-identification test.
        cells: fewest subjects of any cell of an aggregate; ``None`` for data that is none.
        dominance: largest share one subject has of a cell.
        unpublished: an aggregate that shows the state of an industry or the economy before it is
            published.
        sources: highest level of each set it was fused from.
        leaving: is to leave the country.
        coverage: it covers nearly all enterprises of a city or an industry.
        minors, sole_traders: such subjects are in it.
        sole_traders_only: it is said to hold no other enterprises.
        published: it was published by its owner, or the date set for its secrecy has passed.
    """

    items: tuple[Item, ...]
    persons: int = 0
    uncounted: bool = False
    handled: int = 0
    k: int | None = None
    sharing: str = ""
    state: str = "raw"
    tested: bool = False
    cells: int | None = None
    dominance: float = 1.0
    unpublished: bool = False
    sources: tuple[int, ...] = ()
    leaving: bool = False
    coverage: bool = False
    minors: bool = False
    sole_traders: bool = False
    sole_traders_only: bool = False
    published: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule of escalation.

    Args:
        condition: name of the condition it rests on.
        floor: lowest level of the fields (or of the set) it applies to.
        personal: these fields become personal information.
        duties: what follows beside the level.
        fall: how far two persons may then lower the set: open (to level 1) or two (levels).
        basis, status: where the rule is from, and how surely that is known.
    """

    id: str
    title: Words
    condition: str
    basis: Words
    status: str
    floor: int = 1
    personal: bool = False
    duties: tuple[str, ...] = ()
    fall: str = ""


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
    now, applied, duties, falls, floor = given, [], set(), set(), 1
    for rule in rules:
        met = CONDITIONS[rule.condition](now, rule)
        if met is None:
            continue
        items, whole = met
        changed = items != now.items or whole > floor or rule.duties
        now, floor = replace(now, items=_signed(now.items, items, rule)), max(floor, whole)
        falls.add(rule.fall)
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


Met = tuple[tuple[Item, ...], int] | None


def _each(now: FieldSet, rule: Rule, picks: Callable[[Item], bool], whole: int = 1) -> Met:
    """Raises the fields picked to the floor of the rule; ``None`` if none is."""
    if not any(picks(item) for item in now.items):
        return None
    return tuple(replace(item, level=max(item.level, rule.floor),
                         personal=item.personal or rule.personal)
                 if picks(item) else item for item in now.items), whole


def _highest(now: FieldSet, rule: Rule) -> Met:
    return now.items, max((item.level for item in now.items), default=1)


def _schemes_disagree(now: FieldSet, rule: Rule) -> Met:
    return tuple(replace(item, level=max([item.level, *item.schemes.values()]))
                 for item in now.items), 1


def _beside_direct(now: FieldSet, rule: Rule) -> Met:
    """What describes a person, beside what says who he is."""
    if not any("direct" in item.traits and item.personal for item in now.items):
        return None
    return _each(now, rule, lambda item: item.level >= 2 and not item.published
                 and "of-person" in item.traits)


def _singled_out(now: FieldSet, rule: Rule) -> Met:
    quasi = [item for item in now.items if "quasi" in item.traits]
    if len(quasi) < 3 or (now.k is not None and now.k >= 5):
        return None
    return _each(now, rule, lambda item: "quasi" in item.traits, rule.floor)


def _aid_beside_account(now: FieldSet, rule: Rule) -> Met:
    if not any("account" in item.traits for item in now.items):
        return None
    return _each(now, rule, lambda item: "aid" in item.traits)


def _million(now: FieldSet, rule: Rule) -> Met:
    """More than a million people raise the set; how many they are must be found out."""
    many = now.persons > 1_000_000
    return (now.items, rule.floor if many else 1) if many or now.uncounted else None


def _many_leaving(now: FieldSet, rule: Rule) -> Met:
    sensitive = any(item.sensitive for item in now.items)
    many = now.uncounted or now.persons > (10_000 if sensitive else 1_000_000)
    return (now.items, 1) if now.leaving and many else None


def _covering(now: FieldSet, rule: Rule) -> Met:
    depth = any(item.level >= 2 and "attribute" in item.traits for item in now.items)
    return (now.items, 1) if now.coverage and depth else None


def _label(now: FieldSet, rule: Rule) -> Met:
    """A label is one below its strongest input, not below two; a negative one not below three."""
    if not any("label" in item.traits for item in now.items):
        return None

    def least(item: Item) -> int:
        return max([2, *(level - 1 for level in item.inputs),
                    3 if "negative" in item.traits else 0])

    return tuple(replace(item, level=max(item.level, least(item)))
                 if "label" in item.traits and not item.published else item
                 for item in now.items), 1


def _contaminated(now: FieldSet, rule: Rule) -> Met:
    if not any(item.found > item.level for item in now.items):
        return None
    return tuple(replace(item, level=max(item.level, item.found), personal=item.personal
                         or item.found >= 3) for item in now.items), 1


def _of_sole_traders(now: FieldSet, rule: Rule) -> Met:
    """Fields are of the operator: all, or among other enterprises those no register publishes."""
    if not (now.sole_traders or now.sole_traders_only):
        return None
    return _each(now, rule, lambda item: "enterprise" in item.traits and not item.published and (
        now.sole_traders_only or "unregistered" in item.traits))


def _whole(holds: Callable[[FieldSet], bool]) -> Callable[[FieldSet, Rule], Met]:
    """A condition on the set as a whole: the set, not its fields, takes the floor."""
    return lambda now, rule: (now.items, rule.floor) if holds(now) else None


def _fields(picks: Callable[[Item], bool],
            when: Callable[[FieldSet], bool] = lambda now: True) -> Callable[[FieldSet, Rule], Met]:
    return lambda now, rule: _each(now, rule, picks) if when(now) else None


def _aggregate(now: FieldSet, rule: Rule) -> Met:
    """What is not yet published takes the floor; ``None`` for what is no aggregate."""
    return None if now.cells is None else (now.items, rule.floor if now.unpublished else 1)


def _may_fall(now: FieldSet, level: int, falls: set[str]) -> int | None:
    """What two persons may lower the set to, by the rules that were met."""
    safe = now.cells is not None and now.cells >= 10 and now.dominance < 0.85
    least = 1 if "open" in falls else level
    if "two" in falls and safe and not now.unpublished:
        least = min(least, max(1, level - 2))
    return least if least < level else None


CONDITIONS: Mapping[str, Callable[[FieldSet, Rule], Met]] = MappingProxyType({
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
    "fused": lambda now, rule: (now.items, max(now.sources)) if len(now.sources) > 1 else None,
    "label": _label,
    "contaminated": _contaminated,
    "published": _whole(lambda now: now.published),
    "sole-traders": _of_sole_traders,
    "minors": _fields(lambda item: item.personal, lambda now: now.minors),
    "schemes": _schemes_disagree,
})
