"""Values as they are compared: one width, one case, no stray blanks, and where each sign came from.

Nothing is guessed back: a number that a spreadsheet rounded is named as lost, not repaired.
"""

import re
import unicodedata
from collections.abc import Iterator

# Characters of a cell that are searched, in one piece so that no identifier lies across a seam;
# of a longer cell the rest is not looked at, and whoever cuts it says so.
SEARCHED = 8_192

_DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u30fb\u2219\u22c5\uff65"), "\u00b7")
_STARS = dict.fromkeys(map(ord, "\u25cf\u25cb\u25a0\u25a1\u25c6\u203b\u2731\u2217\u00d7"), "*")
_SIGNS = {**_DOTS, **_STARS, 0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0x2014: "-",
          0x2212: "-", 0x3010: "[", 0x3011: "]", 0x3014: "[", 0x3015: "]", 0x3007: "0",
          0xFEFF: None, 0x200B: None, 0x200C: None, 0x200D: None, 0x2060: None}
_ROUNDED = re.compile(r"[1-9](?:\.\d{1,17})?E\+?(?:1[1-9]|2\d)", re.ASCII)
_FLOATED = re.compile(r"\d{8,20}\.0", re.ASCII)
_SEPARATED = re.compile("(?<=[0-9A-Z])[ \u00b7-]{1,2}(?=[0-9A-Z])")
_CLOAKS = "'`\"\u2018\u2019\u201c\u201d"


def fold(value: str) -> str:
    """The value in one width and upper case, without blanks, quotes or apostrophes around it.

    At most ``SEARCHED`` characters are read. A whole number that came as ``13800138000.0`` loses
    its fraction.
    """
    if value.isascii() and value.isalnum() and len(value) <= SEARCHED:
        return value if value.isdigit() else value.upper()
    text = value[:SEARCHED]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = text.strip().strip(_CLOAKS).strip().upper()
    return text[:-2] if text.endswith(".0") and _FLOATED.fullmatch(text) else text


def compact(folded: str) -> str:
    """The folded value without blanks and hyphens between letters and digits."""
    return _SEPARATED.sub("", folded)


def lost_precision(folded: str) -> bool:
    """Whether this is a long number of which a spreadsheet kept a few digits (1.10105E+17)."""
    return "E" in folded and _ROUNDED.fullmatch(folded) is not None


def zero_tailed(folded: str) -> bool:
    """Whether eighteen digits or more end in zeros from the sixteenth on."""
    return 18 <= len(folded) <= 20 and folded.isdigit() and not folded[15:].strip("0")


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Running text in one width and upper case, and for each sign its place in the original.

    The list has one entry more than the folded text: the length of what was read. Blanks stay, so
    that a span found in the folded text is a span of the original.
    """
    text = text[:SEARCHED]
    if text.isascii():
        return text.upper(), [*range(len(text) + 1)]
    signs: list[str] = []
    places: list[int] = []
    for place, unit in _units(text):
        for sign in unicodedata.normalize("NFKC", unit).translate(_SIGNS).upper():
            signs.append(sign)
            places.append(place)
    return "".join(signs), [*places, len(text)]


def _units(text: str) -> Iterator[tuple[int, str]]:
    """Each character with the combining marks after it, and its place."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.combining(text[place]):
            yield start, text[start:place]
            start = place
