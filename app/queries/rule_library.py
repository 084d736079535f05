"""Identifiers and data elements of the rules in force, for everybody who grades or checks grades.

Rules are the same for all: nobody's scope narrows them. Their examples are synthetic.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field

from app.domain.callers import Caller
from app.domain.classification.elements import Element
from app.domain.classification.identifiers import Identifier
from app.domain.classification.rule_words import Example, check_words, source_of
from app.domain.refusals import NotFound
from app.engines.classification.rules import identifiers as known_identifiers
from app.engines.classification.schemes import is_sensitive, schemes
from app.engines.classification.suggestions import LEVELS, proposer
from app.queries.fields import Sentence
from app.queries.query import Filters, Page, may_read, query

T = TypeVar("T")


class IdentifierFilters(Filters):
    """Identifiers by whom they point to, how strong one value is, and whose rule states them."""

    subject: str = Field("", max_length=20, title="指向", json_schema_extra={"en": "Points to"})
    strength: str = Field("", max_length=20, title="强度", json_schema_extra={"en": "Strength"})
    source: str = Field("", max_length=20, title="来源", json_schema_extra={"en": "Source"})


class ElementFilters(Filters):
    """Elements by family, level, whether personal, and the scheme that speaks of them."""

    family: str = Field("", max_length=20, title="类别", json_schema_extra={"en": "Family"})
    level: int | None = Field(None, ge=1, le=5, title="级别", json_schema_extra={"en": "Level"})
    personal: str = Field("", max_length=3, title="个人信息",
                          json_schema_extra={"en": "Personal"})
    scheme: str = Field("", max_length=20, title="标准", json_schema_extra={"en": "Scheme"})


@dataclass(frozen=True)
class RuleVersion:
    """Which rules these are, and the day their sources were last looked at."""

    by: Sentence
    assessed: str


@dataclass(frozen=True)
class IdentifierLine:
    """One identifier of the list."""

    id: str
    number: str
    name: Sentence
    subject: str
    strength: str
    source: Sentence
    elements: int
    rules: RuleVersion


@dataclass(frozen=True)
class Named:
    """A rule by its id, in words."""

    id: str
    title: Sentence


@dataclass(frozen=True)
class Shown:
    """One example and what it shows."""

    value: str
    kind: str


@dataclass(frozen=True)
class IdentifierSheet:
    """One identifier. `shape` is its form in words, `chance` how often a random value of that form
    would hold the checks, in parts of ten thousand."""

    id: str
    number: str
    name: Sentence
    subject: str
    strength: str
    source: Sentence
    shape: Sentence
    checks: Sentence
    chance: int
    in_text: bool
    chinese: tuple[str, ...]
    english: tuple[str, ...]
    pinyin: tuple[str, ...]
    against: tuple[str, ...]
    examples: tuple[Shown, ...]
    collisions: tuple[Named, ...]
    elements: tuple[Named, ...]
    rules: RuleVersion


@dataclass(frozen=True)
class ElementLine:
    """One element of the list; `level` is the one before any company of other fields."""

    id: str
    number: str
    name: Sentence
    family: str
    kind: str
    level: int
    personal: bool
    sensitive: bool
    treatment: str
    rules: RuleVersion


@dataclass(frozen=True)
class SchemeLevel:
    """What one scheme says of an element."""

    id: str
    title: Sentence
    number: str
    level: str
    minimum: bool


@dataclass(frozen=True)
class LevelTreatment:
    """How an element leaves by default where it stands at a level."""

    level: int
    treatment: str


@dataclass(frozen=True)
class ElementSheet:
    """One element with its level in each scheme, its words, its category and its treatments."""

    id: str
    number: str
    name: Sentence
    family: str
    kind: str
    level: int
    personal: bool
    sensitive: bool
    category: str
    path: str
    treatment: str
    schemes: tuple[SchemeLevel, ...]
    treatments: tuple[LevelTreatment, ...]
    chinese: tuple[str, ...]
    english: tuple[str, ...]
    pinyin: tuple[str, ...]
    identifiers: tuple[Named, ...]
    rules: RuleVersion


def rule_version(rt) -> RuleVersion:
    """The version of the rules this process judges by."""
    words = proposer(rt.grading_rules().by)
    return RuleVersion(Sentence(words.zh, words.en), schemes().assessed.isoformat())


def paged(items: Iterable[T], filters: Filters, *texts: str) -> Page[T]:
    """One page of what the keyword is found in; `texts` name the members it is looked for in."""
    wanted = filters.q.casefold()
    found = [item for item in items
             if wanted in " ".join(_text(getattr(item, name)) for name in texts).casefold()]
    return Page(tuple(found[filters.offset:filters.offset + filters.limit]), len(found),
                filters.limit, filters.offset)


def _text(value) -> str:
    return f"{value.zh} {value.en}" if isinstance(value, Sentence) else str(value)


def missing(noun: str) -> NotFound:
    """The refusal of a rule that these rules do not hold."""
    return NotFound("规则中没有这一项", "the rules hold no such thing", noun=noun)


@query("identifier", "识别规则", "Identifiers")
def identifiers(rt, caller: Caller, filters: IdentifierFilters) -> Page[IdentifierLine]:
    """Identifiers by id; `q` finds id, titles and source."""
    may_read(rt, caller, "identifier")
    rules = rule_version(rt)
    lines = (IdentifierLine(one.id, one.id, Sentence(one.zh, one.en), one.subject, one.strength,
                            Sentence(one.source.zh, one.source.en), len(_users(rt, one.id)), rules)
             for one in known_identifiers()
             if filters.subject in ("", one.subject) and filters.strength in ("", one.strength)
             and filters.source in ("", source_of(one.source.en)))
    return paged(lines, filters, "id", "name", "source")


@query("identifier", "识别规则", "Identifier", single=True)
def identifier(rt, caller: Caller, ref: str) -> IdentifierSheet:
    """One identifier by id."""
    may_read(rt, caller, "identifier")
    one = known_identifiers().all.get(ref)
    if one is None:
        raise missing("identifier")
    named = one.check_names
    told = [check_words(name) for name in named]
    return IdentifierSheet(
        one.id, one.id, Sentence(one.zh, one.en), one.subject, one.strength,
        Sentence(one.source.zh, one.source.en),
        _shape(one), Sentence("；".join(zh for zh, _ in told) or "无", "; ".join(
            en for _, en in told) or "none"), round(one.floor * 10_000), one.searched,
        one.hints.zh, one.hints.en, one.hints.pinyin, one.against, _examples(one),
        _named(one.collisions), _users(rt, one.id), rule_version(rt))


def _shape(one: Identifier) -> Sentence:
    """The form in words, from what the pattern says of lengths and digits."""
    least, most, digits = one.gate.least, one.gate.most, one.gate.digits
    zh, en = [f"{least} 个字符" if least == most else f"{least} 至 {most} 个字符"], [
        f"{least} characters" if least == most else f"{least} to {most} characters"]
    if digits == most:
        zh, en = [*zh, "全为数字"], [*en, "all digits"]
    elif digits:
        zh, en = [*zh, f"其中至少 {digits} 位数字"], [*en, f"at least {digits} of them digits"]
    if one.gate.needs and not one.gate.needs.isdigit():
        zh, en = [*zh, f"含「{one.gate.needs}」"], [*en, f"with {one.gate.needs!r}"]
    if one.separators:
        zh, en = [*zh, "空格与连字符不计"], [*en, "blanks and hyphens left aside"]
    return Sentence("，".join(zh), ", ".join(en))


def _examples(one: Identifier) -> tuple[Shown, ...]:
    return tuple(Shown(value, str(kind)) for kind, values in (
        (Example.VALID, one.examples.valid), (Example.INVALID, one.examples.invalid),
        (Example.MASKED, one.examples.masked)) for value in values)


def _named(ids: Sequence[str]) -> tuple[Named, ...]:
    known = known_identifiers()
    return tuple(Named(each, Sentence(known[each].zh, known[each].en)) for each in ids)


def _users(rt, ref: str) -> tuple[Named, ...]:
    return tuple(Named(one.id, Sentence(one.title.zh, one.title.en))
                 for one in rt.grading_rules().book.elements.values() if ref in one.identifiers)


@query("data_element", "数据元", "Data elements")
def data_elements(rt, caller: Caller, filters: ElementFilters) -> Page[ElementLine]:
    """Elements in the order of their files; `q` finds id and titles."""
    may_read(rt, caller, "data_element")
    rules, version = rt.grading_rules(), rule_version(rt)
    lines = (ElementLine(one.id, one.id, Sentence(one.title.zh, one.title.en),
                         one.family, one.kind, one.level, one.personal,
                         is_sensitive(one, one.level), rules.treatment(one.id, one.level), version)
             for one in rules.book.elements.values() if _fits(one, filters))
    return paged(lines, filters, "id", "name")


def _fits(one: Element, filters: ElementFilters) -> bool:
    return (filters.family in ("", one.family)
            and filters.level in (None, one.level)
            and filters.personal in ("", "yes" if one.personal else "no")
            and filters.scheme in ("", *one.schemes, *one.sensitive))


@query("data_element", "数据元", "Data element", single=True)
def data_element(rt, caller: Caller, ref: str) -> ElementSheet:
    """One element by id."""
    may_read(rt, caller, "data_element")
    rules = rt.grading_rules()
    one = rules.book.elements.get(ref)
    if one is None:
        raise missing("data_element")
    words = one.words
    return ElementSheet(
        one.id, one.id, Sentence(one.title.zh, one.title.en), one.family, one.kind, one.level,
        one.personal, is_sensitive(one, one.level), rules.filed[one.id], one.category,
        rules.treatment(one.id, one.level), _levels(one),
        tuple(LevelTreatment(level, rules.treatment(one.id, level))
              for level in range(1, LEVELS + 1)),
        words.zh, words.en, words.initials, _named(one.identifiers), rule_version(rt))


def _levels(one: Element) -> tuple[SchemeLevel, ...]:
    """What each scheme says: its level, or that its list of sensitive information names it."""
    return tuple(
        SchemeLevel(scheme.id, Sentence(scheme.title.zh, scheme.title.en), scheme.number,
                    str(one.schemes.get(scheme.id, "★")), scheme.minimum)
        for scheme in schemes().all.values() if scheme.id in (*one.schemes, *one.sensitive))
