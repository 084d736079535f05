"""The reader's laws: one catalogue whatever the file, and a remark at the cell for each defect."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.files import FileKindRefused, FileRefused
from app.domain.wire import Malformed
from app.engines.sheets import TEMPLATE, read_catalogue
from tests.engines.sheet_samples import HEADING, SHEET, book, good_rows, respelt, saved
from tests.properties import calm

ZONE = Path(__file__).parents[2] / "app" / "demo" / "zone" / "catalogue.json"


def zone_rows():
    for table in json.loads(ZONE.read_text(encoding="utf-8"))["tables"]:
        for column in table["columns"]:
            yield [
                table["department"],
                table["table"],
                table["name_zh"],
                "",
                "",
                column["column"],
                column["name_zh"],
                column["type"],
            ]


def comma_separated(rows, encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def codes(reading):
    return [(found.row, found.column, found.code) for found in reading.remarks]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.xlsx", saved(book(zone_rows()))),
        ("a.csv", comma_separated([HEADING, *zone_rows()])),
        ("a.csv", comma_separated([HEADING, *zone_rows()], "utf-8-sig")),
        ("a.csv", comma_separated([HEADING, *zone_rows()], "gb18030")),
    ],
    ids=["workbook", "utf-8", "utf-8 with mark", "gb18030"],
)
def test_the_zone_reads_alike_from_every_kind_of_file(name, body):
    reference = read_catalogue("zone.json", ZONE.read_bytes())
    reading = read_catalogue(name, body)
    assert reading.tables == reference.tables
    assert sorted(found.code for found in reading.remarks) == sorted(
        found.code for found in reference.remarks
    )


def spoilt(change):
    made = book(good_rows())
    change(made.active)
    return read_catalogue("a.xlsx", saved(made))


def set_value(cell, value):
    return lambda sheet: sheet.__setitem__(cell, value)


def merge(reference):
    return lambda sheet: sheet.merge_cells(reference)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_value("F5", "=1+1"), (5, 6, "CAT.FORMULA")),
        (set_value("J5", '=HYPERLINK("http://x")'), (5, 10, "CAT.FORMULA")),
        (set_value("E5", 1.1e17), (5, 5, "CAT.LOSSY_NUMBER")),
        (set_value("E5", 10**15), (5, 5, "CAT.LOSSY_NUMBER")),
        (set_value("F5", "1.1E+17"), (5, 6, "CAT.LOSSY_NUMBER")),
        (set_value("G5", date(2026, 1, 1)), (5, 7, "CAT.NOT_TEXT")),
        (set_value("G5", True), (5, 7, "CAT.NOT_TEXT")),
        (set_value("G5", "#REF!"), (5, 7, "CAT.NOT_TEXT")),
        (set_value("F5", 12), (5, 6, "CAT.CODE_NAME")),
        (set_value("B5", "../x"), (5, 2, "CAT.CODE_NAME")),
        (merge("A5:A9"), (5, 1, "CAT.MERGED")),
        (merge("F5:H5"), (5, 6, "CAT.MERGED")),
        (merge("F5:J5"), (5, 6, "CAT.MERGED")),
    ],
)
def test_each_defect_of_a_sheet_is_one_remark_at_its_cell(change, expected):
    assert codes(spoilt(change)) == [expected]


@pytest.mark.parametrize("value", [10**15 - 1, 2.5, 7])
def test_a_number_that_lost_nothing_reads_as_it_was_typed(value):
    (table,) = spoilt(
        lambda sheet: [sheet.__setitem__(f"E{n}", value) for n in range(2, 22)]
    ).tables
    assert table.owner == str(value)


def test_a_date_beside_the_catalogue_is_not_our_concern():
    reading = spoilt(
        lambda sheet: (set_value("I1", "填报日期")(sheet), set_value("I2", date(2026, 1, 1))(sheet))
    )
    assert codes(reading) == [(1, 9, "CAT.NOT_READ")]


def test_a_merged_title_above_the_heading_is_welcome():
    made = book(good_rows())
    made.active.insert_rows(1)
    made.active["A1"] = "市税务局数据资源目录"
    made.active.merge_cells("A1:H1")
    reading = read_catalogue("a.xlsx", saved(made))
    assert not reading.remarks and len(reading.tables[0].columns) == 20


def test_every_visible_sheet_with_a_heading_is_read_and_the_others_are_named():
    made = book(good_rows())
    made.create_sheet("说明")["A1"] = "请按模板填写"
    second = made.create_sheet("公安")
    second.append(HEADING)
    second.append(["市公安局", "t", "表", "", "", "a", "甲", "int"])
    hidden = made.create_sheet("旧")
    hidden.append(["=1+1"])
    hidden.sheet_state = "hidden"
    reading = read_catalogue("a.xlsx", saved(made))
    assert [table.department for table in reading.tables] == ["市税务局", "市公安局"]
    assert [(found.where, found.code) for found in reading.remarks] == [("说明!A1", "CAT.NOT_READ")]


@pytest.mark.parametrize("version", [TEMPLATE, "hufu-catalogue/0"])
def test_a_template_of_another_version_is_refused(version):
    made = book(good_rows())
    mark = made.create_sheet("_version")
    mark["A1"] = version
    mark.sheet_state = "hidden"
    reading = read_catalogue("a.xlsx", saved(made))
    assert [found.code for found in reading.errors] == (
        [] if version == TEMPLATE else ["CAT.VERSION"]
    )


def test_a_workbook_shows_a_sheet():
    body = respelt(
        saved(book(good_rows())),
        "xl/workbook.xml",
        lambda xml: xml.replace(b'state="visible"', b'state="hidden"'),
    )
    with pytest.raises(FileKindRefused, match="visible"):
        read_catalogue("a.xlsx", body)


@pytest.mark.parametrize("rows", [20_000, 20_001])
def test_twenty_thousand_rows_are_read_and_no_more(rows):
    body = comma_separated([HEADING, *good_rows(rows)])
    reading = read_catalogue("a.csv", body)
    assert len(reading.tables[0].columns) == 20_000
    assert codes(reading) == ([] if rows == 20_000 else [(20_002, 1, "CAT.TOO_MANY")])


def test_too_many_rows_in_a_workbook_are_refused():
    one = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    body = respelt(
        saved(book(good_rows())),
        SHEET,
        lambda xml: xml.replace(b"</sheetData>", one * 200_000 + b"</sheetData>"),
    )
    with pytest.raises(Malformed):
        read_catalogue("a.xlsx", body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("部门;表名;字段名\n局;t;a\n".encode(), "commas"),
        ("部门\t表名\t字段名\n局\tt\ta\n".encode(), "commas"),
        ('部门,表名\n"局"x,t\n'.encode(), "line 2"),
        ('部门,表名\n"局,t\n'.encode(), "quote"),
        ("部门,".encode() + b"x" * 200_000, "line 1"),
        ("部门,表名".encode("utf-16"), "content"),
        (b"PK\x03\x04,x", "content"),
        (b"<html>,x", "content"),
    ],
)
def test_a_hostile_csv_is_refused(body, said):
    with pytest.raises(FileRefused, match=said):
        read_catalogue("a.csv", body)


def test_a_csv_record_of_several_lines_is_one_row():
    rows = good_rows(2)
    rows[0][4] = "数据处\n张三"
    rows[1][5] = "1x"
    reading = read_catalogue("a.csv", comma_separated([HEADING, *rows]))
    assert codes(reading) == [(2, 5, "CAT.UNSAFE_TEXT"), (3, 6, "CAT.CODE_NAME")]


def test_a_csv_formula_is_no_code_name():
    rows = good_rows(1)
    rows[0][5] = "=cmd|' /C calc'!A0"
    assert codes(read_catalogue("a.csv", comma_separated([HEADING, *rows]))) == [
        (2, 6, "CAT.CODE_NAME")
    ]


@pytest.mark.parametrize("name", ["a.xls", "a.xlsm", "a.pdf", "../a.csv", "a.xlsx.csv", "a"])
def test_other_kinds_and_names_are_refused(name):
    with pytest.raises(FileRefused):
        read_catalogue(name, comma_separated([HEADING, *good_rows()]))


@pytest.mark.parametrize(
    "body", [b"{}", b'{"tables":[],"tables":[]}', b"[" * 99, b'{"tables":NaN}']
)
def test_hostile_json_is_refused(body):
    with pytest.raises(Malformed):
        read_catalogue("a.json", body)


@calm
@given(st.lists(st.lists(st.text(max_size=8), max_size=9), max_size=6))
def test_any_csv_is_read_or_refused(rows):
    try:
        read_catalogue("a.csv", comma_separated([HEADING, *rows], "utf-8"))
    except Malformed:
        pass
