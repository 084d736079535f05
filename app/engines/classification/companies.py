"""What a sample tells of a table as a whole: people, how singled out, minors, sole traders."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.domain.classification.dates import read_day
from app.domain.classification.elements import Elements
from app.domain.classification.facts import TableSample
from app.domain.classification.folding import compact, fold
from app.domain.classification.graded_sets import FieldSet
from app.domain.classification.identifiers import Identifiers
from app.domain.classification.strictest import Possible
from app.domain.classification.verdicts import Verdict
from app.engines.classification.escalations import escalations, item
from app.engines.classification.schemes import schemes
from app.engines.classification.words import RULES, elements
from app.engines.rulefiles import unpack
from app.engines.strict_yaml import BadRule, document


@dataclass(frozen=True)
class Known:
    """By what people, minors and sole traders are known; `grading/companies.yaml` says more."""

    people: Sequence[str]
    minor_under: int
    birth_days: Sequence[str]
    birth_within: Mapping[str, Sequence[int]]
    sole_codes: Mapping[str, str]
    sole_names: Mapping[str, Sequence[str]]
    never_sole: Sequence[str]
    sole_titles: Sequence[str]
    mixed_titles: Sequence[str]


@cache
def known(folder: Path = RULES) -> Known:
    """By what people, minors and sole traders are known.

    Raises:
        BadRule: a member is missing or unknown, or an element is not declared.
    """
    told = unpack(Known, document(folder / "grading" / "companies.yaml"), "companies.yaml")
    spoken = {*told.people, *told.birth_days, *told.birth_within, *told.sole_codes,
              *told.sole_names}
    if unknown := spoken - set(elements(folder).elements):
        raise BadRule(f"companies.yaml: there is no element `{min(unknown)}`")
    return told


@dataclass(frozen=True)
class _Columns:
    """The values of a sample by the elements its columns may be."""

    sample: TableSample
    meant: Mapping[str, frozenset[str]]

    def of(self, element: str) -> Iterator[Sequence[str | None]]:
        """The values of each column that may be this element; none where no value was read."""
        for name, may_be in self.meant.items():
            if element in may_be:
                yield self.sample.values.get(name, ())

    def folded(self, element: str) -> Iterator[str]:
        return (fold(value) for column in self.of(element) for value in set(column) if value)


def field_set(sample: TableSample, verdicts: Mapping[str, Verdict],
              meant: Sequence[frozenset[str]], about: Possible, book: Elements,
              identifiers: Identifiers) -> FieldSet:
    """The graded fields of a table, and what its sample tells of the whole.

    Args:
        meant: the elements each field may be.
    """
    items = tuple(item(book.elements.get(verdict.element or ""), verdict.level, verdict.personal,
                       may_be, about.published)
                  for verdict, may_be in zip(verdicts.values(), meant, strict=True))
    columns = _Columns(sample, dict(zip(verdicts, meant, strict=True)))
    persons = _persons(columns)
    return FieldSet(
        items, persons=persons or 0, uncounted=persons is None, k=_fewest_alike(columns),
        minors=about.under("minors") or any(_minors(columns, identifiers)),
        sole_traders=any(_sole_traders(columns)), sole_traders_only=_of_sole_traders(sample))


def _persons(columns: _Columns) -> int | None:
    """Distinct natural persons of all rows, by the column that shows most; ``None`` if unknown."""
    people = [column for element in known().people for column in columns.of(element)]
    total = columns.sample.rows_total
    if not people:
        return 0
    if total is None or not any(people):  # unknown, or no row was read
        return total
    return max(round(len({one for one in column if one}) / len(column) * total)
               for column in people if column)


def _fewest_alike(columns: _Columns) -> int | None:
    """Fewest rows of the sample that share the same quasi-identifiers; ``None`` if unknown."""
    quasi = [element for element, traits in escalations().traits.items() if "quasi" in traits]
    read: Sequence[Sequence] = [column for element in quasi for column in columns.of(element)
                                if column]
    return min(Counter(zip(*read, strict=True)).values(), default=None) if read else None


def _minors(columns: _Columns, identifiers: Identifiers) -> Iterator[bool]:
    """For each day of birth of the sample, whether it is a minor's on the day of assessment."""
    for element in known().birth_days:
        yield from (_is_minor(value) for value in columns.folded(element))
    for element, (begin, end) in known().birth_within.items():
        yield from (_is_minor(value[begin:end]) for value in map(compact, columns.folded(element))
                    if identifiers[element].passes(value))


def _is_minor(written: str) -> bool:
    day, now = read_day(written), schemes().assessed
    if day is None or day.endless:
        return False
    born, today = (day.year, day.month, day.day), (now.year, now.month, now.day)
    return (today[0] - known().minor_under, *today[1:]) < born <= today


def _sole_traders(columns: _Columns) -> Iterator[bool]:
    """For each code and name of an enterprise, whether it is a sole trader's."""
    for element, begin in known().sole_codes.items():
        yield from (value.startswith(begin) for value in columns.folded(element))
    for element, ends in known().sole_names.items():
        yield from (value.endswith(tuple(ends)) and not any(
            word in value for word in known().never_sole) for value in columns.folded(element))


def _of_sole_traders(sample: TableSample) -> bool:
    title = sample.spec.title
    return any(word in title for word in known().sole_titles) and not any(
        word in title for word in known().mixed_titles)
