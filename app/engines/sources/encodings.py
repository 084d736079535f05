"""Which encoding a text file is in, judged by its bytes and never by its name."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.engines.sources.plausible_text import wide_encoding

CHUNK = 1_048_576
LOOK = 65_536
BLOCKS = 64
_LINE_ENDS = re.compile(rb"[\r\n]+")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Encoding:
    """A codec, the bytes its mark takes at the start, and how far text units are apart."""

    name: str
    mark: int = 0

    @property
    def unit(self) -> int:
        """Offsets into the file are multiples of this."""
        return {"utf-16": 2, "utf-32": 4}.get(self.name[:6], 1)


def encoding_of(file: BinaryIO, size: int, whole_bytes: int) -> Encoding:
    """The encoding of the file: by its mark, else by what reads as text with least loss.

    UTF-16 shows at the start. Between UTF-8 and GB 18030 a file up to ``whole_bytes`` is judged by
    all of it, a larger one by blocks.

    Raises:
        SourceRefused: it is no text in any encoding that is read.
    """
    file.seek(0)
    start = file.read(LOOK)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, len(mark))
    if name := wide_encoding(start):
        return Encoding(name)

    def chunks() -> Iterator[bytes]:
        return _all_of(file) if size <= whole_bytes else _blocks_of(file, size)

    good, bad = _losses(chunks, "utf-8")
    if not bad or good >= 4 * bad:
        return Encoding("utf-8")
    return Encoding("gb18030" if _losses(chunks, "gb18030")[1] < bad else "utf-8")


def _losses(chunks: Callable[[], Iterator[bytes]], name: str) -> tuple[int, int]:
    """Characters beyond ASCII that ``name`` decodes, and places where it cannot."""
    decoder = codecs.getincrementaldecoder(name)(errors="replace")
    good = bad = 0
    for chunk in chunks():
        text = decoder.decode(chunk)
        broken = text.count("\ufffd")
        good += len(text) - len(text.encode("ascii", "ignore")) - broken
        bad += broken
    return good, bad


def _all_of(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _blocks_of(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Evenly spaced blocks, each from a line's beginning to a line's end."""
    for number in range(BLOCKS):
        file.seek(size * number // BLOCKS)
        yield b"\n".join(_LINE_ENDS.split(file.read(LOOK))[1:-1])
