"""A workbook is opened only after its archive and every XML part of it were found modest.

openpyxl trusts what it reads; the limits here keep a hostile file from costing more than seconds.
"""

import io
import zipfile
from typing import IO
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from app.domain.archives import require_safe_archive
from app.domain.catalogue_words import MOST_ROWS
from app.domain.files import FileKindRefused, FileTooLarge

MOST_XML_BYTES = 64 * 1_048_576
MOST_ELEMENTS = 3_000_000
MOST_CELLS = 400_000
WIDEST_GRID = 50 * MOST_ROWS
UNREADABLE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    ParseError,
    zipfile.BadZipFile,
    InvalidFileException,
)


def open_workbook(body: bytes) -> Workbook:
    """The workbook in ``body``, without macros and links to other files.

    Raises:
        UnsafeArchive, FileRefused: what about it is hostile or broken.
    """
    require_safe_archive(body, MOST_XML_BYTES)
    _require_modest_parts(body)
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), keep_links=False)
    except UNREADABLE as error:
        raise broken_workbook() from error
    if not book.worksheets:
        raise broken_workbook()
    if any(sheet.max_row * sheet.max_column > WIDEST_GRID for sheet in book.worksheets):
        raise _too_large()
    return book


def broken_workbook() -> FileKindRefused:
    """The refusal of a workbook that nothing could be read from."""
    return FileKindRefused(
        "工作簿已损坏，请用表格软件重新另存为 xlsx",
        "the workbook is damaged: save it as xlsx again",
    )


def _too_large() -> FileTooLarge:
    return FileTooLarge(
        f"工作表超过 {MOST_ROWS} 行或单元格过多，请删除多余行列或拆分后分批导入",
        f"a sheet has more than {MOST_ROWS} rows or too many cells: delete empty ones or split it",
    )


def _require_modest_parts(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for name in archive.namelist():
            if name.casefold().endswith((".xml", ".rels", ".vml")):
                with archive.open(name) as part:
                    _require_modest_part(part)


def _require_modest_part(part: IO[bytes]) -> None:
    """One XML part declares no document type and holds a bounded number of elements and cells."""
    feed_part(part, _Measure())


def feed_part(part: IO[bytes], target: object) -> None:
    """The part is parsed into ``target``, without a document type or entities of its own (I06).

    Raises:
        FileKindRefused: it is no such XML.
    """
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        while chunk := part.read(65_536):
            parser.feed(chunk)
        parser.close()
    except (DefusedXmlException, ParseError, LookupError) as error:
        raise broken_workbook() from error


class _Measure:
    """An XML target that builds nothing and counts what openpyxl would build."""

    def __init__(self) -> None:
        self.elements = self.cells = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        name = tag.rpartition("}")[2]
        if name == "c":
            self.cells += 1
        elif name in ("mergeCell", "hyperlink"):
            self.cells += _area(attributes.get("ref", ""))
        if self.elements > MOST_ELEMENTS or self.cells > MOST_CELLS:
            raise _too_large()

    def end(self, tag: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing was kept."""


def _area(reference: str) -> int:
    """How many cells a range addresses; a whole row or column is too many."""
    if ":" not in reference:
        return 1
    try:
        left, top, right, bottom = range_boundaries(reference)
    except ValueError as error:
        raise broken_workbook() from error
    if None in (left, top, right, bottom):
        raise _too_large()
    return (right - left + 1) * (bottom - top + 1)
