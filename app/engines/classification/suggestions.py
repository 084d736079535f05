"""What the rules suggest for the fields of a dataset from their names, titles and types alone.

A suggestion binds nobody: a person confirms it or judges otherwise. No value is read here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.domain.classification.elements import Elements
from app.domain.classification.facts import TableSample, TableSpec
from app.domain.classification.verdicts import Reason, Verdict
from app.domain.grounds import Words
from app.engines import categories
from app.engines.classification import classifier, words
from app.engines.classification.schemes import is_sensitive
from app.engines.strict_yaml import BadRule, document

LEVELS = 5
RULE = "规则 "
SCAN = "扫描 "


@dataclass(frozen=True)
class Suggestion:
    """What one field is taken to hold, and how it would be graded.

    Args:
        element: id of the data element, ``""`` where none could be read from the names.
        category: code of the published category, ``""`` with no element.
        confidence: percent, rounded down.
        runners_up: elements it might be instead, the likeliest first.
    """

    element: str
    identifier: str
    category: str
    level: int
    personal: bool
    sensitive: bool
    treatment: str
    confidence: int
    runners_up: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Treatments:
    """Default treatments by kind of element and level, by element, and for what was not read."""

    kinds: Mapping[str, Sequence[str]]
    unread: Sequence[str]
    elements: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class GradingRules:
    """The rules of this release, loaded. `by` names them wherever a proposal stands."""

    by: str
    book: Elements
    filed: Mapping[str, str]
    treatments: Treatments

    def suggest(self, spec: TableSpec) -> Mapping[str, Suggestion]:
        """A suggestion for every column of a table, by code name; never none."""
        [found] = classifier.classify([TableSample(spec, {})], classifier.Sight.NAMES, self.book)
        return {name: self.suggestion(verdict) for name, verdict in found.columns.items()}

    def suggestion(self, verdict: Verdict) -> Suggestion:
        """A verdict on a column as it is proposed for a field."""
        element = self.book.elements.get(verdict.element or "")
        return Suggestion(
            verdict.element or "", verdict.identifier or "", self.filed[element.id] if element
            else "", verdict.level, verdict.personal,
            bool(verdict.personal and element and is_sensitive(element, verdict.level)),
            self.treatment(verdict.element or "", verdict.level), int(verdict.confidence * 100),
            verdict.runners_up, verdict.why)

    def treatment(self, element: str, level: int) -> str:
        """How a field of this element and level leaves by default."""
        if element in self.treatments.elements:
            return self.treatments.elements[element]
        known = self.book.elements.get(element)
        return (self.treatments.kinds[known.kind] if known else self.treatments.unread)[level - 1]

    def title(self, element: str) -> Words:
        """The element in words; its id where these rules no longer know it."""
        known = self.book.elements.get(element)
        return known.title if known else Words(element, element)

    def said(self, why: Sequence[Reason]) -> tuple[Words, ...]:
        """Steps of judging in words; one these rules no longer know stands as its code."""
        return tuple(self._said(reason) for reason in why)

    def _said(self, reason: Reason) -> Words:
        verdict = Verdict(None, None, LEVELS, False, 0.0, why=(reason,))
        try:
            return Words(*(sentence for language in ("zh", "en")
                           for sentence in classifier.reasons(verdict, language, self.book)))
        except KeyError:
            return Words(reason.code, reason.code)


def proposer(by: str) -> Words:
    """Who proposed, in both languages: rules by their version, a scan by its number, others as
    they were named."""
    for prefix, title in ((RULE, "Rules"), (SCAN, "Scan")):
        if by.startswith(prefix):
            return Words(by, f"{title} {by.removeprefix(prefix)}")
    return Words(by, by)


@cache
def grading_rules() -> GradingRules:
    """The rules that ship, read once a process and only where they are asked for.

    Raises:
        BadRule
    """
    return load(words.RULES)


def load(folder: Path) -> GradingRules:
    """The rules of a folder.

    Raises:
        BadRule: an element has no category, two, or no treatment; or a category is not published.
    """
    book, version = words.elements(folder), _version(folder)
    treatments = Treatments(**document(folder / "grading" / "treatments.yaml", "treatments"))
    _require_treatments(book, treatments)
    return GradingRules(f"{RULE}{version}", book,
                        _filed(book, document(folder / "grading" / "categories.yaml",
                                              "categories")), treatments)


def _filed(book: Elements, listed: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """The published category of every element."""
    published = categories.published()
    filed = {element: element for element in book.elements if element in published}
    if unknown := set(listed) - set(published):
        raise BadRule(f"categories.yaml: there is no published category `{min(unknown)}`")
    for category, elements in listed.items():
        for element in elements:
            if element not in book.elements or element in filed:
                raise BadRule(f"categories.yaml: `{element}` is no element, or is filed already")
            filed[element] = category
    if left := set(book.elements) - set(filed):
        raise BadRule(f"categories.yaml: `{min(left)}` has no category")
    return filed


def _require_treatments(book: Elements, treatments: Treatments) -> None:
    if left := {element.kind for element in book.elements.values()} - set(treatments.kinds):
        raise BadRule(f"treatments.yaml: the kind `{min(left)}` has no treatments")
    for kind, row in {**treatments.kinds, "unread": treatments.unread}.items():
        if len(row) != LEVELS:
            raise BadRule(f"treatments.yaml: `{kind}` names a treatment for each level, 1 to 5")
    if unknown := set(treatments.elements) - set(book.elements):
        raise BadRule(f"treatments.yaml: there is no element `{min(unknown)}`")


def _version(folder: Path) -> str:
    """The first twelve digits of the digest over names and contents of all rule files."""
    digest = hashlib.sha256()
    for path in sorted(path for kind in ("yaml", "csv") for path in folder.rglob(f"*.{kind}")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]
