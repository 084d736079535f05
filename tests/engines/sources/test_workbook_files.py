"""XLSX as a source: sheets are tables, headings may be merged, nothing is evaluated or trusted."""

import datetime
import time

import openpyxl
import pytest

from app.domain.refusals import Refusal
from app.domain.wire import Malformed
from app.engines.sources.opening import open_source
from app.engines.sources.sampling import Limits
from app.engines.sources.workbook_files import read_workbook
from tests.engines.sheet_samples import SHEET, respelt, saved
from tests.engines.sources.reading import only, read


@pytest.fixture
def sheet(tmp_path):
    """A reader of a workbook whose only sheet has these rows and merges."""

    def go(rows, *merges, **limits):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for merge in merges:
            book.active.merge_cells(merge)
        book.save(tmp_path / "表.xlsx")
        return only(read_workbook, tmp_path / "表.xlsx", **limits)

    return go


def people(count, start=0):
    return [[f"张三{n}", f"1381234{n:04}", f"a{n}@b.cn"] for n in range(start, start + count)]


def test_the_only_sheet_is_called_as_the_file(sheet):
    sample, counts = sheet([["姓名", "电话", "邮箱"], *people(30)])
    assert sample.spec.name == "表" and list(sample.values) == ["姓名", "电话", "邮箱"]
    assert sample.rows_total == 30 and not counts


