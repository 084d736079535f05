"""Data elements, words, businesses and contexts of `classification_rules`, read strictly."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.classification.elements import (
    Business,
    Element,
    Elements,
    ReadingRule,
    Regime,
    Witness,
)
from app.domain.classification.lexicon import Lexicon, Role, Term, lexicon
from app.domain.grounds import Words
from app.engines.rulefiles import words as text
from app.engines.strict_yaml import BadRule, document

RULES = Path(__file__).resolve().parents[3] / "classification_rules"


@cache
def elements(folder: Path = RULES) -> Elements:
    """All elements with the rules that lead to them.

    Raises:
        BadRule: a file is wrong, or names an element that is not declared.
    """
    declared = {element.id: element for element in _elements(folder)}
    tables = document(folder / "words" / "tables.yaml")
    businesses = tuple(_business(entry) for entry in tables["tables"])
    readings = tuple(_reading(entry) for entry in document(
        folder / "words" / "readings.yaml", "readings"))
    contexts = document(folder / "grading" / "contexts.yaml")
    regimes = {entry["id"]: _regime(entry) for entry in contexts["regimes"]}
    terms = [element.words for element in declared.values()]
    book = Elements(declared, readings, businesses, regimes, frozenset(contexts["stays"]),
                    _lexicon(folder, terms),
                    published=tuple(tables["public"]),
                    enterprise=tuple(tables["enterprise"]), **_sets(folder), **_values(folder),
                    **_judging(folder / "grading"))
    _declared(book)
    return book


def _elements(folder: Path) -> Iterator[Element]:
    for path in sorted((folder / "elements").glob("*.yaml")):
        for entry in document(path, "elements"):
            words = [tuple(str(word) for word in entry.pop(key, ())) for key in ("zh", "en", "py")]
            try:
                term = Term(entry["id"], Role.ELEMENT, entry["kind"], *words)
                element = Element(
                    id=entry.pop("id"), title=Words(**entry.pop("title")), kind=entry.pop("kind"),
                    level=entry.pop("level"), schemes=entry.pop("schemes"),
                    category=entry.pop("category", ""), personal=entry.pop("personal", False),
                    sensitive=tuple(entry.pop("sensitive", ())),
                    identifiers=tuple(entry.pop("identifiers", ())), family=path.stem, words=term)
            except (KeyError, TypeError) as error:
                raise BadRule(f"{path.name}: an element lacks or misspells {error}") from None
            if entry:
                raise BadRule(f"{path.name}: {element.id} has unknown members {sorted(entry)}")
            yield element


def _lexicon(folder: Path, terms: list[Term]) -> Lexicon:
    words = folder / "words"
    for entry in document(words / "attributes.yaml", "attributes"):
        terms.append(_term(entry, Role.ATTRIBUTE))
    named = document(words / "subjects.yaml")
    for entry in named["subjects"]:
        terms.append(_term(entry, Role.SUBJECT))
    terms.append(_term({"id": "act", **named["acts"]}, Role.ACT))
    short = {abbreviation: word for word, shorts in document(words / "english.yaml",
                                                             "english").items()
             for abbreviation in shorts}
    with open(words / "pinyin.csv", encoding="utf-8", newline="") as rows:
        readings = {row["character"]: tuple(row["readings"].split())
                    for row in csv.DictReader(rows)}
    return lexicon(terms, readings, short)


def _term(entry: Mapping[str, Any], role: Role) -> Term:
    return Term(entry["id"], role, entry.get("kind", ""),
                tuple(str(word) for word in entry.get("zh", ())), tuple(entry.get("en", ())),
                tuple(entry.get("py", ())))


def _sets(folder: Path) -> Mapping[str, Mapping]:
    told = document(folder / "words" / "sets.yaml")
    named = {**told["elements"], **told["identifiers"]}
    return {"sets": {key: frozenset(found) for key, found in named.items()},
            "numbered": told["numbered"],
            "unknown": told["unknown"],
            "people": {key: Witness(**entry) for key, entry in told["people"].items()},
            "expected": {key: tuple(found) for key, found in told["expected"].items()},
            "within": {key: tuple(found) for key, found in told["within"].items()}}


def _values(folder: Path) -> Mapping[str, Mapping[str, str]]:
    alone = document(folder / "words" / "values.yaml")
    return {"by_identifier": alone["values"], "by_shape": alone["shapes"]}


def _judging(folder: Path) -> Mapping[str, Mapping]:
    steps = document(folder / "calibration.yaml", "calibration")
    return {
        "calibration": {kind: tuple((step["from"], step["right"]) for step in found)
                        for kind, found in steps.items()},
        "reasons": {code: text(entry, f"reasons.yaml: {code}") for code, entry in document(
            folder / "reasons.yaml", "reasons").items()},
    }


def _many(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,) if value else ()


def _reading(entry: Mapping[str, Any]) -> ReadingRule:
    return ReadingRule(entry["element"], _many(entry["head"]), _many(entry.get("subject")),
                       entry.get("rows", ""), _many(entry.get("in")))


def _business(entry: Mapping[str, Any]) -> Business:
    return Business(entry["id"], Words(**entry["title"]), entry["rows"], entry["regime"],
                    tuple(str(word) for word in entry.get("zh", ())), tuple(entry.get("en", ())),
                    tuple(entry.get("py", ())), tuple(entry.get("elements", ())),
                    entry.get("needs", ""), entry.get("gives", {}), entry.get("amounts", ""),
                    entry.get("doubt", ""), entry.get("alone", "neutral"))


def _regime(entry: Mapping[str, Any]) -> Regime:
    return Regime(entry["id"], Words(**entry["title"]), Words(**entry["source"]),
                  entry.get("floor", 1),
                  entry.get("personal", False), entry.get("levels", {}), entry.get("lift", {}),
                  entry.get("amounts", {}), entry.get("heads", {}),
                  tuple(entry.get("personal_elements", ())))


def _declared(book: Elements) -> None:
    """Raises BadRule when a rule speaks of an element nobody declared."""
    spoken = {rule.element for rule in book.readings} | set(book.stays)
    for business in book.businesses:
        spoken |= {*business.elements, *business.gives.values()}
        spoken |= {business.amounts} if business.amounts else set()
    for name, members in book.sets.items():
        spoken |= members if name not in ("left_to_names", "listed", "names") else set()
    for regime in book.regimes.values():
        spoken |= {*regime.levels, *regime.lift, *regime.personal_elements}
    unknown = spoken - set(book.elements)
    if unknown:
        raise BadRule(f"no such element: {', '.join(sorted(unknown))}")
