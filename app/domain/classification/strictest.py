"""A column is graded by the strictest of the settings its table may be in.

What a table is about is read from its title; where the title says nothing, from its columns.
Columns then only add settings: one more of them may show that rows are people, and none shows that
they are not. So no column added to a table lowers what stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.domain.classification.business import Setting, setting
from app.domain.classification.elements import Business, Elements
from app.domain.classification.facts import TableSpec
from app.domain.classification.meanings import candidates, element_of, summed
from app.domain.classification.naming import Reading
from app.domain.classification.verdicts import Candidate, Reason, Verdict, grade

NOTHING = Setting("", "neutral")
PEOPLE = Setting("person", "persons")
SHOWN = 0.5  # how surely columns are identifiers of people before rows are taken for people


@dataclass(frozen=True)
class Possible:
    """The settings a table may be in.

    Args:
        told: by its title and code name alone.
        also: by its columns as well; none where its title says enough.
        named: how the name of each column is read, whatever the table.
    """

    told: Setting
    also: tuple[Setting, ...]
    named: Mapping[str, Reading]

    @property
    def published(self) -> bool:
        """Its title says it is published, and its columns show nothing that is not."""
        return {self.told.regime, *(one.regime for one in self.also)} == {"public"}

    def under(self, regime: str) -> bool:
        """Whether it may be in this regime."""
        return regime in (self.told.regime, *(one.regime for one in self.also))


@dataclass(frozen=True)
class _Table:
    spec: TableSpec
    book: Elements

    @cached_property
    def told(self) -> Setting:
        return setting(replace(self.spec, columns=()), {}, self.book)

    @cached_property
    def read(self) -> Mapping[str, Sequence[Candidate]]:
        """What each column may be by its names, were nothing known of the table."""
        return {column.name: candidates(replace(column, refused=()), NOTHING, self.book)
                for column in self.spec.columns}

    @cached_property
    def sure(self) -> Mapping[str, float]:
        """Element to how surely columns are that by their names, summed up over the columns."""
        return summed(self.read.values())

    def shows(self, named: str) -> bool:
        """Whether columns are, surely enough, what a set of elements names."""
        return sum(self.sure.get(element, 0.0) for element in self.book.sets[named]) >= SHOWN

    def says_enterprises(self) -> bool:
        return any(word in self.spec.title for word in self.book.enterprise)

    def taken_for(self, business: Business | None) -> Setting:
        """The setting with this business or none to choose from."""
        return setting(self.spec, self.sure, replace(
            self.book, businesses=(business,) if business else ()))


def possible(spec: TableSpec, book: Elements) -> Possible:
    """The settings a table may be in, by its names."""
    table = _Table(spec, book)
    named = {name: found[0].reading for name, found in table.read.items()
             if found and found[0].reading}
    return Possible(table.told, tuple(_also(table)), named)


def narrowed(told: Setting, book: Elements) -> Elements:
    """The rules with the business a title names as the only one."""
    return replace(book, businesses=(told.business,)) if told.business else book


def strictest(verdicts: Mapping[str, Verdict], about: Possible,
              book: Elements) -> Mapping[str, Verdict]:
    """The verdicts on columns, each raised to what it would be in any of the settings."""
    kept = _kept(about.told, book)
    return {name: _raised(verdict, about.named.get(name), about, kept, book)
            for name, verdict in verdicts.items()}


def _raised(verdict: Verdict, reading: Reading | None, about: Possible, kept: frozenset[str],
            book: Elements) -> Verdict:
    level, personal, why = verdict.level, verdict.personal, []
    for one in about.also:
        for element, read in _meant(verdict, reading, one, book):
            least, of_people = grade(element, read, one, book)
            if least > level or of_people > personal:
                level, personal = max(level, least), personal or of_people
                why.append(Reason("regime", (("regime", one.regime), ("level", str(level)),
                                             ("source", one.regime))))
    own = max((book.elements[element].level
               for element in kept & _meanings(verdict, reading, about, book)), default=1)
    if own > level:
        level = own
        why.append(Reason("own", (("level", str(own)),)))
    return replace(verdict, level=level, personal=personal, why=(*verdict.why, *why))


def _kept(told: Setting, book: Elements) -> frozenset[str]:
    """Elements that a table of people may lower only if its title names a business about them.

    School rolls of universities are below those of schools, but columns do not tell one from the
    other.
    """
    lowered = {element for regime in book.regimes.values() if regime.personal
               for element, level in regime.levels.items() if level < book.elements[element].level}
    return frozenset(lowered.difference(told.business.elements if told.business else ()))


def meanings(verdicts: Mapping[str, Verdict], about: Possible,
             book: Elements) -> Mapping[str, frozenset[str]]:
    """The elements each column may be in any of the settings."""
    return {name: _meanings(verdict, about.named.get(name), about, book)
            for name, verdict in verdicts.items()}


def _meanings(verdict: Verdict, reading: Reading | None, about: Possible,
              book: Elements) -> frozenset[str]:
    return frozenset(element for one in (NOTHING, *about.also)
                     for element, _ in _meant(verdict, reading, one, book) if element)


def _meant(verdict: Verdict, reading: Reading | None, about: Setting,
           book: Elements) -> Iterator[tuple[str, Reading | None]]:
    """What a column is by its name in a setting, and what it was found to be."""
    named = element_of(reading, about, book) if reading else ""
    if named:
        yield named, reading
    if verdict.element != named:
        yield verdict.element or "", None


def _also(table: _Table) -> Iterator[Setting]:
    told, book = table.told, table.book
    if not table.sure:
        return  # not one name was read
    people = table.shows("person_ids")
    if told.business is None:
        for business in book.businesses:
            yield from _by_columns(table, business)
        yield table.taken_for(None)
    elif told.business.doubt and not table.says_enterprises():
        yield Setting(told.business.doubt, "persons", told.business)
    if told.regime == "internal" or told.business is None:
        yield from (PEOPLE,) if people else ()
    if people and table.shows("person_names") and told.regime in ("public", "internal"):
        yield from _beside(table)


def _by_columns(table: _Table, business: Business) -> Iterator[Setting]:
    if business.needs and not (table.shows("person_ids") or table.shows("person_names")):
        return
    found = table.taken_for(business)
    if found.business is business:
        yield found
        if business.doubt and not table.says_enterprises():
            yield Setting(business.doubt, "persons", business)


def _beside(table: _Table) -> Iterator[Setting]:
    """Businesses of people that the rest of a title names: 幼儿园在园幼儿 lists children."""
    told, rest = table.told.business, table.spec.title
    for word in sorted(told.zh if told else (), key=len, reverse=True):
        rest = rest.replace(word, " ")
    for one in table.book.businesses:
        if one.rows == "person" and one is not told and any(word in rest for word in one.zh):
            yield Setting("person", one.regime, one)
