"""A column is graded by the strictest of the settings its table may be in.

What a table is about is read from its title; where the title says nothing, from its columns.
Columns then only add settings: one more of them may show that rows are people, and none shows that
they are not. So no column added to a table lowers what stands beside it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from app.domain.classification.business import Setting, setting
from app.domain.classification.elements import Business, Elements
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.classification.meanings import candidates
from app.domain.classification.naming import Reading
from app.domain.classification.verdicts import Reason, Verdict, grade

NOTHING = Setting("", "neutral")
PEOPLE = Setting("person", "persons")
SHOWN = 0.5  # how surely columns are identifiers of people before rows are taken for people


@dataclass(frozen=True)
class Possible:
    """The settings a table may be in.

    Args:
        told: by its title and code name alone.
        also: by its columns as well; none where its title says enough.
    """

    told: Setting
    also: tuple[Setting, ...]

    @property
    def published(self) -> bool:
        """Its title says it is published, and nothing shows that its rows are people."""
        return self.told.regime == "public" and not self.also

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
    def sure(self) -> Mapping[str, float]:
        """Element to how surely columns are that by their names, summed up over the columns."""
        sums: dict[str, float] = defaultdict(float)
        for column in self.spec.columns:
            found = candidates(replace(column, refused=()), NOTHING, self.book)[:2]
            total = sum(one.weight for one in found)
            for one in found:
                sums[one.element] += one.weight ** 2 / total if total else 0.0
        return sums

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
    return Possible(table.told, tuple(_also(table)))


def narrowed(told: Setting, book: Elements) -> Elements:
    """The rules with the business a title names as the only one."""
    return replace(book, businesses=(told.business,)) if told.business else book


def strictest(column: ColumnSpec, verdict: Verdict, about: Possible, book: Elements) -> Verdict:
    """The verdict on a column, raised to what it would be in any of the settings."""
    level, personal, why = verdict.level, verdict.personal, []
    for one in about.also:
        for element, reading in _meant(column, verdict, one, book):
            least, of_people = grade(element, reading, one, book)
            if least > level or of_people > personal:
                level, personal = max(level, least), personal or of_people
                why.append(Reason("regime", (("regime", one.regime), ("level", str(level)),
                                             ("source", one.regime))))
    own = max((book.elements[element].level
               for element in _kept(about.told, book) & meanings(column, verdict, about, book)),
              default=1)
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


def meanings(column: ColumnSpec, verdict: Verdict, about: Possible,
             book: Elements) -> frozenset[str]:
    """The elements a column may be in any of the settings."""
    return frozenset(element for one in (NOTHING, *about.also)
                     for element, _ in _meant(column, verdict, one, book) if element)


def _meant(column: ColumnSpec, verdict: Verdict, about: Setting,
           book: Elements) -> Iterator[tuple[str, Reading | None]]:
    """What a column is by its names in a setting, and what it was found to be."""
    named = candidates(column, about, book)[:1]
    for one in named:
        yield one.element, one.reading
    if not named or verdict.element != named[0].element:
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
