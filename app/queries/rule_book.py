"""Rules by which company raises levels, and the schemes levels come from, as people read them."""

from dataclasses import dataclass

from app.domain.callers import Caller
from app.domain.classification.escalation import Rule
from app.domain.classification.rule_words import Duty
from app.engines.classification.escalations import escalations
from app.engines.classification.schemes import Scheme, schemes
from app.queries.fields import Sentence
from app.queries.query import Filters, Page, may_read, query
from app.queries.rule_library import RuleVersion, missing, paged, rule_version


@dataclass(frozen=True)
class RuleLine:
    """One rule of the list; `floor` is None where the level follows from the fields."""

    id: str
    number: str
    name: Sentence
    floor: int | None
    personal: bool
    basis: Sentence
    known: str
    rules: RuleVersion


@dataclass(frozen=True)
class TriedSet:
    """An example that runs as a test: what the set holds, what is known of it, what comes of it."""

    fields: Sentence
    told: str
    comes: str


@dataclass(frozen=True)
class RuleSheet:
    """One rule of escalation with its examples."""

    id: str
    number: str
    name: Sentence
    condition: str
    floor: int | None
    personal: bool
    duties: tuple[str, ...]
    basis: Sentence
    known: str
    examples: tuple[TriedSet, ...]
    rules: RuleVersion


@dataclass(frozen=True)
class SchemeLine:
    """One scheme of the list."""

    id: str
    number: str
    name: Sentence
    standard: str
    in_force: str
    gives: str
    known: str
    elements: int
    rules: RuleVersion


@dataclass(frozen=True)
class Release:
    """A unified level, what it is elsewhere, and how it may leave the zone."""

    level: int
    gbt43697: str
    jrt0171: str
    release: Sentence


@dataclass(frozen=True)
class SchemeSheet:
    """One scheme with its dates and levels, and the unified levels."""

    id: str
    number: str
    name: Sentence
    standard: str
    issued: str
    in_force: str
    gives: str
    known: str
    levels: tuple[str, ...]
    above: tuple[str, ...]
    minimum: bool
    replaces: str
    elements: int
    unified: tuple[Release, ...]
    rules: RuleVersion


@query("escalation_rule", "上提规则", "Escalation rules")
def escalation_rules(rt, caller: Caller, filters: Filters) -> Page[RuleLine]:
    """Rules in the order they are applied; `q` finds id, title and basis."""
    may_read(rt, caller, "escalation_rule")
    version = rule_version(rt)
    return paged((RuleLine(rule.id, rule.id, Sentence(rule.title.zh, rule.title.en), _floor(rule),
                           rule.personal, Sentence(rule.basis.zh, rule.basis.en),
                           rule.status, version)
                  for rule in escalations().rules), filters, "id", "name", "basis")


@query("escalation_rule", "上提规则", "Escalation rule", single=True)
def escalation_rule(rt, caller: Caller, ref: str) -> RuleSheet:
    """One rule by id."""
    may_read(rt, caller, "escalation_rule")
    rule = next((rule for rule in escalations().rules if rule.id == ref), None)
    if rule is None:
        raise missing("escalation_rule")
    return RuleSheet(rule.id, rule.id, Sentence(rule.title.zh, rule.title.en), rule.condition,
                     _floor(rule), rule.personal, _duties(rule),
                     Sentence(rule.basis.zh, rule.basis.en), rule.status,
                     tuple(_tried(rt, example) for at, example in escalations().examples
                           if at == rule.id), rule_version(rt))


def _floor(rule: Rule) -> int | None:
    return rule.floor if rule.floor > 1 else None


def _duties(rule: Rule) -> tuple[str, ...]:
    known = {str(duty) for duty in Duty}
    return tuple(duty for duty in rule.duties if duty in known)


def _tried(rt, example: dict) -> TriedSet:
    """An example: its fields in words, what is known and what comes of it by code."""
    known = {key: value for key, value in example["set"].items() if key != "items"}
    comes = {key: value for key, value in example.items() if key != "set"}
    fields = [(rt.grading_rules().title(item["element"]), item["level"])
              for item in example["set"]["items"]]
    return TriedSet(Sentence("、".join(f"{title.zh} L{level}" for title, level in fields),
                             ", ".join(f"{title.en} L{level}" for title, level in fields)),
                    _codes(known), _codes(comes))


def _codes(told: dict) -> str:
    return ", ".join(f"{key} {_code(value)}" for key, value in told.items())


def _code(value: object) -> str:
    """A value of an example as it stands in its file."""
    if isinstance(value, dict):
        return " ".join(f"{name}: {at}" for name, at in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


@query("grading_scheme", "分级标准", "Grading schemes")
def grading_schemes(rt, caller: Caller, filters: Filters) -> Page[SchemeLine]:
    """Schemes as the rules hold them; `q` finds title and number."""
    may_read(rt, caller, "grading_scheme")
    version = rule_version(rt)
    return paged((SchemeLine(one.id, one.id, Sentence(one.title.zh, one.title.en), one.number,
                             one.in_force.isoformat(), one.gives, one.known, _graded(rt, one),
                             version) for one in schemes().all.values()),
                 filters, "id", "name", "standard")


@query("grading_scheme", "分级标准", "Grading scheme", single=True)
def grading_scheme(rt, caller: Caller, ref: str) -> SchemeSheet:
    """One scheme by id."""
    may_read(rt, caller, "grading_scheme")
    one = schemes().all.get(ref)
    if one is None:
        raise missing("grading_scheme")
    return SchemeSheet(
        one.id, one.id, Sentence(one.title.zh, one.title.en), one.number, one.issued.isoformat(),
        one.in_force.isoformat(), one.gives, one.known, one.levels, one.above, one.minimum,
        one.replaces, _graded(rt, one), tuple(
            Release(each.level, each.gbt43697, each.jrt0171,
                    Sentence(each.release.zh, each.release.en))
            for each in schemes().unified.values()), rule_version(rt))


def _graded(rt, scheme: Scheme) -> int:
    """How many elements the scheme speaks of."""
    return sum(scheme.id in (*one.schemes, *one.sensitive)
               for one in rt.grading_rules().book.elements.values())
