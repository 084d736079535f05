"""What Presidio asks of a language model, answered without one.

A token is a character, and the text comes folded once for all recognizers, with the place of each
sign in the original.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from app.domain.classification.folding import fold_with_places

LANGUAGE = "zh"
# Texts of a batch whose names are sought together.
TOGETHER = 256


class FoldedText(NlpArtifacts):
    """A text folded, with ``places``: where each sign of ``folded`` stands in the original.

    ``named`` holds what the text names where that was sought for a batch, else ``None``.
    """

    def __init__(self, text: str, named: Sequence[Any] | None = None):
        super().__init__([], [*text], [*range(len(text))], [], None, LANGUAGE)
        self.text, self.named = text, named
        self.folded, self.places = fold_with_places(text)
        self.digits = sum(map(self.folded.count, "0123456789"))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A span of the folded text as a span of the original."""
        return self.places[start], self.places[end]

    def to_json(self) -> str:
        """Nothing: a text under analysis is never written down."""
        return "{}"


class CharacterEngine(NlpEngine):
    """Folds texts; loads nothing.

    Args:
        find: seeks names in many texts at once, which is faster than one by one.
    """

    engine_name = "hufu_characters"
    is_available = True

    def __init__(self, find: Callable[[Sequence[str]], list[list[Any]]]):
        self._find = find

    def load(self) -> None:
        """There is nothing to load."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> FoldedText:
        return FoldedText(text)

    def process_batch(self, texts: Iterable[Any], language: str, batch_size: int = 1,
                      n_process: int = 1, as_tuples: bool = False, **_: Any) -> Iterator[tuple]:
        rest = iter(texts)
        while batch := [*islice(rest, TOGETHER)]:
            alone = [str(item[0] if as_tuples else item) for item in batch]
            for item, text, named in zip(batch, alone, self._find(alone), strict=True):
                artifacts = FoldedText(text, named)
                yield (text, artifacts, item[1]) if as_tuples else (text, artifacts)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return not word.isalnum()

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return [LANGUAGE]


def folded(text: str, artifacts: Any) -> FoldedText:
    """The artifacts made for a text, or new ones where a recognizer is called by itself."""
    return artifacts if isinstance(artifacts, FoldedText) else FoldedText(text)
