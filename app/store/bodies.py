"""Bodies of entries as the store keeps them: each a Zstandard frame over a dictionary of ours.

Bodies are alike: with a dictionary of typical ones a body of two kilobytes takes three hundred
bytes, and what a body costs in a log and on a disk is its size. A frame names its dictionary; a
dictionary that a zone ever sealed with stays in the product and never changes. Bodies from before
are plain JSON and stay as they are. A leaf is over the body and never over its frame.
Source: RFC 8878 (frames, dictionaries).
"""

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator
from zstandard import (
    FRAME_HEADER,
    ZstdCompressionDict,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
    get_frame_parameters,
)

DICTIONARIES = Path(__file__).parent / "dictionaries"
NEWEST = DICTIONARIES / "entries-1.zdict"
LEVEL = 1
LONGEST = 64 << 20  # of a body, bytes; a frame that claims more is not believed


class Body(TypeDecorator):
    """Canonical JSON of an entry, packed in its column."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else packed([value])[0]

    def process_result_value(self, value, dialect):
        return None if value is None else unpacked(bytes(value))


def packed(bodies: Sequence[bytes]) -> list[bytes]:
    """The frames of these bodies, made in one go: other threads run meanwhile, once."""
    if not bodies:
        return []
    return [frame.tobytes() for frame in _mine().compressor.multi_compress_to_buffer(bodies)]


def unpacked(kept: bytes) -> bytes:
    """The body in a frame; a plain one, or what is no sound frame, as it is: its leaf tells."""
    if not kept.startswith(FRAME_HEADER):
        return kept
    try:
        told = get_frame_parameters(kept)
        if told.content_size > LONGEST:
            return kept
        return _mine().decompressor(told.dict_id).decompress(kept)
    except ZstdError:
        return kept


class _Mine(threading.local):
    """What packs and unpacks for one thread; neither may be shared."""

    def __init__(self) -> None:
        self.compressor = ZstdCompressor(LEVEL, dict_data=_for_packing())
        self.decompressor = cache(lambda number: ZstdDecompressor(
            dict_data=_dictionaries().get(number)))


@cache
def _mine() -> _Mine:
    return _Mine()


@cache
def _for_packing() -> ZstdCompressionDict:
    dictionary = ZstdCompressionDict(NEWEST.read_bytes())
    dictionary.precompute_compress(LEVEL)
    return dictionary


@cache
def _dictionaries() -> dict[int, ZstdCompressionDict]:
    """Every dictionary this product ever packed with, by the number its frames name."""
    found = [ZstdCompressionDict(path.read_bytes()) for path in DICTIONARIES.glob("*.zdict")]
    return {each.dict_id(): each for each in found}
