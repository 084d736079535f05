"""The grid's laws: the heading is found by its titles, and every row keeps its own number."""

import pytest

from app.domain import catalogue_grid
from app.domain.catalogue_grid import COVERED, Raw, read_grid

TITLES = ["部门", "表名", "表中文名", "字段名", "字段中文名", "类型"]
ROW = ["市税务局", "t", "纳税", "a", "甲", "int"]


def grid(*rows):
    return {
        number: {
            column: text if isinstance(text, Raw) else Raw(text)
            for column, text in enumerate(row, start=1)
        }
        for number, row in enumerate(rows, start=1)
    }


def codes(reading):
    return [(found.row, found.column, found.code) for found in reading.remarks]


def test_a_heading_below_a_title_is_found():
    reading = read_grid("目录", grid(["某市数据资源目录"], [""], TITLES, ROW, [""], ROW))
    assert reading.heading == 3
    assert [row["column"].place.row for row in reading.rows] == [4, 6]
    assert reading.rows[0]["table_zh"].text == "纳税"
    assert not reading.remarks


@pytest.mark.parametrize("before", [9, 10])
def test_a_heading_is_looked_for_in_ten_rows(before):
    reading = read_grid("", grid(*[["说明"]] * before, TITLES, ROW))
    assert bool(reading.heading) is (before == 9)


def test_titles_may_be_starred_and_in_any_order_and_either_language():
    reading = read_grid(
        "",
        grid(
            ["*Column", "table＊", "department", "字段中文名", "类型", "表中文名"],
            ["a", "t", "局", "甲", "int", "纳税"],
        ),
    )
    assert {name: cell.text for name, cell in reading.rows[0].items()} == {
        "column": "a",
        "table": "t",
        "department": "局",
        "column_zh": "甲",
        "type": "int",
        "table_zh": "纳税",
    }
    assert not reading.remarks


def test_a_missing_heading_is_named():
    reading = read_grid("", grid(TITLES[:-1], ROW[:-1]))
    assert codes(reading) == [(1, 1, "CAT.HEADER")]
    assert "数据类型" in reading.remarks[0].message_zh


def test_a_heading_that_stands_twice_and_a_strange_one_are_named():
    reading = read_grid("", grid([*TITLES, "表代码", "备注"], [*ROW, "x", "y"]))
    assert codes(reading) == [(1, 7, "CAT.HEADER"), (1, 8, "CAT.NOT_READ")]


def test_a_sheet_without_heading_says_what_is_wanted():
    reading = read_grid("", grid(["a", "b"], ["1", "2"]))
    assert (reading.heading, codes(reading)) == (0, [(1, 1, "CAT.HEADER")])
    assert codes(read_grid("", {})) == [(1, 1, "CAT.HEADER")]


def test_a_heading_without_rows_is_empty():
    assert codes(read_grid("", grid(TITLES, ["", " "]))) == [(2, 1, "CAT.EMPTY")]


@pytest.mark.parametrize(
    ("column", "code", "said"),
    [
        (4, "CAT.NOT_TEXT", True),
        (7, "CAT.NOT_TEXT", False),
        (7, "CAT.FORMULA", True),
        (7, "CAT.MERGED", True),
        (4, COVERED, False),
    ],
)
def test_a_cell_without_text_is_said_where_it_matters(column, code, said):
    cells = [*ROW, "备注"]
    cells[column - 1] = Raw("", code)
    reading = read_grid("", grid([*TITLES, "附注"], cells))
    assert ((2, column, code) in codes(reading)) is said


@pytest.mark.parametrize("rows", [3, 4])
def test_more_rows_than_allowed_are_said_at_the_first_one(rows, monkeypatch):
    monkeypatch.setattr(catalogue_grid, "MOST_ROWS", 3)
    reading = read_grid("", grid(TITLES, *[ROW] * rows))
    assert len(reading.rows) == 3
    assert codes(reading) == ([(5, 1, "CAT.TOO_MANY")] if rows == 4 else [])
