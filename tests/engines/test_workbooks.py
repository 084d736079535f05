"""The workbook's laws: a hostile part is refused in seconds, and never reaches openpyxl."""

import time

import pytest

from app.domain.wire import Malformed
from app.engines.workbooks import open_workbook
from tests.engines.sheet_samples import SHEET, book, good_rows, respelt, saved

GOOD = saved(book(good_rows()))
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "&a%d;&a%d;">' % (n, n - 1, n - 1) for n in range(1, 40))
    + b"]><x>&a39;</x>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def in_sheet(text):
    return lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + text)


def in_data(text):
    return lambda xml: xml.replace(b"</sheetData>", text + b"</sheetData>")


HOSTILE = {
    "billion laughs": (SHEET, lambda _: LAUGHS),
    "outside entity": ("xl/workbook.xml", lambda _: OUTSIDE),
    "outside entity in relations": ("_rels/.rels", lambda _: OUTSIDE),
    "document type": (SHEET, lambda xml: b"<!DOCTYPE worksheet>" + xml[xml.index(b"<worksheet") :]),
    "utf-16 document type": (SHEET, lambda _: OUTSIDE.decode().encode("utf-16")),
    "unknown encoding": (SHEET, lambda _: b'<?xml version="1.0" encoding="x-none"?><x/>'),
    "huge merge": (SHEET, in_sheet(b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    "column merge": (SHEET, in_sheet(b'<mergeCells><mergeCell ref="A:XFD"/></mergeCells>')),
    "bad merge": (SHEET, in_sheet(b'<mergeCells><mergeCell ref="A1:?"/></mergeCells>')),
    "huge link": (
        SHEET,
        in_sheet(b'<hyperlinks><hyperlink display="&gt;" ref="A1:XFD99999"/></hyperlinks>'),
    ),
    "far cell": (SHEET, in_data(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "many cells": (SHEET, in_data(b'<row r="9">' + b"<c/>" * 400_001 + b"</row>")),
    "many elements": ("xl/styles.xml", lambda _: b"<x>" + b"<y/>" * 3_000_001 + b"</x>"),
    "cut part": (SHEET, lambda xml: xml[: len(xml) // 2]),
    "empty part": (SHEET, lambda _: b""),
    "other part": ("xl/workbook.xml", lambda _: b"<html/>"),
    "bad number": (SHEET, in_data(b'<row r="x"><c r="A?"><v>1</v></c></row>')),
    "bad index": (SHEET, in_data(b'<row r="90"><c r="A90" t="s"><v>99999</v></c></row>')),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_is_refused_in_seconds(kind):
    body = respelt(GOOD, *HOSTILE[kind])
    begun = time.process_time()
    with pytest.raises(Malformed) as refused:
        open_workbook(body)
    assert refused.value.zh and refused.value.en
    assert time.process_time() - begun < 10


def test_a_good_workbook_opens():
    assert open_workbook(GOOD).active.max_row == 21


@pytest.mark.parametrize("member", ["xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_that_lost_a_part_is_refused(member):
    with pytest.raises(Malformed):
        open_workbook(respelt(GOOD, member, lambda _: b"<x/>"))
