"""Running text and what is seen in it: how long a text may be, and what is said about its parts."""

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 50_000  # bytes of UTF-8
PIECE = 3_600  # characters read together
SHARED = 200  # characters two neighbouring pieces have in common


@dataclass(frozen=True)
class Spotted:
    """An identifier seen in a text, by its first character and the one behind its last.

    `subject` is whom it points to: person, organisation, thing or none.
    """

    start: int
    end: int
    identifier: str
    zh: str
    en: str
    subject: str
    score: float
    treatment: str = ""


@dataclass(frozen=True)
class Reading:
    """A text that was read: its length, what was seen, and what read its names.

    `text` is the masked text, empty where nothing was masked; spans are then those of it.
    `names_by` is `tagger` or `rules`.
    """

    characters: int
    spans: tuple[Spotted, ...]
    names_by: str
    text: str = ""


@dataclass(frozen=True)
class Orders:
    """What becomes of each identifier: its own treatment, else the common one."""

    treatment: str
    by_identifier: dict[str, str]

    def of(self, identifier: str) -> str:
        return self.by_identifier.get(identifier, self.treatment)


def is_too_long(text: str) -> bool:
    """Whether a text has more than ``LONGEST`` bytes."""
    return len(text) > LONGEST or len(text.encode("utf-8", "surrogatepass")) > LONGEST


def pieces(text: str) -> Iterator[tuple[int, str, int, int]]:
    """The text in overlapping pieces: where each begins, the piece, and the places it answers for.

    Every place is answered for by one piece, which reads at least half of ``SHARED`` characters
    before and behind it where the text has them.
    """
    start = first = 0
    while True:
        end = start + PIECE
        last = end >= len(text)
        until = len(text) if last else end - SHARED // 2
        yield start, text[start:end], first, until
        if last:
            return
        start, first = end - SHARED, until


def apart(spans: list[Spotted]) -> list[Spotted]:
    """The spans without overlaps, in their order: of those that meet, one stands for all.

    It is the longest, at equal length the surest, and it covers whatever any of them covered, so
    that nothing seen is left in the open.
    """
    kept: list[Spotted] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
            continue
        before = kept[-1]
        best = max(before, span, key=lambda each: (each.end - each.start, each.score))
        kept[-1] = Spotted(before.start, max(before.end, span.end), best.identifier, best.zh,
                           best.en, best.subject, best.score)
    return kept
