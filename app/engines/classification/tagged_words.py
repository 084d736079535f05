"""Words as the tagger cut them, put together again where it cuts Chinese names too often.

Each step takes words and gives words; put together they are the same text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.classification.chinese import HAN, Addresses, CompanyNames, PersonNames
from app.domain.classification.code_tables import CodeTables
from app.domain.classification.folding import fold
from app.engines.classification.lac_model import Word

PERSON, COMPANY, BODY, ADDRESS = "person_name_zh", "company_name", "organisation", "address_zh"
NAMED = frozenset({"PER", "LOC", "ORG", "nz", "nw"})
# Tags of words that stand between names and are never part of one.
JOINTS = frozenset({"w", "p", "c", "u", "r", "d", "xc", "m", "TIME", "t"})
_DOT = re.compile("[\u00b7\u2022\u30fb\u2027]")
_HAN = re.compile(f"[{HAN}]+")
_COUNTED = re.compile(r"[0-9A-Z-]{1,8}", re.ASCII)


@dataclass(frozen=True)
class WordReader:
    """What tagged words name."""

    tables: CodeTables
    persons: PersonNames
    companies: CompanyNames
    addresses: Addresses

    def named(self, words: Sequence[Word]) -> list[tuple[str, str | None]]:
        """The words put together, each with what it names or ``None``."""
        for step in (self.part_swallowed, self.join_dotted, self.join_given, self.join_places,
                     self.join_branches):
            words = step(words)
        return [(word, self._kind(word, tag)) for word, tag in words]

    def part_swallowed(self, words: Sequence[Word]) -> list[Word]:
        """A person the tagger took into the organisation behind, with the word between them."""
        parted: list[Word] = []
        for word, tag in words:
            if tag == "ORG" and word[:2] in self._after and self.companies.passes(fold(word[2:])):
                parted.append((word[:2], "v"))
                word = word[2:]
            cuts = [place for place in (2, 3, 4) if tag == "ORG" and word[place:place + 1] in
                    self._joints and self.persons.passes(word[:place])]
            if cuts and len(word) - cuts[0] > 4:
                parted += [(word[:cuts[0]], "PER"), (word[cuts[0]], "v"), (word[cuts[0] + 1:], tag)]
            else:
                parted.append((word, tag))
        return parted

    def join_dotted(self, words: Sequence[Word]) -> list[Word]:
        """The parts of a name with dots between them, as peoples of the west and south-west write.

        A part runs on over named words, and over single signs that write sounds.
        """
        joined = list(words)
        place = 0
        while place < len(joined):
            if not _DOT.search(joined[place][0]):
                place += 1
                continue
            first, last = self._left(joined, place), self._right(joined, place)
            text = "".join(word for word, _ in joined[first:last])
            if self.persons.passes(fold(text)):
                joined[first:last] = [(text, "PER")]
                place = first
            place += 1
        return joined

    def _left(self, words: Sequence[Word], place: int) -> int:
        if not _DOT.match(words[place][0]) and words[place][1] in NAMED and len(
                _DOT.split(words[place][0])[0]) > 2:
            return place
        first = place
        while first and words[first - 1][1] not in JOINTS and _HAN.fullmatch(words[first - 1][0]):
            word, tag = words[first - 1]
            if word in self._cues or (len(word) == 1 and word not in self._sounds) or (
                    len(word) > 1 and tag not in NAMED and first < place):
                break
            first -= 1
            if len(word) > 1:
                break
        return first

    def _right(self, words: Sequence[Word], place: int) -> int:
        last = place + 1
        while last < len(words) and (_DOT.search(words[last - 1][0][-1]) or _DOT.match(
                words[last][0])):
            last += 1
        while last < len(words) and words[last][0] in self._sounds and words[last][1] != "p":
            last += 1
        return last

    def join_given(self, words: Sequence[Word]) -> list[Word]:
        """A compound surname with its given name, and a name with the last sign cut off."""
        joined: list[Word] = []
        for place, (word, tag) in enumerate(words):
            behind = words[place + 1] if place + 1 < len(words) else ("", "w")
            name = joined[-1][0] if joined and joined[-1][1] == "PER" else ""
            cut_off = len(word) == 1 and word not in self._after and (
                behind[1] in JOINTS or behind[0] in self._after)
            if name and tag not in JOINTS and (name in self.persons.compound or cut_off) \
                    and self.persons.passes(fold(name + word)):
                joined[-1] = (name + word, "PER")
            else:
                joined.append((word, tag))
        return joined

    def join_places(self, words: Sequence[Word]) -> list[Word]:
        """Places side by side and the numbers of doors behind them."""
        joined: list[Word] = []
        for place, (word, tag) in enumerate(words):
            behind = fold(words[place + 1][0]) if place + 1 < len(words) else ""
            if joined and joined[-1][1] == "LOC" and (
                    tag == "LOC" or self._is_door(fold(word), behind)):
                joined[-1] = (joined[-1][0] + word, "LOC")
            else:
                joined.append((word, tag))
        return joined

    def join_branches(self, words: Sequence[Word]) -> list[Word]:
        """An organisation with its branch, and the place of the branch between them."""
        joined: list[Word] = []
        for word, tag in words:
            back = 2 if len(joined) > 1 and joined[-1][1] == "LOC" else 1
            branch = word in self._branches or (tag == "ORG" and word.endswith(self._branches))
            if branch and len(joined) >= back and joined[-back][1] == "ORG":
                name = "".join(part for part, _ in joined[-back:])
                joined[-back:] = [(name + word, "ORG")]
            else:
                joined.append((word, tag))
        return joined

    def _is_door(self, word: str, behind: str) -> bool:
        """Whether a word is a number with its sign, the sign, or a number with the sign behind."""
        if word in self._doors:
            return True
        counted = _COUNTED.match(word)
        if counted is None:
            return False
        rest = word[counted.end():]
        return rest in self._doors if rest else behind in self._doors

    def _kind(self, word: str, tag: str) -> str | None:
        kinds: dict[str, Callable[[str], str | None]] = {
            "PER": self._person, "ORG": self._organisation, "LOC": self._place}
        return kinds[tag](fold(word)) if tag in kinds else None

    def _person(self, name: str) -> str | None:
        """A person, unless it is a surname with a title or a nickname."""
        if "\u00b7" in name:
            return PERSON
        known = name[:1] in self.persons.surnames or name[:2] in self.persons.compound
        titled = name.endswith(self._titles) or name[1:].startswith(self._titles) or (
            len(name) == 2 and name[0] in self._nicknames)
        return PERSON if not titled and (len(name) > 2 or (len(name) == 2 and known)) else None

    def _organisation(self, name: str) -> str | None:
        if self.companies.passes(name):
            return COMPANY
        if self.companies.is_public(name):
            return BODY
        return COMPANY if len(name) > 3 and name not in self._cues else None

    def _place(self, name: str) -> str | None:
        return ADDRESS if self.addresses.passes(name) else None

    @cached_property
    def _cues(self) -> frozenset[str]:
        return frozenset(self.tables["title_words"].of("cue", "lead"))

    @cached_property
    def _after(self) -> frozenset[str]:
        return frozenset(self.tables["title_words"].of("after"))

    @cached_property
    def _joints(self) -> frozenset[str]:
        return frozenset(self.tables["title_words"].of("joint"))

    @cached_property
    def _sounds(self) -> frozenset[str]:
        return frozenset(self.tables["title_words"].of("sound"))

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        return self.tables["title_words"].of("title")

    @cached_property
    def _nicknames(self) -> frozenset[str]:
        return frozenset(self.tables["title_words"].of("before"))

    @cached_property
    def _branches(self) -> tuple[str, ...]:
        return self.tables["organisation_words"].of("branch")

    @cached_property
    def _doors(self) -> frozenset[str]:
        return frozenset(self.tables["address_words"].of("number"))


def reader(tables: CodeTables) -> WordReader:
    """The reader over these lists."""
    companies = CompanyNames(tables)
    return WordReader(tables, PersonNames(tables), companies, Addresses(tables, companies))
