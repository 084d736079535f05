"""Opening a file: a regular one, of the kind it claims to be; and the table name it gives."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.engines.sources.remarks import SourceRefused, shown

_STARTS = {
    b"PK\x03\x04": ("压缩包或工作簿", "an archive or workbook", (".xlsx",)),
    b"PAR1": ("Parquet", "Parquet", (".parquet",)),
    b"SQLite format 3\0": ("SQLite 数据库", "an SQLite database", (".db", ".sqlite", ".sqlite3")),
    b"\xd0\xcf\x11\xe0": ("旧版 Office 文件", "an old Office file", ()),
    b"\x1f\x8b": ("gzip 压缩包", "a gzip archive", ()),
    b"%PDF": ("PDF", "a PDF", ()),
}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading; never a device, a pipe or a folder.

    Raises:
        SourceRefused, OSError: it is not what its name says, or cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SourceRefused("这不是普通文件", "this is no regular file")
        _require_kind(path, file.read(16))
        file.seek(0)
        yield file


def _require_kind(path: Path, start: bytes) -> None:
    for mark, (zh, en, suffixes) in _STARTS.items():
        if start.startswith(mark) and path.suffix.casefold() not in suffixes:
            raise SourceRefused(
                f"内容是{zh}，与扩展名不符，请改名或另存为 CSV",
                f"the content is {en}, not what the name says: rename it or save it as CSV",
            )


def table_name(path: Path) -> str:
    """The name of the file without its extension, fit to be shown."""
    return shown(path.stem) or "table"
