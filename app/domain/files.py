"""Which files are taken in: by a list of kinds, judged by name and by content together.

A sent name is only ever shown; files are stored under their digest. Scanning for malware is
another's work.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.archives import UnsafeArchive, require_safe_archive
from app.domain.wire import Malformed, UnsafeText, clean_text

FILE_LIMIT = 20 * 1_048_576
LONGEST_NAME = 120
_PROGRAMS = frozenset(
    "apk app asp aspx bat bin cmd com dll elf exe hta htm html jar js jse jsp lnk mht mhtml msi "
    "php phtml pif pl ps1 py reg scr sh so svg svgz swf vbe vbs wsf xhtml xml xsl".split()
)
_FOREIGN_STARTS = (b"pk", b"%pdf", b"mz", b"\x7felf", b"<", b"{\\rtf", b"#!", b"\x89png", b"gif8")


class FileRefused(Malformed):
    """A file that is not taken in; nothing of it is kept."""

    code = "FILE.REFUSED"


class FileTooLarge(FileRefused):
    """More bytes than a file may have."""

    code = "FILE.TOO_LARGE"


class FileNameRefused(FileRefused):
    """A name that hides a path, a program or invisible characters."""

    code = "FILE.NAME"


class FileKindRefused(FileRefused):
    """A kind that is not on the list, or content that is not what the name says."""

    code = "FILE.KIND"


@dataclass(frozen=True)
class FileKind:
    """A kind of file by extension, with the test its content must pass."""

    extension: str
    media_type: str
    holds: Callable[[bytes], bool]


def _is_pdf(body: bytes) -> bool:
    end = body.rstrip(b"\r\n \0")
    return body.startswith((b"%PDF-1.", b"%PDF-2.")) and end.endswith(b"%%EOF")


def _is_png(body: bytes) -> bool:
    return body.startswith(b"\x89PNG\r\n\x1a\n") and body.endswith(b"IEND\xaeB`\x82")


def _is_jpeg(body: bytes) -> bool:
    return body.startswith(b"\xff\xd8\xff") and body.endswith(b"\xff\xd9")


def _is_archive_with(*required: str) -> Callable[[bytes], bool]:
    def holds(body: bytes) -> bool:
        names = require_safe_archive(body)
        macro = any(name.casefold().endswith("vbaproject.bin") for name in names)
        return names.issuperset(required) and not macro

    return holds


def _is_text(body: bytes) -> bool:
    """Whether this is text in UTF-8 or GB 18030 that does not open as another kind of file."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower()
    if start.startswith(_FOREIGN_STARTS):
        return False
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = body.decode("gb18030")
        except UnicodeDecodeError:
            return False
    return not any(ord(mark) < 32 and mark not in "\t\r\n" for mark in text)


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    kind.extension: kind
    for kind in (
        FileKind("pdf", "application/pdf", _is_pdf),
        FileKind("png", "image/png", _is_png),
        FileKind("jpg", "image/jpeg", _is_jpeg),
        FileKind("jpeg", "image/jpeg", _is_jpeg),
        FileKind("ofd", "application/ofd", _is_archive_with("OFD.xml")),
        FileKind(
            "xlsx",
            f"{_OFFICE}.spreadsheetml.sheet",
            _is_archive_with("[Content_Types].xml", "xl/workbook.xml"),
        ),
        FileKind(
            "docx",
            f"{_OFFICE}.wordprocessingml.document",
            _is_archive_with("[Content_Types].xml", "word/document.xml"),
        ),
        FileKind("csv", "text/csv", _is_text),
        FileKind("txt", "text/plain", _is_text),
        FileKind("json", "application/json", _is_text),
    )
}


def shown_name(sent: str) -> str:
    """The sent file name made fit to show, or FileNameRefused."""
    try:
        name = clean_text(sent.strip())
    except UnsafeText as error:
        raise FileNameRefused(f"文件名中{error.zh}", f"in the file name, {error.en}") from None
    if not name or len(name) > LONGEST_NAME:
        raise FileNameRefused(
            f"文件名应为 1 至 {LONGEST_NAME} 个字符",
            f"a file name has 1 to {LONGEST_NAME} characters",
        )
    if name.startswith(".") or any(mark in name for mark in '/\\:*?"<>|'):
        raise FileNameRefused(
            "文件名不能带路径或特殊符号，请改名",
            "a file name carries no path or special mark: rename it",
        )
    inner = [part.casefold() for part in name.split(".")[1:-1]]
    if any(part in _PROGRAMS or part in KINDS for part in inner):
        raise FileNameRefused(
            "文件名带有双重扩展名，请改名", "a file name has one extension only: rename it"
        )
    return name


def admitted(sent: str, body: bytes, kinds: frozenset[str] = frozenset(KINDS)) -> FileKind:
    """The kind of a file whose name, size and content agree and are allowed.

    Raises:
        FileRefused, UnsafeArchive: which of them does not.
    """
    extension = shown_name(sent).rpartition(".")[2].casefold()
    listed = "、".join(sorted(kinds))
    if extension not in kinds:
        raise FileKindRefused(
            f"只接受这些类型：{listed}", f"only these kinds are accepted: {listed}"
        )
    if len(body) > FILE_LIMIT:
        raise FileTooLarge("文件超过 20 MiB，请拆分", "a file has at most 20 MiB: split it")
    if not KINDS[extension].holds(body):
        raise FileKindRefused(
            f"文件内容不是 {extension}，请另存为该类型后再上传",
            f"the content is not {extension}: save it as that kind and send it again",
        )
    return KINDS[extension]


__all__ = [
    "FILE_LIMIT",
    "KINDS",
    "FileKind",
    "FileRefused",
    "UnsafeArchive",
    "admitted",
    "shown_name",
]
