"""What the rules say of columns somebody tries on them; nothing of it is stored or recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.callers import Caller
from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.classification.rule_words import Duty
from app.domain.classification.verdicts import Verdict
from app.domain.grounds import Words
from app.engines.classification.classifier import TableVerdict, classify
from app.engines.classification.escalations import escalations
from app.engines.classification.rules import identifiers
from app.engines.classification.suggestions import GradingRules
from app.queries.fields import Sentence
from app.queries.query import may_read
from app.queries.rule_library import Named, RuleVersion, rule_version


@dataclass(frozen=True)
class Tried:
    """A column to be tried: its names, and values one after the other."""

    name: str
    title: str = ""
    type: str = ""
    values: Sequence[str] = ()


@dataclass(frozen=True)
class ColumnVerdict:
    """What one column is found to hold. `confidence` is in percent; `values` are distinct ones."""

    name: str
    element: str
    title: Sentence
    identifier: str
    identifier_title: Sentence
    category: str
    level: int
    personal: bool
    sensitive: bool
    treatment: str
    confidence: int
    values: int
    runners_up: tuple[Named, ...]
    why: tuple[Sentence, ...]


@dataclass(frozen=True)
class Tally:
    """The verdicts on a table, the context it was graded in, and what its company raises."""

    rules: RuleVersion
    context: Sentence
    level: int
    raised_by: tuple[Named, ...]
    duties: tuple[str, ...]
    columns: tuple[ColumnVerdict, ...]


def tried(rt, caller: Caller, spec: tuple[str, str, str], columns: Sequence[Tried]) -> Tally:
    """The verdict on each column, in their order.

    Args:
        spec: code name, title and department of the table; each may be empty.

    Raises:
        NotAllowed
    """
    may_read(rt, caller, "rule_trial")
    rules = rt.grading_rules()
    longest = max((len(column.values) for column in columns), default=0)
    name, title, department = spec
    table = TableSpec(name, title, department, tuple(
        ColumnSpec(one.name, one.title, one.type) for one in columns))
    values = {one.name: [*one.values, *[None] * (longest - len(one.values))] for one in columns}
    [found] = classify([TableSample(table, values)], book=rules.book)
    whole = found.whole
    return Tally(
        rule_version(rt), _sentence(rules.book.regimes[found.about.regime].title), whole.level,
        _raised(found), tuple(str(duty) for duty in Duty if str(duty) in whole.duties),
        tuple(_verdict(rules, name, verdict) for name, verdict in found.columns.items()))


def _raised(found: TableVerdict) -> tuple[Named, ...]:
    titles = {rule.id: rule.title for rule in escalations().rules}
    return tuple(Named(rule, _sentence(titles[rule])) for rule in found.whole.applied)


def _verdict(rules: GradingRules, name: str, found: Verdict) -> ColumnVerdict:
    element, proposed = rules.book.elements.get(found.element or ""), rules.suggestion(found)
    known = identifiers().all.get(found.identifier or "")
    return ColumnVerdict(
        name, element.id if element else "", _sentence(element.title) if element
        else Sentence("", ""), known.id if known else "", Sentence(known.zh, known.en) if known
        else Sentence("", ""), proposed.category, found.level, found.personal,
        proposed.sensitive, proposed.treatment, proposed.confidence, found.distinct,
        tuple(Named(each, _sentence(rules.title(each))) for each in found.runners_up),
        tuple(map(_sentence, rules.said(found.why))))


def _sentence(words: Words) -> Sentence:
    return Sentence(words.zh, words.en)
