"""A signed grading sheet is taken in as the form would be: every row, or none of them."""

import io

import openpyxl
import pytest

from app.commands import gradings
from app.commands.attachments import store_file
from app.commands.grading_sheets import GradingSheet, import_gradings
from app.domain.refusals import IllegalMove, Invalid, NotFound
from app.engines.grading_sheets import COLUMNS, written
from app.queries.datasets import dataset as sheet_of
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS, fields, judge

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
    before = fields(rt, dataset)
    done = taken(rt, dataset, exported(rt, dataset))
    found = fields(rt, dataset)
    assert done.detail == {"confirmed": 4}  # one column could not be read, so it has no category
    for code in set(found) - {"qzx7"}:
        assert (found[code].grade, found[code].sensitive, found[code].subject_kind) == (
            before[code].proposed_grade, before[code].proposed_sensitive,
            before[code].proposed_subject_kind)
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


def lined(rt, dataset: str, code: str, book: openpyxl.Workbook) -> int:
    return next(row[0].row for row in book.active.iter_rows() if row[0].value == code)


@pytest.mark.parametrize("grade", ["L1", "L4"])
def test_a_row_written_before_its_field_was_confirmed_does_not_say_otherwise(rt, dataset, grade):
    book = exported(rt, dataset)
    judge(rt, dataset, "fddbrsfzh", category="legal_rep_id", grade=5, subject_kind="PERSON")
    row = lined(rt, dataset, "fddbrsfzh", book)
    book.active.cell(row, AT["grade"]).value = grade
    book.active.cell(row, AT["reason"]).value = "按业务含义核定"
    with pytest.raises(Invalid) as refused:
        taken(rt, dataset, book)
    [error] = refused.value.facts["errors"]
    assert error["at"] == f"file.A{row}"
    assert "fddbrsfzh 导出之后已确认为 L5" in error["zh"] and "since the export" in error["en"]
    assert fields(rt, dataset)["fddbrsfzh"].grade == 5


def test_a_row_that_says_what_was_confirmed_meanwhile_changes_nothing(rt, dataset):
    book = exported(rt, dataset)
    gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(reason="逐项核对"))
    assert taken(rt, dataset, book).detail == {"confirmed": 4}


@pytest.mark.parametrize(("said", "told"), [
    ({"reason": "业务变更", "version": None}, "导出之后"), ({"reason": None}, "须填写理由"),
    ({"reason": "业务变更"}, "")])
def test_a_sheet_written_after_the_confirmation_changes_it_for_a_reason(rt, dataset, said, told):
    gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(reason="逐项核对"))
    book = exported(rt, dataset)
    row = lined(rt, dataset, "fddbrsfzh", book)
    for key, value in {"mask": "GENERALIZE", **said}.items():
        book.active.cell(row, AT[key]).value = value
    if told:
        with pytest.raises(Invalid) as refused:
            taken(rt, dataset, book)
        assert told in refused.value.zh
    else:
        taken(rt, dataset, book)
    assert fields(rt, dataset)["fddbrsfzh"].mask == ("PARTIAL" if told else "GENERALIZE")


def test_a_sheet_that_was_handed_in_is_taken_in_only_while_the_dataset_is_graded(rt, home, dataset):
    book = exported(rt, dataset)
    with pytest.raises(NotFound):
        import_gradings(rt, supply.SEC, dataset, GradingSheet(file="0" * 64))
    waiting = supply.dataset_id(rt, supply.submitted(rt, home, code="B", fields=FIELDS))
    with pytest.raises(IllegalMove):
        taken(rt, waiting, book)
