"""Names of persons, names of enterprises and addresses in Chinese, by lists and rules alone.

One value by itself is weak evidence; the share of a column's distinct values is what tells. The
words come from `classification_rules/codes`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from app.domain.classification.code_tables import CodeTables

Span = tuple[int, int]
HAN = "\u4e00-\u9fff\u3400-\u4dbf"
_HAN_ONLY = re.compile(f"[{HAN}]+")
_DOTTED = re.compile(f"[{HAN}]{{1,10}}(?:\u00b7[{HAN}]{{1,10}}){{1,3}}")
_REMARK = re.compile(r"\([^()]{1,12}\)$")
_BEHIND = re.compile(f"[{HAN}()A-Z0-9\u00b7&-]{{2,40}}$")
_SENTENCE = re.compile("[\u3002!?;\uff1b:]|,.{12}")


def any_of(words: Iterable[str]) -> str:
    """A pattern of these words, longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


@dataclass(frozen=True)
class PersonNames:
    """Personal names: a surname and one or two signs, a compound surname, or a dotted name."""

    tables: CodeTables

    @cached_property
    def surnames(self) -> frozenset[str]:
        return frozenset(self.tables["surnames"].of("common", "single", "rare"))

    @cached_property
    def compound(self) -> frozenset[str]:
        return frozenset(self.tables["surnames"].of("compound"))

    @cached_property
    def _barred(self) -> frozenset[str]:
        return frozenset(self.tables["not_names"].of("sign"))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self.tables["not_names"].of("word"))

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        return self.tables["title_words"].of("title")

    @cached_property
    def _cued(self) -> re.Pattern[str]:
        cue = any_of(self.tables["title_words"].of("cue"))
        dotted = f"[{HAN}]{{1,10}}\u00b7[{HAN}]{{1,10}}"
        between = r'["\u201d]?[:\u662f\u4e3a_ ]?\s?["\u201c]?'
        return re.compile(f"{cue}{between}({dotted}|[{HAN}]{{2,4}})")

    @cached_property
    def _alone(self) -> re.Pattern[str]:
        """A run of Han with nothing of them beside it, as in file names and lists."""
        return re.compile(rf"(?<![{HAN}A-Z0-9])([{HAN}]{{2,4}})(?![{HAN}A-Z])")

    def passes(self, text: str) -> bool:
        """Whether a whole folded value reads as one person's name."""
        if "\u00b7" in text:
            return _DOTTED.fullmatch(text) is not None
        text = _REMARK.sub("", text) if text.endswith(")") else text.replace(" ", "")
        if not 2 <= len(text) <= 4:
            return False
        given = text[2:] if text[:2] in self.compound else text[1:]
        if len(given) == len(text) - 1 and (len(given) > 2 or text[0] not in self.surnames):
            return False
        return (1 <= len(given) <= 2 and text not in self._words
                and self._barred.isdisjoint(given) and not text.endswith(self._titles)
                and _HAN_ONLY.fullmatch(text) is not None)

    def spans(self, text: str) -> Iterator[Span]:
        """Names in running text that stand behind a word such as the applicant's, or alone."""
        cued: list[Span] = []
        for match in self._cued.finditer(text):
            if end := self._longest(text, match.start(1), match.end(1)):
                cued.append((match.start(1), end))
        yield from cued
        for match in self._alone.finditer(text):
            start, end = match.span(1)
            if self.passes(match[1]) and not any(a < end and start < b for a, b in cued):
                yield start, end

    def _longest(self, text: str, start: int, most: int) -> int | None:
        """Where the name ends: before a word that follows names, else as far as it may reach."""
        if "\u00b7" in text[start:most]:
            after = self._after.search(text, text.index("\u00b7", start) + 2, most)
            return after.start() if after else most
        lengths = (4, 3) if text[start:start + 2] in self.compound else (3, 2)
        ends = [start + length for length in lengths if start + length <= most
                and self.passes(text[start:start + length])]
        followed = [end for end in ends if self._after.match(text, end) or not _HAN_ONLY.match(
            text, end)]
        return max(followed or ends, default=None)

    @cached_property
    def _after(self) -> re.Pattern[str]:
        return re.compile(any_of(self.tables["title_words"].of("after")))


