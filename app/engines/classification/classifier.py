"""From a sample of a table to the verdict on each of its columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from app.domain.classification.business import Setting
from app.domain.classification.elements import Elements
from app.domain.classification.escalation import Outcome, escalate
from app.domain.classification.facts import ColumnSpec, Profile, TableSample, TableSpec
from app.domain.classification.graded_sets import Item
from app.domain.classification.grounds import counted, named
from app.domain.classification.identifiers import Identifiers
from app.domain.classification.inference import infer
from app.domain.classification.profiling import profile
from app.domain.classification.strictest import meanings, narrowed, possible, strictest
from app.domain.classification.verdicts import Reason, Verdict, doubted
from app.domain.classification.witnesses import witnessed
from app.engines.classification.companies import field_set
from app.engines.classification.escalations import escalations
from app.engines.classification.rules import identifiers
from app.engines.classification.schemes import schemes
from app.engines.classification.words import elements


class Sight(Enum):
    """What a classifier may look at."""

    ALL = "all"
    NAMES = "names"
    VALUES = "values"


@dataclass(frozen=True)
class TableVerdict:
    """What a table is about, and what each of its columns holds; no value of it.

    Args:
        whole: the table graded as one, with what follows from its size and company.
    """

    spec: TableSpec
    about: Setting
    columns: Mapping[str, Verdict]
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    whole: Outcome | None = None


def classify(samples: Iterable[TableSample], sight: Sight = Sight.ALL,
             book: Elements | None = None,
             known: Identifiers | None = None) -> Iterator[TableVerdict]:
    """The verdict on each table, as it is read.

    Args:
        sight: NAMES looks at no value, VALUES at no name.
        book, known: the rules to judge by; those in `classification_rules` unless given.
    """
    book, known = book or elements(), known or identifiers()
    for sample in samples:
        texts = {} if sight is Sight.NAMES else {
            column.name: _texts(sample.values.get(column.name, ()))
            for column in sample.spec.columns}
        profiles = witnessed(texts, {name: profile(found, known) for name, found in texts.items()})
        seen = _unnamed(sample.spec) if sight is Sight.VALUES else _titled(sample.spec)
        renamed = _renamed(profiles, sample.spec, seen)
        counts = {column.name: counted(renamed.get(column.name), named(column, book), known, book)
                  for column in seen.columns}
        may_be = possible(seen, book, counts)
        verdicts = infer(seen, renamed, counts, may_be, narrowed(may_be.told, book), known)
        judged = strictest(verdicts, counts, may_be, book)
        meant = tuple(meanings(counts, may_be, book).values())
        columns = {column.name: judged[other.name]
                   for column, other in zip(sample.spec.columns, seen.columns, strict=True)}
        whole = escalate(field_set(replace(sample, values=texts), columns, meant, may_be, book,
                                   known), escalations().rules)
        alone = (verdicts[column.name] for column in seen.columns)
        settled = {name: _settled(first, last, book) for first, (name, last) in zip(
            alone, _written_back(columns, whole).items(), strict=True)}
        yield TableVerdict(sample.spec, may_be.likely, settled, profiles, sample.notes, whole)


def _settled(alone: Verdict, settled: Verdict, book: Elements) -> Verdict:
    """A verdict as it is given: what its company changed is less sure than what it says itself."""
    same = (alone.level, alone.personal) == (settled.level, settled.personal)
    return settled if same else doubted(settled, book)


def _written_back(columns: Mapping[str, Verdict], whole: Outcome) -> Mapping[str, Verdict]:
    """The verdicts with what the rules of escalation raised; what may fall stays advice."""
    return {name: raised(verdict, item)
            for (name, verdict), item in zip(columns.items(), whole.items, strict=True)}


def raised(verdict: Verdict, item: Item) -> Verdict:
    """A verdict at the level of its company, with the rules that raised it; never lower."""
    code = "raised" if item.level > verdict.level else "made-personal"
    why = tuple(Reason(code, (("rule", rule), ("level", str(item.level)))) for rule in item.raised)
    return replace(verdict, level=max(verdict.level, item.level),
                   personal=verdict.personal or item.personal, why=(*verdict.why, *why))


def _texts(values: Sequence[object]) -> Sequence[str | None]:
    """Values as text: drivers give numbers, days and bytes as well."""
    return [value if value is None or isinstance(value, str)
            else value.decode("utf-8", "replace") if isinstance(value, bytes)
            else str(value) for value in values]


def _titled(spec: TableSpec) -> TableSpec:
    """The table with names in Chinese taken for titles where nobody gave any, as in a sheet."""
    return replace(spec, title=spec.title or _han(spec.name), columns=tuple(
        replace(column, title=column.title or _han(column.name)) for column in spec.columns))


def _han(name: str) -> str:
    return name if any("\u4e00" <= letter <= "\u9fff" for letter in name) else ""


def _unnamed(spec: TableSpec) -> TableSpec:
    blank = tuple(ColumnSpec(f"_{number}") for number, _ in enumerate(spec.columns))
    return replace(spec, name="_", title="", department="", columns=blank)


def _renamed(profiles: Mapping[str, Profile], spec: TableSpec,
             seen: TableSpec) -> Mapping[str, Profile]:
    return {other.name: profiles[column.name]
            for column, other in zip(spec.columns, seen.columns, strict=True)
            if column.name in profiles}


def reasons(verdict: Verdict, language: str = "zh", book: Elements | None = None,
            known: Identifiers | None = None) -> tuple[str, ...]:
    """Why a verdict was given, in sentences; ``language`` is zh or en."""
    book, known = book or elements(), known or identifiers()
    said = []
    for reason in verdict.why:
        blanks = {key: _told(key, value, language, book, known) for key, value in reason.blanks}
        said.append(getattr(book.reasons[reason.code], language).format(**blanks))
    return tuple(said)


def _told(blank: str, value: str, language: str, book: Elements, known: Identifiers) -> str:
    """What stands in a blank, as people know it; as it is where no rule names it any more."""
    if blank == "schemes":
        told = schemes().all
        return ", ".join(f"{told[scheme].number} {level}" if scheme in told else given
                         for given in value.split(", ") for scheme, _, level in
                         [given.partition(" ")])
    if blank == "rule":
        titles = {rule.id: rule.title for rule in escalations().rules}
        return f"{value} {getattr(titles[value], language)}" if value in titles else value
    if blank == "identifier" and value in known.all:
        return getattr(known[value], language)
    named = {"element": book.elements, "regime": book.regimes, "source": book.regimes,
             "business": {each.id: each for each in book.businesses}}.get(blank, {})
    if value not in named:
        return value
    text = named[value].source if blank == "source" else named[value].title
    return getattr(text, language)