def test_several_sheets_are_several_tables_hidden_ones_too(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "企业"
    book.active.append(["名称", "代码"])
    book.active.append(["甲", "1"])
    hidden = book.create_sheet("=cmd|'calc'!A0")
    hidden.append(["a", "b"])
    hidden.append([1, 2.5])
    hidden.sheet_state = "veryHidden"
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")
    found, report = read(open_source(str(tmp_path / "a.xlsx"), Limits()))
    assert list(found) == ["企业", "=cmd|'calc'!A0"]
    assert found["=cmd|'calc'!A0"].values == {"a": ("1",), "b": ("2.5",)}
    assert report.remarks.counts["HIDDEN_SHEET"] == 1 and not report.skipped


def test_bad_input_merged_headings_name_every_column_they_cover(sheet):
    sample, counts = sheet(
        [["企业信息汇总表"], ["姓名", "联系方式", None, "备注"], [None, "电话", "邮箱", None],
         *([*row, "无"] for row in people(20))],
        "A1:D1", "A2:A3", "B2:C2", "D2:D3")
    assert list(sample.values) == ["姓名", "联系方式_电话", "联系方式_邮箱", "备注"]
    assert sample.rows_total == 20 and counts == {"ABOVE_HEADING": 1}


def test_a_heading_merged_sideways_above_rows_takes_no_row(sheet):
    sample, _ = sheet([["姓名", "联系方式", None], *people(10)], "B1:C1")
    assert sample.rows_total == 10 and list(sample.values)[:2] == ["姓名", "联系方式"]


def test_bad_input_a_heading_may_stand_below_titles(sheet):
    sample, counts = sheet([["某局数据清单"], [], ["填报日期：2026年"], ["姓名", "电话", "邮箱"],
                            *people(10)])
    assert list(sample.values) == ["姓名", "电话", "邮箱"] and counts == {"ABOVE_HEADING": 3}


def test_merged_cells_among_rows_are_counted(sheet):
    sample, counts = sheet([["姓名", "电话", "邮箱"], *people(10)], "A3:A5")
    assert counts == {"MERGED": 1} and sample.values["姓名"][1:4] == ("张三1", None, None)


def test_bad_input_lost_precision_is_reported_as_unrecoverable(sheet):
    numbers = [1.10105194912310e17, 110105194912310000, 1.0e15, 999999999999999]
    sample, counts = sheet([["证件号"], *([number] for number in numbers)])
    assert sample.values["证件号"][:3] == ("1.10105E+17", "1.10105E+17", "1.00000E+15")
    assert sample.values["证件号"][3] == "999999999999999"
    assert counts["LOST_DIGITS"] == 3 and "their digits are lost" in sample.notes[0]


def test_a_number_a_program_wrote_with_all_digits_keeps_them(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["证件号"])
    book.active.append([7])
    body = respelt(saved(book), SHEET, lambda text: text.replace(
        b"<v>7</v>", b"<v>110105194912310023</v>"))
    (tmp_path / "a.xlsx").write_bytes(body)
    sample, counts = only(read_workbook, tmp_path / "a.xlsx")
    assert sample.values["证件号"] == ("110105194912310023",) and not counts


def test_values_read_as_a_person_would(sheet):
    row = [datetime.datetime(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4), True, 0.1, 12,
           "文本", None]
    sample, _ = sheet([list("abcdefg"), row, row])
    assert [cells[0] for cells in sample.values.values()] == [
        "2020-01-02", "2020-01-02 03:04:00", "TRUE", "0.1", "12", "文本", None]


def test_bad_input_formulas_are_never_evaluated(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["x", "=1+1"])
    book.active.append(["y", '=HYPERLINK("http://evil")'])
    body = respelt(saved(book), SHEET, lambda text: text.replace(
        b"<f>1+1</f><v />", b"<f>1+1</f><v>7</v>").replace(
        b"<f>1+1</f><v></v>", b"<f>1+1</f><v>7</v>"))
    (tmp_path / "f.xlsx").write_bytes(body)
    sample, counts = only(read_workbook, tmp_path / "f.xlsx")
    assert sample.values["b"] == ("7", None) and counts["FORMULA"] == 2


def test_error_cells_are_null_and_counted(sheet):
    sample, counts = sheet([["a", "b"], ["x", "#REF!"], ["y", "z"]])
    assert sample.values["b"] == (None, "z") and counts == {"ERROR_CELL": 1}


def test_bad_input_cells_of_50_kB_are_cut(sheet):
    sample, counts = sheet([["a", "b"], ["x", "".join(map(chr, range(0x4E00, 0x9F00)))]])
    assert len(sample.values["b"][0]) == 8_193 and counts["CUT_CELL"] == 1


def test_a_sheet_that_fails_costs_itself_only(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append(["x"])
    other = book.create_sheet("好")
    other.append(["b"])
    other.append(["y"])
    body = respelt(saved(book), SHEET, lambda text: text.replace(
        b't="inlineStr"><is><t>x</t></is>', b't="s"><v>999</v>'))
    (tmp_path / "two.xlsx").write_bytes(body)
    found, report = read(open_source(str(tmp_path / "two.xlsx"), Limits()))
    assert list(found) == ["好"]
    assert [skipped.name for skipped in report.skipped] == ["Sheet"]


@pytest.mark.parametrize("change", [
    lambda text: text.replace(b"<sheetData>", b'<!DOCTYPE x [<!ENTITY e "x">]><sheetData>'),
    lambda text: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    + text.partition(b"?>")[2],
    lambda text: text[:-40],
    lambda text: b"",
])
def test_I06_entities_and_broken_xml_are_refused(tmp_path, change):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    (tmp_path / "x.xlsx").write_bytes(respelt(saved(book), SHEET, change))
    with pytest.raises((Refusal, Malformed)):
        only(read_workbook, tmp_path / "x.xlsx")


@pytest.mark.parametrize("cells", [
    "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 2_000)),
    "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 2**31, 2**20)),
    '<row r="1"><c r="A1"><v>1</v></c></row>' + '<row r="x"><c r="A0"/></row>',
])
def test_a_sheet_that_would_cost_minutes_is_refused_in_seconds(tmp_path, cells):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    body = respelt(saved(book), SHEET, lambda text: text.partition(b"<sheetData>")[0]
                   + f"<sheetData>{cells}</sheetData></worksheet>".encode())
    (tmp_path / "wide.xlsx").write_bytes(body)
    before = time.monotonic()
    found, report = read(open_source(str(tmp_path / "wide.xlsx"), Limits()))
    assert not found and len(report.skipped) == 1
    assert time.monotonic() - before < 5


def test_too_many_merges_are_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    merges = "".join(f'<mergeCell ref="A{n}:XFD{n}"/>' for n in range(1, 30_000)).encode()
    body = respelt(saved(book), SHEET, lambda text: text.replace(
        b"</sheetData>", b"</sheetData><mergeCells>" + merges + b"</mergeCells>"))
    (tmp_path / "m.xlsx").write_bytes(body)
    with pytest.raises(Refusal, match="save it as CSV"):
        only(read_workbook, tmp_path / "m.xlsx")


def test_bad_input_an_empty_workbook_is_refused_in_one_line(tmp_path):
    openpyxl.Workbook().save(tmp_path / "e.xlsx")
    with pytest.raises(Refusal, match="empty"):
        only(read_workbook, tmp_path / "e.xlsx")