@dataclass(frozen=True)
class CompanyNames:
    """Names of enterprises and sole traders; public bodies are none."""

    tables: CodeTables

    @cached_property
    def _legal(self) -> tuple[str, ...]:
        return self._of("legal")

    @cached_property
    def _shops(self) -> tuple[str, ...]:
        return self._of("shop")

    @cached_property
    def _bracketed(self) -> tuple[str, ...]:
        return self._of("bracket")

    @cached_property
    def _forms(self) -> tuple[str, ...]:
        return self._of("form")

    @cached_property
    def _trades(self) -> tuple[str, ...]:
        return self._of("trade")

    @cached_property
    def _public(self) -> tuple[str, ...]:
        return self._of("public")

    @cached_property
    def _surnames(self) -> frozenset[str]:
        return frozenset(self.tables["surnames"].of("common", "single"))

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        return re.compile(any_of(word for word in (*self._legal, *self._shops) if len(word) > 2))

    def _of(self, kind: str) -> tuple[str, ...]:
        return self.tables["organisation_words"].of(kind)

    def passes(self, text: str) -> bool:
        """Whether a whole folded value reads as the name of one enterprise."""
        if not 4 <= len(text) <= 60 or _SENTENCE.search(text):
            return False
        bare = _REMARK.sub("", text)
        if text[len(bare):].strip("()") in self._bracketed:
            return True
        if bare.endswith(self._legal):
            return bare not in self._legal
        if bare.endswith(self._shops):
            return len(bare) >= 4
        if self.is_public(bare):
            return False
        if bare.endswith(self._forms) and len(bare) >= 5:
            return bare[:-1].endswith(self._trades)
        return self._is_named_after_its_owner(bare)

    def is_public(self, text: str) -> bool:
        """Whether the name ends as those of authorities, schools and the like."""
        return text.endswith(self._public)

    def _is_named_after_its_owner(self, bare: str) -> bool:
        """As a surname, the sign for `of`, and a trade."""
        return (bare[1:2] == "\u8bb0" and bare[0] in self._surnames and len(bare) <= 8
                and bare.endswith(self._trades))

    def spans(self, text: str) -> Iterator[Span]:
        """Enterprises in running text: what stands before a legal form or a kind of shop."""
        for match in self._inside.finditer(text):
            start = begins(self.tables, text, match.start())
            if match.start() - start >= 3:
                yield start, match.end()


@dataclass(frozen=True)
class Addresses:
    """Postal addresses: an administrative part and a road, place or number; or road and number."""

    tables: CodeTables
    companies: CompanyNames

    def _of(self, *kinds: str) -> str:
        return any_of(self.tables["address_words"].of(*kinds))

    @cached_property
    def _region(self) -> re.Pattern[str]:
        return re.compile(f"{self._of('province')}|[{HAN}]{{1,10}}?{self._of('region', 'town')}")

    @cached_property
    def _road(self) -> re.Pattern[str]:
        return re.compile(f"[{HAN}0-9]{self._of('road', 'place')}")

    @cached_property
    def _number(self) -> re.Pattern[str]:
        return re.compile(f"[0-9A-Z\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]"
                          f"{self._of('number')}", re.ASCII)

    @cached_property
    def _end(self) -> re.Pattern[str]:
        kinds = ("road", "place", "number", "tail", "town")
        return re.compile(rf"(?:{self._of(*kinds)}|[0-9A-Z#)-])$")

    @cached_property
    def _door(self) -> re.Pattern[str]:
        number = self._of("number")
        return re.compile(rf"\d{{1,5}}{number}(?:[0-9A-Z-]{{1,6}}{number}){{0,4}}", re.ASCII)

    def passes(self, text: str) -> bool:
        """Whether a whole folded value reads as one address."""
        if not 4 <= len(text) <= 100 or _SENTENCE.search(text) or not self._end.search(text):
            return False
        region = self._region.match(text)
        road, number = self._road.search(text), self._number.search(text)
        if not (road and number or region and number or region and road and self._is_long(text)):
            return False
        return not (self.companies.passes(text) or not number and self.companies.is_public(text))

    def _is_long(self, text: str) -> bool:
        """Whether a road or place remains when the administrative part is taken away."""
        rest = self._region.sub("", text)
        return len(rest) >= 2 and self._road.search(rest) is not None

    def spans(self, text: str) -> Iterator[Span]:
        """Addresses with a number in running text."""
        for match in self._door.finditer(text):
            start = begins(self.tables, text, match.start())
            if self._region.search(text, start, match.start()) or self._road.search(
                    text, start, match.start()):
                yield start, match.end()


def begins(tables: CodeTables, text: str, end: int) -> int:
    """Where the name or address that runs up to ``end`` begins: behind a word that leads to it."""
    match = _BEHIND.search(text[max(0, end - 40):end])
    if match is None:
        return end
    words = tables["title_words"].of("lead")
    cut = max(match[0].rfind(word) + len(word) if word in match[0] else 0 for word in words)
    return end - len(match[0]) + cut
