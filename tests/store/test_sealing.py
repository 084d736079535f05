"""The fast canonical bytes are the canonical bytes, whatever characters they carry."""

import pytest

from app.domain.canonical import canonical, digest
from app.store.sealing import sealed_bytes, sha256

BLOCKS = [range(0, 0x800), range(0x2000, 0x2100), range(0x3000, 0x3100), range(0xD7F0, 0xD800),
          range(0xE000, 0xE010), range(0xFFF0, 0x10010), range(0x10FFF0, 0x110000)]


@pytest.mark.parametrize("block", BLOCKS, ids=[hex(block.start) for block in BLOCKS])
def test_every_character_is_written_alike(block):
    for point in block:
        value = {"name": f"a{chr(point)}b", "Z": ("x", 2, -3), "_": {"b": None, "a": True}}
        assert sealed_bytes(value) == canonical(value), hex(point)


def test_the_digest_is_the_houses():
    value = {"b": [1, 2], "a": "授权"}
    assert sha256(sealed_bytes(value)) == digest(value)
