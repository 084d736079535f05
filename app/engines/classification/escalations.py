"""Rules of escalation of `classification_rules/grading/escalation.yaml`, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.classification.conditions import CONDITIONS
from app.domain.classification.elements import Element, Elements
from app.domain.classification.graded_sets import FieldSet, Item, Rule
from app.engines.classification.schemes import is_listed, is_sensitive
from app.engines.classification.words import RULES, elements
from app.engines.rulefiles import unpack
from app.engines.rulefiles import words as text
from app.engines.strict_yaml import BadRule, document


@dataclass(frozen=True)
class Escalations:
    """The rules in their order, what they need to know of elements, and their own examples."""

    rules: tuple[Rule, ...]
    traits: Mapping[str, frozenset[str]]
    examples: tuple[tuple[str, Mapping[str, Any]], ...]


@cache
def escalations(folder: Path = RULES) -> Escalations:
    """All rules of escalation.

    Raises:
        BadRule: a rule names no condition there is, lacks an example, or speaks of no element; or a
            context grades what is sensitive below its own level.
    """
    entries = document(folder / "grading" / "escalation.yaml")
    traits: dict[str, set[str]] = {}
    book = elements(folder)
    known = book.elements
    for trait, named in entries["traits"].items():
        for element in named:
            if element not in known:
                raise BadRule(f"escalation.yaml: trait {trait} names no element: {element}")
            traits.setdefault(element, set()).add(trait)
    _require_lawful(book, traits)
    rules, examples = [], []
    for entry in entries["rules"]:
        own = entry.pop("examples", ())
        at = f"escalation.yaml: {entry.get('id')}"
        if entry.get("condition") not in CONDITIONS or not own:
            raise BadRule(f"{at} needs a condition there is, and an example")
        built = {"title": text(entry.pop("title"), at), "basis": text(entry.pop("basis", None), at),
                 "duties": tuple(entry.pop("duties", ()))}
        given = {"floor": 1, "personal": False, "fall": "", **entry}
        rules.append(unpack(Rule, given, at, **built))
        examples += [(rules[-1].id, example) for example in own]
    return Escalations(tuple(rules), {key: frozenset(value) for key, value in traits.items()},
                       tuple(examples))


def _require_lawful(book: Elements, traits: Mapping[str, set[str]]) -> None:
    """Raises BadRule when a context lowers what is sensitive at any age, or hides a person."""
    for regime in book.regimes.values():
        for named, level in regime.levels.items():
            element = book.elements[named]
            if level >= element.level:
                continue
            at = f"contexts.yaml: {regime.id} grades `{named}` below its own level {element.level}"
            if is_listed(element) and "of-minors" not in traits.get(named, ()):
                raise BadRule(f"{at}, and it is sensitive personal information")
            if element.personal and not regime.personal and named not in regime.personal_elements:
                raise BadRule(f"{at} and does not name it as personal")


def item(element: Element | None, level: int, personal: bool,
         may_be: frozenset[str] | None = None, published: bool = False) -> Item:
    """A graded field as the rules see it.

    Args:
        may_be: elements it keeps company as, by its names and by what was counted in it, where
            these are known; shares of values, which shrink when rows are added, decide none.
        published: its table is one that a law makes public.
    """
    found = frozenset({element.id} if element else ())
    company = found if may_be is None else may_be
    traits = frozenset(one for each in company for one in escalations().traits.get(each, ()))
    if element is None:
        return Item("", level, personal, traits=traits, published=published)
    told = level >= element.level  # else a context set it lower, and says why
    schemes = {key: at for key, at in element.schemes.items() if isinstance(at, int) and told}
    return Item(element.id, level, personal, is_sensitive(element, level), schemes, traits,
                published=published)


def example_set(example: Mapping[str, Any], known: Escalations) -> FieldSet:
    """The set an example speaks of."""
    told = dict(example["set"])
    items = tuple(Item(**{"traits": known.traits.get(each["element"], frozenset()), **each,
                          **({"inputs": tuple(each["inputs"])} if "inputs" in each else {})})
                  for each in told.pop("items"))
    if "sources" in told:
        told["sources"] = tuple(told["sources"])
    return FieldSet(items, **told)
