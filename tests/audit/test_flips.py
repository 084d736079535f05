"""No bit of a pack can change unseen, and every way of cutting one is refused."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import pack, verify
from tests.audit.log import SERVER, opened, packed, report, resealed, zone

FLIPS = 6_500


@pytest.fixture(scope="module")
def small():
    """A pack of few bytes, so that flips fall on everything that means something."""
    log = zone(4)
    raw = packed(log, level=pack.FULL, proofs=(log.consistency(3, len(log.bodies)),))
    assert report(raw, {"held": log.checkpoint()}).verdict == verify.TRUSTED
    return raw


def positions(length: int):
    """Places spread over the whole length by a fixed multiplicative walk."""
    at = 1
    while True:
        at = at * 48271 % (2**31 - 1)
        yield at % length, at // length % 8


def undetected(raw: bytes, places) -> list[tuple[int, int]]:
    keys, missed = SERVER.trusted(), []
    for at, bit in places:
        changed = bytearray(raw)
        changed[at] ^= 1 << bit
        if verify.verify(bytes(changed), keys).verdict != verify.BROKEN:
            missed.append((at, bit))
    return missed


def test_no_random_bit_flip_is_missed(small):
    assert undetected(small, itertools.islice(positions(len(small)), FLIPS)) == []


def flipped(files, name: str, places, seal) -> list[tuple[int, int]]:
    """Places in one file of a pack whose change goes unseen once the pack is put together."""
    keys, missed = SERVER.trusted(), []
    for at, bit in places:
        content = bytearray(files[name])
        content[at] ^= 1 << bit
        if verify.verify(seal({**files, name: bytes(content)}), keys).verdict != verify.BROKEN:
            missed.append((at, bit))
    return missed


@pytest.mark.parametrize("name", sorted({*verify.REQUIRED, *verify.SEAL_FILES} - {"verify.py"}))
def test_no_flip_is_missed_by_an_attacker_who_mends_the_archive(small, name):
    files = opened(small)
    places = itertools.islice(positions(len(files[name])), 400)
    assert flipped(files, name, places, pack.archive) == []


@pytest.mark.parametrize("name", ["trail/entries.jsonl", "trail/disclosures.jsonl"])
def test_no_flip_is_missed_by_an_attacker_who_signs_again(small, name):
    files = opened(small)
    places = itertools.islice(positions(len(files[name])), 600)
    assert flipped(files, name, places, resealed) == []


def test_no_bit_of_signature_or_manifest_is_free(small):
    begin = small.index(b"manifest.json")
    end = small.index(b"trail/anchors.json")
    step = range(begin * 8, end * 8, 5)
    assert undetected(small, ((at // 8, at % 8) for at in step)) == []


def test_no_bit_of_the_directory_is_free(small):
    begin = small.index(b"PK\x01\x02")
    assert undetected(small, ((at, at % 8) for at in range(begin, len(small)))) == []


def test_no_truncation_is_missed(small):
    keys = SERVER.trusted()
    for length in range(0, len(small), 97):
        assert verify.verify(small[:length], keys).verdict == verify.BROKEN
    assert verify.verify(small + b"\n", keys).codes == {"ARCHIVE"}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(verify.REQUIRED | {"manifest.json"})),
    st.floats(0, 1), st.integers(0, 12),
    st.binary(max_size=12) | st.sampled_from([b"9" * 5000, b"[" * 2000, b"null", b'"', b"-1"]),
)  # fmt: skip
def test_whatever_is_written_into_a_signed_pack_gives_a_verdict(small, name, at, cut, put):
    files = opened(small)
    begin = int(at * len(files[name]))
    files[name] = files[name][:begin] + put + files[name][begin + cut:]
    found = verify.verify(pack.archive(files), SERVER.trusted())
    assert found.verdict in verify.EXIT and verify.as_text(found)
    if name != "manifest.json":
        signed = verify.verify(resealed(files), SERVER.trusted())
        assert signed.verdict in verify.EXIT and verify.as_json(signed)
