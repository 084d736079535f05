"""The archive's laws: every hostile way to pack is refused before a library opens it."""

import io
import struct
import zipfile

import pytest

from app.domain import archives
from app.domain.archives import UnsafeArchive, require_safe_archive


def packed(members, compression=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def linked():
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    return packed([(link, "/etc/passwd")])


def encrypted():
    body = bytearray(packed([("a.txt", "text")]))
    body[6] |= 1
    body[body.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


def resized(claimed):
    """An archive of 100,000 bytes whose headers both claim another size."""
    body = bytearray(packed([("a.txt", bytes(range(250)) * 400)], zipfile.ZIP_STORED))
    struct.pack_into("<I", body, 22, claimed)
    struct.pack_into("<I", body, body.rfind(b"PK\x01\x02") + 24, claimed)
    return bytes(body)


def overlapping():
    """Two members that share one body, as the densest bombs do."""
    body = packed([("a.txt", "x" * 60_000), ("b.txt", "x" * 60_000)])
    first = body.index(b"PK\x01\x02")
    second = body.index(b"PK\x01\x02", first + 4)
    broken = bytearray(body)
    struct.pack_into("<I", broken, second + 42, 0)
    return bytes(broken)


HOSTILE = {
    "bomb": packed([("a.txt", b"\0" * 20_000_000)]),
    "spread bomb": packed([(f"{n}.txt", b"\0" * 60_000) for n in range(900)]),
    "slip": packed([("../../evil.txt", "x")]),
    "inner slip": packed([("xl/../../evil.txt", "x")]),
    "absolute": packed([("/etc/evil", "x")]),
    "drive": packed([("C:/evil", "x")]),
    "backslash": packed([("..\\evil", "x")]).replace(b"../evil", b"..\\evil"),
    "link": linked(),
    "encrypted": encrypted(),
    "nested": packed([("inner.zip", packed([("a", "b")]))]),
    "nested gzip": packed([("inner.xml", b"\x1f\x8b\x08\x00more")]),
    "lying small": resized(10),
    "lying large": resized(150_000),
    "too many": packed([(f"{n}", "") for n in range(1001)]),
    "twice": packed([("a", "1"), ("a", "2")]),
    "overlap": overlapping(),
    "trailing": packed([("a", "b")]) + b"<script>",
    "leading": b"%PDF-1.7\n" + packed([("a", "b")]),
    "cut": packed([("a", "b" * 1000)])[:-30],
    "empty": b"",
    "no archive": b"PK\x03\x04 and nothing else",
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused(kind):
    with pytest.raises(UnsafeArchive) as refused:
        require_safe_archive(HOSTILE[kind])
    assert refused.value.zh and refused.value.en


def test_a_plain_archive_tells_its_names():
    assert require_safe_archive(packed([("a.xml", "x"), ("b/c.xml", "y" * 9000)])) == {
        "a.xml",
        "b/c.xml",
    }


def test_exactly_a_thousand_members_are_read():
    assert len(require_safe_archive(packed([(f"{n}", "") for n in range(1000)]))) == 1000


@pytest.mark.parametrize(("most", "safe"), [(3000, True), (2999, False)])
def test_the_total_is_bounded_on_both_sides(most, safe):
    body = packed([("a", "x" * 1000), ("b", "y" * 2000)])
    if safe:
        require_safe_archive(body, most)
    else:
        with pytest.raises(UnsafeArchive, match="MiB"):
            require_safe_archive(body, most)


@pytest.mark.parametrize(("size", "safe"), [(65_536, True), (65_537, False)])
def test_small_members_may_compress_well(size, safe, monkeypatch):
    monkeypatch.setattr(archives, "MOST_RATIO", 1)
    if safe:
        require_safe_archive(packed([("a", b"\0" * size)]))
    else:
        with pytest.raises(UnsafeArchive, match="times"):
            require_safe_archive(packed([("a", b"\0" * size)]))
