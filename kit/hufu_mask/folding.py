"""Values as they are compared: one width, no stray blanks, nothing invisible."""

import re
import unicodedata
from typing import Optional

from .refused import CannotMask

LONGEST = 50000  # a longer value is hidden altogether
HIDDEN = "***"

_BLANKS = re.compile(r"\s+")
_BETWEEN = re.compile("(?<=[0-9A-Z])[ \u00b7-]{1,2}(?=[0-9A-Z])")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u30fb\u2219\u22c5"), "\u00b7")
_SIGNS = {**_DASHES, **_DOTS, 0x3014: "(", 0x3015: ")", 0x3010: "(", 0x3011: ")",
          0x5B: "(", 0x5D: ")"}


def read(value: object) -> Optional[str]:
    """A cell as text: text itself, a number or a day by its usual writing, nothing as ``None``.

    Raises:
        CannotMask: the value is a list, a mapping or bytes.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "__iter__"):
        raise CannotMask("a value is text, a number, a day or nothing; mask its parts one by one")
    return str(value)


def fold(text: str) -> str:
    """The text in one width and without invisible signs; runs of blanks become one."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cs"))
    return _BLANKS.sub(" ", text.translate(_SIGNS)).strip()


def compact(folded: str) -> str:
    """The folded text in upper case, without blanks and hyphens within numbers."""
    return _BETWEEN.sub("", folded.upper())
