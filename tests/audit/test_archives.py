"""Row 21: hostile archives are refused before anything in them is read."""

import io
import zipfile

import pytest

from audit import pack, verify
from tests.audit.log import SERVER, opened, packed, zone


@pytest.fixture(scope="module")
def files():
    return opened(packed(zone(3)))


def written(files, change=None, names=None, method=zipfile.ZIP_STORED, **attributes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in names or sorted(files):
            entry = zipfile.ZipInfo(name, attributes.get("date", pack.FIXED_DATE))
            entry.create_system = 3
            entry.external_attr = attributes.get("mode", pack.REGULAR_FILE)
            entry.extra = attributes.get("extra", b"")
            entry.comment = attributes.get("comment", b"")
            archive.writestr(entry, files.get(name, b""), compress_type=method)
        archive.comment = attributes.get("closing", b"")
    return out.getvalue()


def patched(raw: bytes, at: int, value: bytes) -> bytes:
    return raw[:at] + value + raw[at + len(value):]


def lying_size(files):
    raw = written(files)
    return patched(raw, 18, (2**31).to_bytes(4, "little") * 2)


def nested(files):
    inner = written({"a": b"b"})
    return written(files | {"files/a.zip": inner}, method=zipfile.ZIP_DEFLATED)


def bomb(files):
    return written(files | {"files/" + "0" * 64: bytes(50 * 2**20)}, method=zipfile.ZIP_DEFLATED)


def too_many(files):
    return pack.archive({f"facts/t{index:05d}.jsonl": b"" for index in range(1_001)})


HOSTILE = {
    "empty": lambda files: b"",
    "not an archive": lambda files: b"hello",
    "compressed": lambda files: written(files, method=zipfile.ZIP_DEFLATED),
    "a bomb": bomb,
    "a parent path": lambda files: pack.archive({"../passwd": b"x", **files}),
    "an absolute path": lambda files: pack.archive({"/etc/passwd": b"x", **files}),
    "a current path": lambda files: pack.archive({"./README": b"x", **files}),
    "a backslash path": lambda files: pack.archive({"a\\b": b"x", **files}),
    "a long name": lambda files: pack.archive({"a" * 201: b"x", **files}),
    "a line feed in a name": lambda files: pack.archive({"a\nb": b"x", **files}),
    "a link": lambda files: written(files, mode=0o120777 << 16),
    "a folder": lambda files: pack.archive({"facts/": b"", **files}),
    "another date": lambda files: written(files, date=(2026, 1, 1, 0, 0, 0)),
    "an extra field": lambda files: written(files, extra=b"\x01\x00\x00\x00"),
    "a comment": lambda files: written(files, comment=b"hello"),
    "a closing comment": lambda files: written(files, closing=b"hello"),
    "out of order": lambda files: written(files, names=sorted(files, reverse=True)),
    "the same name twice": lambda files: written(files, names=sorted([*files, "verify.py"])),
    "something before": lambda files: b"#!/bin/sh\n" + pack.archive(files),
    "something behind": lambda files: pack.archive(files) + b"\0",
    "a lying size": lying_size,
    "an archive inside": nested,
    "too many files": too_many,
    "no directory": lambda files: written(files)[: written(files).index(b"PK\x01\x02")],
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused(files, make):
    found = verify.verify(make(files), SERVER.trusted())
    assert found.codes == {"ARCHIVE"}
    assert found.verdict == verify.BROKEN


def test_an_archive_beyond_the_limit_is_not_even_opened(tmp_path, capsys):
    path = tmp_path / "huge.zip"
    with path.open("wb") as file:
        file.truncate(verify.MAX_BYTES + 2**20 + 1)
    key = tmp_path / "key"
    key.write_text(SERVER.key.text())
    assert verify.main([str(path), "--key", str(key)]) == verify.UNUSABLE
    assert "not read" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["manifest.json", "manifest.sig"])
def test_an_archive_without_its_seal_is_no_pack(files, missing):
    kept = {name: each for name, each in files.items() if name != missing}
    assert verify.verify(pack.archive(kept), SERVER.trusted()).codes == {"FILE_SET"}


def test_a_wrong_check_sum_is_told_with_its_file(files):
    raw = written(files)
    directory = raw.index(b"PK\x01\x02")
    both = patched(patched(raw, 14, bytes(4)), directory + 16, bytes(4))
    found = verify.verify(both, SERVER.trusted())
    assert [(each.code, each.file) for each in found.findings] == [("FILE_HASH", "README.en.txt")]
    assert verify.verify(patched(raw, 14, bytes(4)), SERVER.trusted()).codes >= {"ARCHIVE"}
