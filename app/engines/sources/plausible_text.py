"""Whether bytes look like text that people write when they are read in one encoding or another.

Any bytes decode as something. The right reading has almost no character that no text has, and its
line ends are line ends; a wrong one is full of unassigned, private and unusual characters.
"""

import codecs
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.engines.sources.remarks import SourceRefused

NARROW = ("utf-8", "gb18030")
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
ODD_WEIGHS = 0.2  # of a character that no text has: rare names and other scripts do occur
MOST_WRONG = 0.02
MOST_LOST = 0.03
LOST_WITH_NULS, LOST_WITHOUT = 0.05, 0.25  # beyond this a reading in bytes is no text


@dataclass(frozen=True)
class Reading:
    """Bytes read in one encoding; all but ``ends`` are shares of the characters.

    Args:
        wrong: characters that no text has, and bytes that are none.
        nul: characters of code 0, which some programs leave in a text.
        odd: characters beyond those in common use.
        ends: how many line ends there are.
    """

    name: str
    wrong: float
    nul: float
    odd: float
    ends: int

    @property
    def lost(self) -> float:
        """What is amiss, but for characters of code 0."""
        return self.wrong + ODD_WEIGHS * self.odd


def wide_encoding(start: bytes) -> str:
    """Which UTF-16 or UTF-32 the bytes at the start of a file are in, or `""` for none of them.

    Raises:
        SourceRefused: they are no text in any encoding that is read.
    """
    if _is_plain(start):
        return ""
    narrow = min((_reading(start, name) for name in NARROW), key=lambda each: each.lost)
    wide = min((_reading(start, name) for name in WIDE), key=lambda each: each.lost + each.nul)
    if _has_lines(wide, start) or _is_surer(wide, narrow):
        return wide.name
    if narrow.lost > (LOST_WITH_NULS if narrow.nul else LOST_WITHOUT):
        raise SourceRefused(
            "无法判断文件的文字编码，请另存为 UTF-8",
            "it is unclear in which encoding the file is: save it as UTF-8",
        )
    return ""


def _is_plain(start: bytes) -> bool:
    """Whether this is UTF-8 without a fault and without characters of control."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return not any(char == "\0" or _is_wrong(char) for char in set(text))


def _has_lines(wide: Reading, start: bytes) -> bool:
    """Whether a good part of the bytes that may end a line do so in this reading."""
    ends = start.count(b"\n") + start.count(b"\r")
    return wide.wrong + wide.nul <= MOST_WRONG and 0 < ends <= 3 * wide.ends


def _is_surer(wide: Reading, narrow: Reading) -> bool:
    """Whether this reading is good, and by far better than one in single bytes."""
    lost = wide.lost + wide.nul
    return lost <= MOST_LOST and 2 * lost < narrow.lost + narrow.nul


def _reading(start: bytes, name: str) -> Reading:
    text = codecs.getincrementaldecoder(name)(errors="replace").decode(start)
    counts, total = Counter(text), max(1, len(text))
    wrong = sum(count for char, count in counts.items() if _is_wrong(char))
    odd = sum(count for char, count in counts.items() if _is_odd(char))
    return Reading(name, wrong / total, counts["\0"] / total, odd / total,
                   counts["\n"] + counts["\r"])


@cache
def _is_wrong(char: str) -> bool:
    """Whether no text has it: a control, a private or unassigned code, what stands for a fault."""
    return char not in "\0\t\n\v\f\r" and (
        char == "\ufffd" or unicodedata.category(char) in {"Cc", "Cn", "Co", "Cs"})


@cache
def _is_odd(char: str) -> bool:
    return not char.isascii() and not _is_wrong(char) and char not in _usual()


@cache
def _usual() -> frozenset[str]:
    """The characters of GB 2312 and the frequent ones of Big5, with their signs and letters."""
    return frozenset(
        b"".join(_pairs(0xA1, 0xF7)).decode("gb2312", "ignore")
        + b"".join(_pairs(0xA1, 0xC6, 0x40)).decode("big5", "ignore"))


def _pairs(first: int, last: int, low: int = 0xA1) -> Iterator[bytes]:
    """Codes of two bytes, row by row."""
    for row in range(first, last + 1):
        for cell in (*range(low, 0x7F), *range(0xA1, 0xFF)):
            yield bytes((row, cell))
