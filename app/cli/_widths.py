"""Text in columns of a terminal, where a Chinese character takes two places."""

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Places the text takes; combining marks take none."""
    return sum(
        0 if unicodedata.combining(mark) else 2 if unicodedata.east_asian_width(mark) in "WF" else 1
        for mark in text
    )


def fitted(text: str, places: int) -> str:
    """The text cut and padded to exactly so many places."""
    if width(text) > places:
        kept, used = [], 0
        for mark in text:
            if used + width(mark) > places - 1:
                break
            kept.append(mark)
            used += width(mark)
        text = f"{''.join(kept)}…"
    return text + " " * (places - width(text))


def line(cells: Sequence[str], places: Sequence[int]) -> str:
    """Cells side by side, without blanks at the end."""
    return " ".join(map(fitted, cells, places)).rstrip()
