"""What the level of a column rests on: how its name reads, and counts of values that only grow.

Which element a column is, shares of its values may decide, and shares shrink when rows are added.
Its level rests on nothing that shrinks: on its name, and on identifiers that stand among its values
in such numbers that they are no chance. Both count in every setting the table may be in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile
from operator import attrgetter

from app.domain.classification.business import Setting
from app.domain.classification.elements import Elements
from app.domain.classification.facts import ColumnSpec, Profile, TableSpec
from app.domain.classification.identifiers import Identifier, Identifiers
from app.domain.classification.meanings import candidates, element_of, expected_in
from app.domain.classification.naming import Reading
from app.domain.classification.verdicts import Candidate, Graded, Reason, grade, reason

NOTHING = Setting("", "neutral")
READ = 0.5  # a name read with less weight does not bind its values
GUESSED = 0.4  # below that, values that were seen say more than the name
FEW = 3  # distinct values that say what a column is whose name does not
MANY = 8  # the same, of names of people, companies and places
BIRTHS = 8  # rows whose day is the one in an identity number beside it


@dataclass(frozen=True)
class Counts:
    """What was counted among the values of a column, and stays whatever is added.

    Args:
        people: identifiers of people in such numbers that any column is graded by them.
        told: the same, in fields that hold what was written into them.
        spoken: readings by its values, where no name binds them or they speak against it.
        unread: no name binds the values.
        unknown: nothing but values could say what it is.
        mobiles: a mobile number is among the values or within one.
        named: names of people are among them.
    """

    people: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    spoken: tuple[Reading, ...] = ()
    unread: bool = False
    unknown: bool = False
    mobiles: bool = False
    named: bool = False


def named(column: ColumnSpec, book: Elements) -> Sequence[Candidate]:
    """What a column may be by its names, were nothing known of the table."""
    # What persons refused for one column says nothing of what the table is about.
    return candidates(replace(column, refused=()), NOTHING, book)


def counted(profile: Profile | None, read: Sequence[Candidate], identifiers: Identifiers,
            book: Elements) -> Counts:
    """What was counted among the values of a column.

    Args:
        read: what the column may be by its names, were nothing known of the table.
    """
    unread = not read or read[0].weight < READ
    if profile is None or not profile.distinct:
        return Counts(unread=unread, unknown=not read)
    known = frozenset() if unread else _known(read[0], book)
    people = {one: witness for one, witness in book.people.items() if one not in known}
    anywhere, told = (tuple(one for one, witness in people.items()
                            if _stands(identifiers[one], profile, least(witness)))
                      for least in (attrgetter("others"), attrgetter("texts")))
    return Counts(anywhere, told, tuple(_spoken(profile, unread, known, identifiers, book)), unread,
                  not read or read[0].weight < GUESSED, _mobiles(profile), profile.peopled)


def _known(named: Candidate, book: Elements) -> frozenset[str]:
    """Identifiers a name leads to, by which it is graded already."""
    told = expected_in(named, book)
    return frozenset((*told, *(inner for one in told for inner in book.within.get(one, ()))))


def _mobiles(profile: Profile) -> bool:
    hit = profile.hits.get("mobile_cn")
    return hit is not None and hit.passed + hit.masked + hit.within > 0


def _spoken(profile: Profile, unread: bool, known: frozenset[str], identifiers: Identifiers,
            book: Elements) -> Iterator[Reading]:
    """How a column reads by what stands among its values; under another name, by what is strong."""
    for one in identifiers:
        head = book.by_identifier.get(one.id, "")
        least = MANY if one.id in book.sets["names"] else FEW
        if not head or one.id in known or not (_tells(one, profile, book) if unread
                                               else one.strength == "strong"):
            continue
        if _stands(one, profile, least):
            kind = book.elements[head].kind if head in book.elements else ""
            yield Reading("", head, kind, False, 0.8, (one.id,), "values")


def _tells(one: Identifier, profile: Profile, book: Elements) -> bool:
    """Whether values may say that a column is this, of which no name does."""
    if one.id in book.sets["left_to_names"] or one.strength == "context-only":
        return False
    return one.id not in book.sets["listed"] or profile.han > 0  # digits could be any short code


def _stands(one: Identifier, profile: Profile, least: int) -> bool:
    """Whether so many values are the identifier, or hold it, that it is no chance; 0 for never.

    Chance is told apart by the share of values of its shape that pass, and by order: a serial
    rises from row to row.
    """
    hit = profile.hits.get(one.id)
    if one.id == "birth_date":
        return profile.born >= max(least, BIRTHS)
    if hit is None or not least or (profile.rising and one.strength != "strong"):
        return False
    chance = max(0.5, min(0.9, 1.5 * one.floor))
    whole = hit.passed if hit.passed >= chance * hit.shaped else 0
    return whole + hit.masked + hit.within >= least


def beside_contacts(spec: TableSpec, book: Elements) -> frozenset[str]:
    """Columns that hold the telephone of a contact named before them, wherever that stands."""
    likeliest = [(column.name, one) for column in spec.columns for one in named(column, book)[:1]]
    behind = dropwhile(lambda each: each[1].element != "ent_contact", likeliest)
    return frozenset(name for name, one in behind if one.element == "ent_phone"
                     and one.reading and not one.reading.subject)


def graded(element: str, reading: Reading | None, counts: Counts, about: Setting,
           book: Elements) -> Graded:
    """The level of a column in a setting: by its name, and by what was counted in it.

    Args:
        element: what its name says it is in this setting, ``""`` where it was not read.
    """
    level, personal = grade(element, reading, about, book)
    why: list[Reason] = []
    for least, of_people, because in _claims(element, counts, about, book):
        if least > level or of_people > personal:
            level, personal = max(level, least), personal or of_people
            why.append(because)
    return Graded(level, personal, tuple(why))


def _claims(element: str, counts: Counts, about: Setting,
            book: Elements) -> Iterator[tuple[int, bool, Reason]]:
    """What was counted, each with the level it asks for."""
    spoken = {element_of(reading, about, book): reading for reading in counts.spoken}
    if counts.mobiles and "ent_phone" in (element, *spoken) and about.regime != "public":
        yield 3, True, reason("company-phone")
    if counts.named and element in book.sets["mixed"]:
        yield 2, True, reason("mixed")
    loose = element in book.sets["loose"] or counts.unread
    for one in dict.fromkeys((*counts.people, *(counts.told if loose else ()))):
        least, of_people = grade(book.people[one].element, None, about, book)
        yield least, of_people, reason("contaminated", identifier=one, level=least)
    for told, reading in spoken.items():
        least, of_people = grade(told, reading, about, book)
        yield least, of_people, reason("counted", identifier=reading.words[0], level=least)
    if counts.unknown:
        yield book.unknown, False, reason("unknown", level=book.unknown)
