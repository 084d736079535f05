"""Data elements, and the rules by which names and tables lead to them; loaded from rule files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.classification.lexicon import Lexicon, Term
from app.domain.grounds import Words


@dataclass(frozen=True)
class Element:
    """What a field means, with the level each scheme gives it.

    Args:
        level: unified level 1 to 5 before any context.
        schemes: scheme id to its level (`jrt0197`, `gbt43697`: 1 to 5) or class (`jrt0171`).
        family: name of the rule file it stands in.
        words: the words names use for it.
        category: path in JR/T 0197-2020 table A.1, ``""`` where it has none.
        sensitive: lists of sensitive personal information that name it.
        identifiers: identifiers its values can be.
    """

    id: str
    title: Words
    kind: str
    level: int
    schemes: Mapping[str, int | str]
    family: str
    words: Term
    category: str = ""
    personal: bool = False
    sensitive: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadingRule:
    """Whose and what, to an element; an empty tuple or string fits anything."""

    element: str
    heads: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    rows: str = ""
    businesses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Business:
    """A business tables belong to.

    Args:
        zh, en, initials: words of titles and code names that speak for it.
        elements: elements whose columns speak for it.
        rows: what a row is about: person, enterprise, case, body, project or ``""``.
        needs: what rows must be shown to be about, by columns, before it counts.
        regime: id of the context its columns are graded in.
        gives: general element to the one it is here.
        amounts: what a bare amount is here.
        doubt: what rows are about where nothing shows them to be enterprises.
        alone: id of the context of a table that is of people by its title, and shows none.
    """

    id: str
    title: Words
    rows: str
    regime: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    needs: str = ""
    gives: Mapping[str, str] = field(default_factory=dict)
    amounts: str = ""
    doubt: str = ""
    alone: str = "neutral"


@dataclass(frozen=True)
class Regime:
    """How the company its columns keep grades a table.

    Args:
        floor: lowest level of any column that does not stay.
        personal: columns that do not stay are personal information.
        levels: element to its level here, lower or higher than its own.
        lift: element to its lowest level here.
        amounts: element to its lowest level here where the column is an amount.
        heads: what a name says, to the level here in place of its element's; the rest may raise it.
        personal_elements: elements that are personal information here.
        source: the rule, with standard and clause.
    """

    id: str
    title: Words
    source: Words
    floor: int = 1
    personal: bool = False
    levels: Mapping[str, int] = field(default_factory=dict)
    lift: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)
    heads: Mapping[str, int] = field(default_factory=dict)
    personal_elements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Witness:
    """An identifier that raises a column to the level of its element, whatever the name says.

    Args:
        texts, others: distinct values from which it does so, in fields that hold what was written
            into them and in all others; 0 for never.
    """

    element: str
    texts: int
    others: int


@dataclass(frozen=True)
class Elements:
    """Everything names, tables and levels are judged by.

    Args:
        stays: elements about records, systems and authorities, which no company raises.
        sets: sets of elements and identifiers that judging asks for by name.
        numbered: element to the element its number or code is.
        expected: kind of column to identifiers it may hold beside those of its element.
        people: identifier to how it raises columns that hold it unnamed.
        unknown: least level of a column that is not known by name or identifier.
        within: identifier to those its values may be, written as they are.
        published, enterprise: words of a title that say the table is published, or its rows are
            enterprises.
        calibration: kind of evidence to steps of (least strength, share judged rightly).
        reasons: code of a step of judging to its text.
        by_identifier, by_shape: the head of a reading, where values alone speak.
    """

    elements: Mapping[str, Element]
    readings: tuple[ReadingRule, ...]
    businesses: tuple[Business, ...]
    regimes: Mapping[str, Regime]
    stays: frozenset[str]
    lexicon: Lexicon
    sets: Mapping[str, frozenset[str]]
    numbered: Mapping[str, str]
    expected: Mapping[str, tuple[str, ...]]
    people: Mapping[str, Witness]
    unknown: int
    within: Mapping[str, tuple[str, ...]]
    published: tuple[str, ...] = ()
    enterprise: tuple[str, ...] = ()
    calibration: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    reasons: Mapping[str, Words] = field(default_factory=dict)
    by_identifier: Mapping[str, str] = field(default_factory=dict)
    by_shape: Mapping[str, str] = field(default_factory=dict)
