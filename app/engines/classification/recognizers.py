"""Presidio's recognizers made from the same identifiers that scan columns.

The registry is ours alone: no predefined recognizer, no language model, no network. Never imported
by the web.
"""

from functools import cache
from typing import Any

import regex
from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    LocalRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)

from app.domain.classification.folding import fold
from app.domain.classification.identifiers import Identifier, Identifiers
from app.engines.classification.chinese_names import NameFinder, names
from app.engines.classification.nearby_words import NearbyWords, hints_of
from app.engines.classification.rules import identifiers
from app.engines.classification.tagged_words import ADDRESS, BODY, COMPANY, PERSON
from app.engines.classification.text_engine import LANGUAGE, CharacterEngine, folded

SCORES = {"strong": 0.85, "medium": 0.5, "weak": 0.4, "dictionary": 0.4, "context-only": 0.2}
# Where fewer than this share of random values pass, a value that passes is certain.
CERTAIN_FLOOR = 0.05
THRESHOLD = 0.35
FLAGS = regex.ASCII | regex.DOTALL


class IdentifierRecognizer(PatternRecognizer):
    """One identifier in running text, by its pattern and its checks."""

    def __init__(self, identifier: Identifier):
        self.identifier = identifier
        super().__init__(
            identifier.id, name=f"hufu_{identifier.id}", supported_language=LANGUAGE,
            patterns=[Pattern("text", identifier.text.pattern, SCORES[identifier.strength])],
            context=hints_of((identifier.hints.zh, identifier.hints.en)),
            global_regex_flags=FLAGS, country_code="cn")

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None,
                regex_flags: int | None = None) -> list[RecognizerResult]:
        """Results in the folded text, with their places in the original."""
        seen = folded(text, nlp_artifacts)
        if seen.digits < self.identifier.digits or self.identifier.needs not in seen.folded:
            return []
        results = super().analyze(seen.folded, entities, None, FLAGS)
        for result in results:
            result.start, result.end = seen.original(result.start, result.end)
        return results

    def validate_result(self, pattern_text: str) -> bool | None:
        """Certain where chance hardly passes; ``None`` where one in ten would."""
        if not self.identifier.passes(fold(pattern_text)):
            return False
        checked = self.identifier.checks and self.identifier.floor < CERTAIN_FLOOR
        return True if checked else None


class NameRecognizer(LocalRecognizer, EntityRecognizer):
    """Persons, enterprises, public bodies and addresses in Chinese text."""

    def __init__(self, finder: NameFinder):
        self.finder = finder
        super().__init__([PERSON, COMPANY, BODY, ADDRESS], name="hufu_names",
                         supported_language=LANGUAGE, country_code="cn")

    def load(self) -> None:
        """The finder is loaded when it is made."""

    def analyze(self, text: str, entities: list[str],
                nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What the text names, of the kinds asked for."""
        named = folded(text, nlp_artifacts).named
        return [RecognizerResult(each.kind, each.start, each.end, each.score)
                for each in (self.finder.find([text])[0] if named is None else named)
                if not entities or each.kind in entities]


def recognizers(known: Identifiers, finder: NameFinder) -> list[EntityRecognizer]:
    """A recognizer for every identifier that is looked for in text, and one for names."""
    patterns = [IdentifierRecognizer(each) for each in known if each.text is not None]
    return [*patterns, NameRecognizer(finder)]


def engine(known: Identifiers, finder: NameFinder) -> AnalyzerEngine:
    """An analyzer over these recognizers and no other."""
    registry = RecognizerRegistry(recognizers(known, finder), FLAGS, [LANGUAGE])
    return AnalyzerEngine(
        registry=registry, nlp_engine=CharacterEngine(finder.find), supported_languages=[LANGUAGE],
        context_aware_enhancer=NearbyWords(), default_score_threshold=THRESHOLD)


@cache
def analyzer() -> AnalyzerEngine:
    """The analyzer of this process over the rules that ship."""
    return engine(identifiers(), names())
