"""What goes back: a comment at every error, everything else as it was sent."""

import csv
import io
import json

import openpyxl
import pytest
from openpyxl.comments import Comment

from app.engines.sheets import read_catalogue
from app.engines.sheets_mark import errors_csv, errors_json, marked_workbook, template_workbook
from tests.engines.sheet_samples import book, good_rows, saved


def planted():
    """A sheet with ten errors, one cell each."""
    made = book(good_rows(40))
    sheet = made.active
    sheet["A3"] = None
    sheet["B5"] = "../../etc/passwd"
    sheet["C7"] = "另一个名称"
    sheet["F9"] = "c0"
    sheet["F11"] = 1.1e17
    sheet["F13"] = "=1+1"
    sheet.merge_cells("G15:G17")
    sheet["F19"] = None
    sheet["E21"] = "数据\u202e处"
    sheet["G23"] = True
    return made


ERRORS = ["A3", "B5", "C7", "F9", "F11", "F13", "G15", "F19", "E21", "G23"]


def test_ten_planted_errors_come_back_as_ten_comments():
    body = saved(planted())
    reading = read_catalogue("目录.xlsx", body)
    marked = openpyxl.load_workbook(io.BytesIO(marked_workbook(body, reading.errors)))
    commented = [cell for row in marked.active.iter_rows() for cell in row if cell.comment]
    assert sorted(cell.coordinate for cell in commented) == sorted(ERRORS)
    assert len(reading.errors) == 10
    for cell in commented:
        assert cell.comment.author == "虎符 Hufu"
        assert cell.fill.fgColor.rgb == "FFFFC7CE"
        zh, en = cell.comment.text.split("\n", 1)
        assert not zh.isascii() and en


def test_everything_else_is_as_it_was_sent():
    body = saved(planted())
    before = openpyxl.load_workbook(io.BytesIO(body)).active
    reading = read_catalogue("目录.xlsx", body)
    after = openpyxl.load_workbook(io.BytesIO(marked_workbook(body, reading.errors))).active
    assert [[cell.value for cell in row] for row in before.iter_rows()] == [
        [cell.value for cell in row] for row in after.iter_rows()
    ]
    assert after.merged_cells.ranges == before.merged_cells.ranges
    assert after["A4"].fill.fgColor.rgb == before["A4"].fill.fgColor.rgb


def test_a_marked_sheet_can_be_mended_and_sent_again():
    made = book(good_rows())
    made.active["F3"] = "1x"
    body = saved(made)
    marked = marked_workbook(body, read_catalogue("a.xlsx", body).errors)
    again = openpyxl.load_workbook(io.BytesIO(marked))
    again.active["F3"] = "x1"
    assert not read_catalogue("a.xlsx", saved(again)).remarks


def test_an_earlier_comment_is_kept():
    made = book(good_rows())
    made.active["F3"] = "1x"
    made.active["F3"].comment = Comment("请核对", "李四")
    body = saved(made)
    marked = marked_workbook(body, read_catalogue("a.xlsx", body).errors)
    text = openpyxl.load_workbook(io.BytesIO(marked)).active["F3"].comment.text
    assert text.startswith("请核对\n\n")


def test_two_errors_of_one_cell_share_its_comment():
    body = saved(book(good_rows()))
    (error,) = read_catalogue("a.csv", b"x,y\n1,2\n").errors
    both = [error.__class__("目录", 2, 2, code, code, "en") for code in ("一", "二")]
    text = openpyxl.load_workbook(io.BytesIO(marked_workbook(body, both))).active["B2"].comment.text
    assert text == "一\nen\n\n二\nen"


def test_an_error_under_a_merged_cell_is_said_on_it():
    made = book(good_rows())
    made.active.insert_rows(1)
    made.active["A1"] = "标题"
    made.active.merge_cells("A1:A2")
    body = saved(made)
    reading = read_catalogue("a.xlsx", body)
    marked = openpyxl.load_workbook(io.BytesIO(marked_workbook(body, reading.errors)))
    assert marked.active["A1"].comment


def test_error_files_name_place_code_and_both_languages():
    reading = read_catalogue("目录.xlsx", saved(planted()))
    listed = json.loads(errors_json(reading.remarks))
    assert listed["schema"] == "hufu-catalogue-errors/1"
    assert {found["place"] for found in listed["errors"]} == {f"目录!{cell}" for cell in ERRORS}
    rows = list(csv.reader(io.StringIO(errors_csv(reading.remarks).decode("utf-8-sig"))))
    assert len(rows) == 11
    assert [row[0] for row in rows[1:]] == [found["place"] for found in listed["errors"]]


def test_the_template_reads_as_an_empty_catalogue_and_a_filled_one_as_full():
    reading = read_catalogue("模板.xlsx", template_workbook())
    assert [found.code for found in reading.errors] == ["CAT.EMPTY"]
    made = openpyxl.load_workbook(io.BytesIO(template_workbook()))
    for row in good_rows(3):
        made.active.append(row)
    filled = read_catalogue("模板.xlsx", saved(made))
    assert not filled.remarks and len(filled.tables[0].columns) == 3


@pytest.mark.parametrize("sheet", ["_codes", "_version"])
def test_the_template_hides_its_version_and_codes(sheet):
    made = openpyxl.load_workbook(io.BytesIO(template_workbook()))
    assert made[sheet].sheet_state == "hidden"
    lists = {choice.formula1 for choice in made.active.data_validations.dataValidation}
    assert lists == {"'_codes'!$A$2:$A$10", "'_codes'!$B$2:$B$8"}
