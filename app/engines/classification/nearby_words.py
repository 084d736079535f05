"""Raises what stands near a word that names it; Chinese words are sought as they are, uncut."""

import re
from collections.abc import Iterable, Sequence

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer

from app.domain.classification.folding import fold
from app.engines.classification.text_engine import folded

BEFORE, AFTER = 14, 6
RAISE, LEAST, MOST = 0.35, 0.6, 1.0
_LATIN = re.compile(r"[A-Z0-9]+", re.ASCII)


class NearbyWords(ContextAwareEnhancer):
    """Raises a result by a hint of its recognizer before or behind it, or in the given context.

    Latin words count whole; Chinese words of two characters or more count wherever they stand.
    """

    def __init__(self) -> None:
        super().__init__(RAISE, LEAST, BEFORE, AFTER)

    def enhance_using_context(self, text: str, raw_results: list[RecognizerResult],
                              nlp_artifacts: object, recognizers: list[EntityRecognizer],
                              context: list[str] | None = None) -> list[RecognizerResult]:
        """The results, raised where a word speaks for them."""
        if not raw_results:
            return raw_results
        seen = folded(text, nlp_artifacts)
        hints = {each.id: each.context for each in recognizers if each.context}
        given = " ".join(map(fold, context or ()))
        for result in raw_results:
            key = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
            words = hints.get((result.recognition_metadata or {}).get(key), ())
            before = seen.text[max(0, result.start - BEFORE):result.start]
            near = f"{fold(before)} {fold(seen.text[result.end:result.end + AFTER])} {given}"
            if words and result.score < MOST and speaks(words, near):
                result.score = min(MOST, max(LEAST, result.score + RAISE))
        return raw_results


def speaks(words: Iterable[str], near: str) -> bool:
    """Whether one of the words stands in folded text near a result."""
    latin = set(_LATIN.findall(near))
    return any(word in latin if word.isascii() else len(word) > 1 and word in near
               for word in map(str.upper, words))


def hints_of(hints: Sequence[Sequence[str]]) -> list[str]:
    """Chinese and English hints as Presidio's context words, longest first."""
    return sorted({word for part in hints for word in part}, key=lambda word: (-len(word), word))
