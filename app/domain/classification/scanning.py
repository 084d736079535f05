"""Which identifiers the distinct values of a column are, tried only where the shape allows.

Values of one shape are tried together; what a shape can be is worked out once and kept.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.classification.checks import calendar
from app.domain.classification.dates import Day, read_day
from app.domain.classification.facts import Hit
from app.domain.classification.folding import compact
from app.domain.classification.identifiers import Identifier, Identifiers
from app.domain.classification.shapes import DIGIT, HAN, LETTER, shape_of

# Shapes remembered between columns; beyond that they are worked out anew.
REMEMBERED = 20_000
PERSON = "person_name_zh"
# The longest value that may be one identifier as a whole.
LONGEST = 100
_NUMBER = re.compile(r"[+-]?\xa5?(?:9{1,3}(?:,999){1,6}|9{1,30})(\.9{1,20})?%?", re.ASCII)
_DATED = re.compile(r"9{8}|9{12}|9{14}|9{4}[-/.]9{1,2}[-/.]9{1,2}(?:[ TA]{1,2}9{1,2}:99.{0,20})?"
                    f"|9999 ?{HAN}9{{1,2}} ?{HAN}9{{1,2}} ?{HAN}.{{0,12}}")
# What stands for characters left out: stars, crosses, or the sign for `a certain`.
_STARRED = re.compile(r"\*|XXX|\u67d0")
_BETWEEN = re.compile(r"[^0-9A-Z\u3400-\u9fff]*")


@dataclass(frozen=True)
class Plan:
    """What values of one shape can be.

    Args:
        whole: identifiers such a value may be as a whole; ``True`` with those it always is.
        numeric, decimal: it is a plain number; one with a fraction.
        dated: it may be a day.
        masked: it may be a value with characters left out.
        separated: values have blanks or hyphens that some identifiers leave aside.
        text: whether such a value is long or mixed enough to hold others within.
        token: whether it is one long run of letters and digits.
    """

    whole: tuple[tuple[Identifier, bool], ...]
    numeric: bool
    decimal: bool
    dated: bool
    masked: bool
    separated: bool
    text: bool
    token: bool


def plan_for(shape: str, identifiers: Identifiers) -> Plan:
    """The plan for values of a shape, worked out at most once for the shapes remembered."""
    plan = identifiers.plans.get(shape)
    if plan is None:
        plan = _plan(shape, identifiers)
        if len(shape) <= 40 and len(identifiers.plans) < REMEMBERED:
            identifiers.plans[shape] = plan
    return plan


def _plan(shape: str, identifiers: Identifiers) -> Plan:
    size, number, bare = len(shape), _NUMBER.fullmatch(shape), compact(shape)
    whole = []
    for identifier in identifiers if size <= LONGEST else ():
        gate, read = identifier.gate, bare if identifier.separators else shape
        if gate.least <= len(read) <= gate.most and gate.shapes.fullmatch(read):
            whole.append((identifier, gate.exact and not identifier.checks))
    mixed = HAN in shape or shape.strip("9A-. ") != ""
    decimal = number is not None and number[1] is not None
    masked = "*" in shape or LETTER * 3 in shape or HAN in shape and size <= 4
    dated = _DATED.fullmatch(shape) is not None
    token = size > 18 and shape.strip("9A") == ""
    text = size > 4 if mixed else size > 18 and DIGIT * 7 in shape and not token
    return Plan(tuple(whole), number is not None, decimal, dated, masked, bare != shape, text,
                token)


class Tally:
    """Counts by identifier while the distinct values of one column are walked."""

    def __init__(self, identifiers: Identifiers):
        self.identifiers = identifiers
        self.counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.days: list[Day] = []
        self.people: set[str] = set()
        self.glued = [each for each in identifiers if each.glued]
        self.searched = [(each, each.digits, each.needs) for each in identifiers if each.searched]

    def hits(self) -> Mapping[str, Hit]:
        """What was found; identifiers without any are left out."""
        return {name: Hit(name, *counts) for name, counts in self.counts.items() if any(counts)}

    def take(self, plan: Plan, values: list[str]) -> None:
        """Count values of one shape."""
        settled: set[str] = set()
        days = [*map(read_day, values)] if plan.dated else []
        self.days.extend(filter(None, days))
        bare = [*map(compact, values)] if plan.separated else values
        for identifier, always in plan.whole:
            read = bare if identifier.separators else values
            shaped = passed = range(len(values))
            if not always:
                matches = identifier.shape.fullmatch
                shaped = [place for place, value in enumerate(read) if matches(value)]
                passed = self._holding(identifier, read, shaped, days)
            counts = self.counts[identifier.id]
            counts[0] += len(shaped)
            counts[1] += len(passed)
            if identifier.id == PERSON:
                self.people.update(values[place] for place in passed)
            if plan.text and identifier.strength != "context-only":
                settled.update(values[place] for place in passed)
        if plan.masked:
            self._take_masked([value for value in values if _STARRED.search(value)])
        if plan.text or plan.token:
            for value in values:
                if plan.token or value in settled:
                    self._take_glued(value)
                else:
                    self._take_text(value)

    def _holding(self, identifier: Identifier, read: list[str], shaped: list[int],
                 days: list[Day | None]) -> list[int]:
        """Places of the values that hold the checks; days are read but once."""
        if identifier.checks == (calendar,) and days:
            return [place for place in shaped if days[place]]
        holds = identifier.holds
        return [place for place in shaped if holds(read[place])]

    def _take_masked(self, values: Iterable[str]) -> None:
        for identifier in self.identifiers:
            if identifier.masked is not None:
                self.counts[identifier.id][2] += sum(map(identifier.is_masked, values))

    def _take_text(self, value: str) -> None:
        """Count what stands within a value, or makes up the whole of it as a list."""
        digits = shape_of(value).count(DIGIT)
        for identifier, least, needs in self.searched:
            if digits < least or needs not in value:
                continue
            if spans := identifier.spans(value):
                whole = _is_all(value, sorted(spans))
                counts = self.counts[identifier.id]
                counts[0] += whole
                counts[1] += whole
                counts[3] += not whole
            elif identifier.glued:
                self.counts[identifier.id][3] += identifier.is_glued_in(value)

    def _take_glued(self, value: str) -> None:
        """Count a number within a longer number that is something by itself."""
        for identifier in self.glued:
            self.counts[identifier.id][3] += identifier.is_glued_in(value)


def _is_all(value: str, spans: list[tuple[int, int]]) -> bool:
    """Whether nothing but separators stands outside the spans."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(value)]
    return all(_BETWEEN.fullmatch(value, end, start) is not None
               for end, start in zip(ends, starts, strict=True) if end <= start)


def by_shape(values: Iterable[str]) -> dict[str, list[str]]:
    """Distinct folded values by their shape."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in values:
        groups[shape_of(value)].append(value)
    return groups
