"""What an identifier looks like, and whether a folded value is one."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce

from app.domain.classification.checks import Check
from app.domain.classification.code_tables import CodeTables
from app.domain.classification.folding import compact
from app.domain.classification.shapes import Gate
from app.domain.grounds import Words

BEFORE, AFTER = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
SUBJECTS = ("person", "organisation", "thing", "none")
STRENGTHS = ("strong", "medium", "weak", "dictionary", "context-only")
Finder = Callable[[str], Iterable[tuple[int, int]]]


@dataclass(frozen=True)
class Hints:
    """Whole words of a column's name that speak for an identifier."""

    zh: tuple[str, ...] = ()
    pinyin: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examples:
    """Values a rule must take, must leave, and must know under a mask."""

    valid: tuple[str, ...]
    invalid: tuple[str, ...]
    masked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identifier:
    """One kind of value, as its rule file states it.

    Args:
        subject: whom a value points to: person, organisation, thing or none.
        strength: how much one value says; see classification_rules/README.md.
        shape: the whole of a folded value.
        gate: which shapes need be tried, drawn from ``shape``.
        separators: blanks and hyphens within a value are left aside before it is tried.
        checks: what a value of the shape must hold; ``check_names`` as the rule file calls them.
        floor: share of random values of the shape that hold the checks.
        masked: the whole of a value with characters starred out.
        text: the pattern in running text, with look-arounds; ``None`` if it is not searched.
        digits: how many digits a text needs for ``text`` to match.
        needs: a sign a text needs for ``text`` to match, or ``""``.
        glued: it also stands directly beside other letters and digits, as in a student number.
        finder: finds spans in running text where no pattern can.
        against: words of a column's name that speak against it.
        vetoes: families of declared types that cannot hold it.
        collisions: identifiers of which values may look the same.
    """

    id: str
    zh: str
    en: str
    source: Words
    subject: str
    strength: str
    shape: re.Pattern[str]
    gate: Gate
    floor: float
    separators: bool = False
    checks: tuple[Check, ...] = ()
    check_names: tuple[str, ...] = ()
    masked: re.Pattern[str] | None = None
    text: re.Pattern[str] | None = None
    digits: int = 0
    needs: str = ""
    glued: bool = False
    finder: Finder | None = None
    hints: Hints = field(default_factory=Hints)
    against: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    collisions: tuple[str, ...] = ()
    examples: Examples = field(default_factory=lambda: Examples((), ()))

    def reads(self, folded: str) -> str:
        """The folded value as this identifier compares it."""
        return compact(folded) if self.separators else folded

    def has_shape(self, folded: str) -> bool:
        """Whether a whole folded value has the shape."""
        return self.shape.fullmatch(self.reads(folded)) is not None

    @cached_property
    def holds(self) -> Check:
        """Whether a value of the shape, as ``reads`` gives it, holds every check."""
        return reduce(_both, self.checks) if self.checks else bool

    def passes(self, folded: str) -> bool:
        """Whether a whole folded value has the shape and holds every check."""
        return self.has_shape(folded) and self.holds(self.reads(folded))

    def is_masked(self, folded: str) -> bool:
        """Whether a whole folded value is one with characters starred out."""
        return self.masked is not None and self.masked.fullmatch(folded) is not None

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """Where values that hold every check stand in folded running text."""
        if self.finder is not None:
            return [*self.finder(folded)]
        if self.text is None:
            return []
        return [match.span() for match in self.text.finditer(folded) if self.passes(match[0])]

    @property
    def searched(self) -> bool:
        """Whether it is looked for in running text."""
        return self.text is not None or self.finder is not None

    @cached_property
    def _anywhere(self) -> re.Pattern[str]:
        return re.compile(f"(?=({self.shape.pattern}))", re.ASCII)

    def is_glued_in(self, folded: str) -> bool:
        """Whether a value that holds every check stands among other letters and digits."""
        return self.glued and any(self.holds(match[1]) for match in self._anywhere.finditer(folded))


@dataclass(frozen=True)
class Identifiers:
    """All identifiers of one version of the rules.

    Args:
        version: digest over the rule files and lists.
        null_words: folded words that stand for nothing.
    """

    version: str
    all: Mapping[str, Identifier]
    tables: CodeTables
    null_words: frozenset[str]

    def __getitem__(self, identifier: str) -> Identifier:
        return self.all[identifier]

    @cached_property
    def plans(self) -> dict[str, object]:
        """What is to be tried on each shape met so far; shapes hold no value."""
        return {}

    def __iter__(self) -> Iterator[Identifier]:
        return iter(self.all.values())


def _both(first: Check, second: Check) -> Check:
    return lambda read: first(read) and second(read)


def bounded(core: str) -> str:
    """A pattern that stands alone among Latin letters and digits; Chinese beside it is no matter.

    Word boundaries would vanish next to Chinese, which counts as word characters.
    """
    return f"{BEFORE}(?:{core}){AFTER}"
