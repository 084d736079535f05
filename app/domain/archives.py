"""An archive is measured before anything reads it: count, size, ratio, names, one level.

Nothing is unpacked to disk here. What passes can be opened by a library that trusts its input.
"""

import io
import stat
import zipfile
import zlib

from app.domain.wire import Malformed

MOST_MEMBERS = 1_000
MOST_BYTES = 200 * 1_048_576
MOST_RATIO = 100
RATIO_FREE_BYTES = 65_536
_INNER_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")
_CHUNK = 65_536


class UnsafeArchive(Malformed):
    """An archive that breaks one of the limits."""

    code = "FILE.ARCHIVE"


def require_safe_archive(body: bytes, most_bytes: int = MOST_BYTES) -> frozenset[str]:
    """The member names of ``body``, once every member was measured by reading it.

    Raises:
        UnsafeArchive: not one plain archive, or beyond a limit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            _require_whole(archive, body)
            _require_bounds(members, len(body), most_bytes)
            for member in members:
                _require_plain(member)
                _require_true_size(archive, member)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise UnsafeArchive(
            "压缩包已损坏，请重新生成", "the archive is damaged: make it again"
        ) from error
    return frozenset(member.filename for member in members)


def _require_whole(archive: zipfile.ZipFile, body: bytes) -> None:
    """Nothing stands before the first member or after the end record, so it is one kind of file."""
    end = body.rfind(b"PK\x05\x06")
    if not body.startswith(b"PK") or archive.comment or end + 22 != len(body):
        raise UnsafeArchive(
            "压缩包前后带有其他内容，请重新保存",
            "other content stands before or after the archive: save it again",
        )


def _require_bounds(members: list[zipfile.ZipInfo], packed: int, most_bytes: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise UnsafeArchive(
            f"压缩包成员超过 {MOST_MEMBERS} 个", f"the archive has more than {MOST_MEMBERS} members"
        )
    total = sum(member.file_size for member in members)
    if total > most_bytes:
        raise UnsafeArchive(
            f"解压后超过 {most_bytes // 1_048_576} MiB，请拆分",
            f"unpacks to more than {most_bytes // 1_048_576} MiB: split it",
        )
    pairs = [(member.file_size, member.compress_size) for member in members]
    if any(
        size > max(MOST_RATIO * small, RATIO_FREE_BYTES)
        for size, small in [*pairs, (total, packed)]
    ):
        raise UnsafeArchive(
            f"压缩比超过 {MOST_RATIO} 倍，请重新生成",
            f"unpacks to more than {MOST_RATIO} times its size: make it again",
        )
    if len({member.filename for member in members}) < len(members):
        raise UnsafeArchive("压缩包内有同名成员", "two members of the archive share a name")


def _require_plain(member: zipfile.ZipInfo) -> None:
    """A member is a file under a relative name: no link, no parent, no drive, no secret."""
    name = member.filename
    parts = name.split("/")
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if is_link or name.startswith("/") or ".." in parts or any(mark in name for mark in "\\:\0"):
        raise UnsafeArchive(
            "压缩包内有链接、绝对路径或上级路径",
            "the archive holds a link, an absolute or a parent path",
        )
    if member.flag_bits & 0x1:
        raise UnsafeArchive("不接受加密的压缩包，请去掉密码", "encrypted archives are not accepted")


def _require_true_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """The member unpacks to what its header says, checksum included, and is no archive itself."""
    with archive.open(member) as stream:
        first = stream.read(_CHUNK)
        if first.startswith(_INNER_MAGIC):
            raise UnsafeArchive("压缩包内还有压缩包", "the archive holds another archive")
        size = len(first)
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
    if size != member.file_size:
        raise UnsafeArchive("压缩包声明的大小不实", "the archive lies about a member's size")
