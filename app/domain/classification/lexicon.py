"""Words by which columns are named, in Chinese, in English and as pinyin initials.

A term is one meaning with three surfaces. Chinese words match as they stand, English ones token
by token after their abbreviations are spelt out, and initials letter by letter, so that
法定代表人证件号码, ``legal_rep_cert_no`` and ``fddbrzjhm`` read alike.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Role(Enum):
    """What a term does in a name."""

    SUBJECT = "subject"
    ATTRIBUTE = "attribute"
    ELEMENT = "element"
    ACT = "act"


@dataclass(frozen=True)
class Term:
    """One meaning a name can hold.

    Args:
        kind: of attributes and elements: name, person_name, id, contact, place, date, amount,
            count, ratio, code, flag, text, file, number, key, time or tech.
        zh, en, initials: its surfaces; initials beside those that follow from the Chinese words.
    """

    id: str
    role: Role
    kind: str = ""
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Terms by surface; a surface several terms share lists them all."""

    zh: Mapping[str, tuple[Term, ...]]
    en: Mapping[tuple[str, ...], tuple[Term, ...]]
    initials: Mapping[str, tuple[Term, ...]]
    full: Mapping[str, tuple[Term, ...]]
    words: frozenset[str]
    abbreviations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def lexicon(terms: Iterable[Term], readings: Mapping[str, tuple[str, ...]],
            abbreviations: Mapping[str, str]) -> Lexicon:
    """The lexicon of these terms.

    Args:
        readings: Chinese character to its readings in pinyin without tones.
        abbreviations: short English token to the word or words it stands for.
    """
    zh: dict[str, list[Term]] = {}
    en: dict[tuple[str, ...], list[Term]] = {}
    initials: dict[str, list[Term]] = {}
    full: dict[str, list[Term]] = {}
    ordered = tuple(terms)
    for term in ordered:  # what a rule says outright ranks before what follows from a word
        for letters in term.initials:
            _put(initials, letters, term)
    for term in ordered:
        for word in term.zh:
            _put(zh, word, term)
            # two letters mean too much: those of two-character words count where a rule says so
            if len(word) > 2 or term.role is Role.ACT:
                for letters in _spellings(word, readings, first_only=True):
                    _put(initials, letters, term)
            for letters in _spellings(word, readings, first_only=False):
                _put(full, letters, term)
        for phrase in term.en:
            _put(en, tuple(" ".join(abbreviations.get(w, w) for w in phrase.split()).split()), term)
    words = frozenset(word for phrase in en for word in phrase)
    return Lexicon(_frozen(zh), _frozen(en), _frozen(initials), _frozen(full), words,
                   MappingProxyType(dict(abbreviations)))


def _put(index: dict, key: object, term: Term) -> None:
    found = index.setdefault(key, [])
    if term not in found:
        found.append(term)


def _frozen(index: dict) -> Mapping:
    return MappingProxyType({key: tuple(found) for key, found in index.items()})


def _spellings(word: str, readings: Mapping[str, tuple[str, ...]],
               first_only: bool) -> Iterable[str]:
    """How a Chinese word is written in letters: at most eight ways, none if one is unknown."""
    ways: list[tuple[str, ...]] = []
    for character in word:
        if character.isascii():
            ways.append((character.lower(),))
        elif character in readings:
            found = readings[character]
            ways.append(tuple(dict.fromkeys(r[0] for r in found)) if first_only else found)
        else:
            return []
    return ["".join(way) for way in itertools.islice(itertools.product(*ways), 8)]
