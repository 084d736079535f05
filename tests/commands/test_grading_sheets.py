"""A signed grading sheet is taken in as the form would be: every row, or none of them."""

import io

import openpyxl
import pytest

from app.commands.attachments import store_file
from app.commands.grading_sheets import GradingSheet, import_gradings
from app.domain.refusals import IllegalMove, Invalid, NotFound
from app.engines.grading_sheets import COLUMNS, written
from app.queries.datasets import dataset as sheet_of
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS, fields

AT = {key: column for column, key in enumerate(COLUMNS, start=1)}


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def dataset(rt, home):
    return supply.dataset_id(rt, supply.accepted(rt, home, fields=FIELDS))


def exported(rt, dataset: str) -> openpyxl.Workbook:
    """The sheet as it leaves, with the columns in the Chinese of the zone."""
    rows = [{key: f"L{row[key]}" if key in ("grade", "proposed_grade")
             else ("是" if row[key] else "") if isinstance(row.get(key), bool)
             else str(row.get(key) or "") for key in COLUMNS}
            for row in sheet_of(rt, supply.SEC, dataset).judgements]
    return openpyxl.load_workbook(io.BytesIO(written(rows, "企业基本信息", "zh")))


def taken(rt, dataset: str, book: openpyxl.Workbook):
    body = io.BytesIO()
    book.save(body)
    file = store_file(rt, supply.SEC, "分级表.xlsx", body.getvalue())
    return import_gradings(rt, supply.SEC, dataset, GradingSheet(file=file.id))


def wrong(rt, dataset: str, book: openpyxl.Workbook) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        taken(rt, dataset, book)
    assert not any(field.confirmed_by for field in fields(rt, dataset).values())
    return {error["at"].removeprefix("file."): error["zh"]
            for error in refused.value.facts["errors"]}


def test_what_leaves_comes_back_as_it_was_proposed(rt, dataset):
    done = taken(rt, dataset, exported(rt, dataset))
    found = fields(rt, dataset)
    assert done.detail == {"confirmed": 4}  # one column could not be read, so it has no category
    assert found["fddbrsfzh"].grade == 3 and found["fddbrsfzh"].sensitive
    assert found["fddbrsfzh"].element == "legal_rep_id"
    assert not found["qzx7"].confirmed_by


def test_rows_left_empty_say_nothing(rt, dataset):
    book = exported(rt, dataset)
    for row in (2, 3, 4):
        for key in ("category", "grade"):
            book.active.cell(row, AT[key]).value = None
    assert taken(rt, dataset, book).detail == {"confirmed": 1}


@pytest.mark.parametrize(("key", "value", "at", "said"), [
    ("grade", "L9", "H3", "L1 至 L5"), ("grade", "=1+1", "H3", "公式"),
    ("sensitive", "可能", "K3", "「是」"),
    ("grade", "L4", "A3", "改变建议须填写理由"), ("mask", "BLUR", "A3", "处理方式未知"),
    ("subject_kind", "ALIEN", "A3", "主体类型"), ("category", "随便", "A3", "没有分类"),
    ("field", "NO", "A3", "没有数据项"), ("category", None, "A3", "分类"),
])
def test_one_fault_is_told_by_its_cell_and_nothing_changes(rt, dataset, key, value, at, said):
    book = exported(rt, dataset)
    book.active.cell(3, AT[key]).value = value
    assert said in wrong(rt, dataset, book)[at]


def test_a_sheet_of_another_make_is_refused_by_the_columns_it_lacks(rt, dataset):
    book = exported(rt, dataset)
    book.active.cell(1, AT["grade"]).value = "密级"
    assert wrong(rt, dataset, book) == {"A1": "A1：缺少列「分级」"}


def test_a_field_stands_once(rt, dataset):
    book = exported(rt, dataset)
    book.active.cell(3, AT["field"]).value = book.active.cell(2, AT["field"]).value
    assert "重复" in wrong(rt, dataset, book)["A3"]


def test_a_sheet_that_was_handed_in_is_taken_in_only_while_the_dataset_is_graded(rt, home, dataset):
    book = exported(rt, dataset)
    with pytest.raises(NotFound):
        import_gradings(rt, supply.SEC, dataset, GradingSheet(file="0" * 64))
    waiting = supply.dataset_id(rt, supply.submitted(rt, home, code="B", fields=FIELDS))
    with pytest.raises(IllegalMove):
        taken(rt, waiting, book)
