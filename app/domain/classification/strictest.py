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
from app.domain.classification.grounds import NOTHING, Counts, beside_contacts, graded, named
from app.domain.classification.meanings import element_of, summed
from app.domain.classification.naming import Reading
from app.domain.classification.verdicts import Candidate, Reason, Verdict

PEOPLE = Setting("person", "persons")
SHOWN = 0.5  # how surely columns are identifiers of people before rows are taken for people


@dataclass(frozen=True)
class Possible:
    """The settings a table may be in.

    Args:
        told: by its title and code name alone.
        also: by its columns as well; none where its title says enough.
        named: how the name of each column is read, whatever the table.
        likely: by its title and its columns together.
        beside_contacts: columns that hold the telephone of a contact named before them.
    """

    told: Setting
    also: tuple[Setting, ...]
    named: Mapping[str, Reading]
    likely: Setting
    beside_contacts: frozenset[str] = frozenset()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All of them, but one its title names: columns may say more of that."""
        return self.also if self.told.business else (self.told, *self.also)

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
    counts: Mapping[str, Counts]

    @cached_property
    def told(self) -> Setting:
        return setting(replace(self.spec, columns=()), {}, self.book)

    @cached_property
    def read(self) -> Mapping[str, Sequence[Candidate]]:
        """What each column may be by its names, were nothing known of the table."""
        return {column.name: named(column, self.book) for column in self.spec.columns}

    @cached_property
    def spoken(self) -> Iterator[Sequence[Candidate]]:
        """What columns without a name that binds are, by what was counted in them."""
        for counts in self.counts.values():
            for reading in counts.spoken if counts.unread else ():
                if element := element_of(reading, NOTHING, self.book):
                    yield (Candidate(element, reading.weight, reading),)

    @property
    def likely(self) -> Setting:
        """By its title and its columns; of columns without names, only people say anything."""
        if any(self.read.values()):
            return setting(self.spec, self.sure, narrowed(self.told, self.book))
        return PEOPLE if self.shows("person_ids") and self.shows("person_names") else self.told

    @cached_property
    def sure(self) -> Mapping[str, float]:
        """Element to how surely columns are that by their names, summed up over the columns."""
        return summed((*self.read.values(), *self.spoken))

    def shows(self, named: str) -> bool:
        """Whether columns are, surely enough, what a set of elements names."""
        return sum(self.sure.get(element, 0.0) for element in self.book.sets[named]) >= SHOWN

    def says_enterprises(self) -> bool:
        return any(word in self.spec.title for word in self.book.enterprise)

    def taken_for(self, business: Business | None) -> Setting:
        """The setting with this business or none to choose from."""
        return setting(self.spec, self.sure, replace(
            self.book, businesses=(business,) if business else ()))


def possible(spec: TableSpec, book: Elements,
             counts: Mapping[str, Counts] | None = None) -> Possible:
    """The settings a table may be in, by its names and by what was counted in its columns."""
    table = _Table(spec, book, counts or {})
    read = {name: found[0].reading for name, found in table.read.items()
            if found and found[0].reading}
    return Possible(table.told, tuple(_also(table)), read,
                    table.likely, beside_contacts(spec, book))


def narrowed(told: Setting, book: Elements) -> Elements:
    """The rules with the business a title names as the only one."""
    return replace(book, businesses=(told.business,)) if told.business else book


def strictest(verdicts: Mapping[str, Verdict], counts: Mapping[str, Counts], about: Possible,
              book: Elements) -> Mapping[str, Verdict]:
    """The verdicts on columns, each raised to what it would be in any of the settings."""
    kept = _kept(about.told, book)
    return {name: _raised(name, verdict, counts[name], about, kept, book)
            for name, verdict in verdicts.items()}


def _raised(name: str, verdict: Verdict, counts: Counts, about: Possible, kept: frozenset[str],
            book: Elements) -> Verdict:
    level, personal, why = verdict.level, verdict.personal, []
    for one in about.settings:
        rest = graded(*_meant(name, about, one, book), counts, one, book)
        if rest.level > level or rest.personal > personal:
            level, personal = max(level, rest.level), personal or rest.personal
            why += [Reason("regime", (("regime", one.regime), ("level", str(level)),
                                      ("source", one.regime))), *rest.why]
    own = max((book.elements[element].level
               for element in kept & _meanings(name, counts, about, book)), default=1)
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


def meanings(counts: Mapping[str, Counts], about: Possible,
             book: Elements) -> Mapping[str, frozenset[str]]:
    """The elements each column may be in any of the settings."""
    return {name: _meanings(name, each, about, book) for name, each in counts.items()}


def _meanings(name: str, counts: Counts, about: Possible, book: Elements) -> frozenset[str]:
    settings = (NOTHING, *about.also)
    return frozenset(element for one in settings for element in (
        _meant(name, about, one, book)[0],
        *(element_of(reading, one, book) for reading in counts.spoken),
        *(book.people[held].element for held in counts.people)) if element)


def _meant(name: str, possible: Possible, about: Setting,
           book: Elements) -> tuple[str, Reading | None]:
    """What a column is by its name in a setting."""
    reading = possible.named.get(name)
    element = element_of(reading, about, book) if reading else ""
    beside = element == "ent_phone" and name in possible.beside_contacts
    return "mobile" if beside else element, reading


def _also(table: _Table) -> Iterator[Setting]:
    told, book = table.told, table.book
    if not any(table.read.values()):
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
