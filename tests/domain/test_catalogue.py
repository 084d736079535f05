"""The catalogue's laws: what stands in a row is kept or remarked on at its cell, never both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalogue import Cell, Place, assemble, column_letters
from app.domain.catalogue_words import MESSAGES, TITLES, WARNINGS, cycle_of, kind_of
from tests.properties import calm

GOOD = {
    "department": "市税务局",
    "table": "tax_paid",
    "table_zh": "纳税信息",
    "update_cycle": "每月",
    "owner": "数据处",
    "column": "amount",
    "column_zh": "金额",
    "type": "decimal(18,2)",
}


def row(number=2, **changed):
    return {
        name: Cell(text, Place("目录", number, column))
        for column, (name, text) in enumerate({**GOOD, **changed}.items(), start=1)
    }


def codes(reading):
    return [(remark.row, remark.column, remark.code) for remark in reading.remarks]


def test_rows_of_one_table_become_one_table():
    reading = assemble([row(2), row(3, column="taxpayer", column_zh="纳税人", type="VARCHAR")])
    (table,) = reading.tables
    assert (table.department, table.code, table.name_zh) == ("市税务局", "tax_paid", "纳税信息")
    assert (table.update_cycle, table.owner) == ("MONTHLY", "数据处")
    assert [(column.code, column.kind) for column in table.columns] == [
        ("amount", "DECIMAL"),
        ("taxpayer", "TEXT"),
    ]
    assert not reading.remarks


def test_the_same_code_in_two_departments_is_two_tables():
    reading = assemble([row(2), row(3, department="市公安局")])
    assert len(reading.tables) == 2 and not reading.remarks


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("department", "", "CAT.MISSING"),
        ("department", "  ", "CAT.MISSING"),
        ("table", "", "CAT.MISSING"),
        ("table_zh", "", "CAT.MISSING"),
        ("column", "", "CAT.MISSING"),
        ("table", "../../etc/passwd", "CAT.CODE_NAME"),
        ("table", "a/b", "CAT.CODE_NAME"),
        ("table", "a;drop table x", "CAT.CODE_NAME"),
        ("column", "C:\\x", "CAT.CODE_NAME"),
        ("column", "1st", "CAT.CODE_NAME"),
        ("column", "=cmd", "CAT.CODE_NAME"),
        ("column", "ａｂｃ", "CAT.CODE_NAME"),
        ("column", "a\0b", "CAT.UNSAFE_TEXT"),
        ("department", "市\u202e局", "CAT.UNSAFE_TEXT"),
        ("column_zh", "名\x07称", "CAT.UNSAFE_TEXT"),
        ("table", "a" * 129, "CAT.TOO_LONG"),
        ("department", "局" * 65, "CAT.TOO_LONG"),
        ("owner", "人" * 201, "CAT.TOO_LONG"),
        ("column", "1.1E+17", "CAT.LOSSY_NUMBER"),
        ("owner", "1.10105E+17", "CAT.LOSSY_NUMBER"),
        ("column_zh", "", "CAT.NO_CHINESE_NAME"),
        ("type", "", "CAT.UNKNOWN_TYPE"),
        ("type", "Sring", "CAT.UNKNOWN_TYPE"),
        ("update_cycle", "有空再说", "CAT.UNKNOWN_CYCLE"),
    ],
)
def test_each_defect_is_remarked_on_at_its_cell(field, text, code):
    reading = assemble([row(7, **{field: text})])
    assert codes(reading) == [(7, list(GOOD).index(field) + 1, code)]
    assert bool(reading.errors) is (code not in WARNINGS)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("table", "a" * 128),
        ("department", "局" * 64),
        ("owner", "人" * 200),
        ("owner", ""),
        ("update_cycle", ""),
        ("column", "_x1"),
        ("type", "varchar (20)"),
    ],
)
def test_the_lawful_side_of_each_boundary_has_no_remark(field, text):
    assert not assemble([row(**{field: text})]).remarks


def test_what_is_unknown_is_kept_as_declared():
    (table,) = assemble([row(type="Sring", update_cycle="有空再说", column_zh="")]).tables
    assert (table.update_cycle, table.columns[0].type, table.columns[0].kind) == (
        "有空再说",
        "Sring",
        "",
    )


@pytest.mark.parametrize("again", ["amount", "AMOUNT", " amount "])
def test_a_column_named_twice_is_remarked_on_with_the_first_place(again):
    reading = assemble([row(2), row(3, column=again)])
    assert codes(reading) == [(3, 6, "CAT.DUPLICATE")]
    assert "目录!F2" in reading.remarks[0].message_en
    assert len(reading.tables[0].columns) == 1


@pytest.mark.parametrize("field", ["table_zh", "owner"])
def test_rows_that_differ_about_their_table_are_remarked_on(field):
    reading = assemble([row(2), row(3, column="b", **{field: "另一个"})])
    assert codes(reading) == [(3, list(GOOD).index(field) + 1, "CAT.CONFLICT")]


def test_what_a_reader_could_not_read_is_not_remarked_on_again():
    cells = {**row(), "table": Cell(None, Place("目录", 2, 2))}
    reading = assemble([cells])
    assert not reading.remarks and not reading.tables


def test_no_message_carries_a_value():
    secret = "秘密值7788"
    for field in GOOD:
        for text in (secret + "\0", secret + "/", secret * 40):
            for remark in assemble([row(**{field: text})]).remarks:
                assert secret not in remark.message_zh + remark.message_en


def test_every_message_is_worded_in_both_languages():
    assert WARNINGS <= MESSAGES.keys()
    for zh, en in MESSAGES.values():
        assert zh and en.isascii()


@calm
@given(st.fixed_dictionaries({name: st.text(max_size=20) for name in GOOD}))
def test_any_text_is_kept_or_remarked_on(texts):
    reading = assemble([row(**texts)])
    assert reading.errors or reading.tables[0].columns


def test_titles_name_one_field_each():
    titles = [title for of_field in TITLES.values() for title in of_field]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("VARCHAR", "TEXT"),
        ("varchar2(30 char)", "TEXT"),
        ("字符型（20）", "TEXT"),
        ("YEAR", "INTEGER"),
        ("DATETIME", "TIME"),
        ("double", "DECIMAL"),
        ("geometry", ""),
        ("", ""),
    ],
)
def test_types_are_known_without_their_length(declared, kind):
    assert kind_of(declared) == kind


@pytest.mark.parametrize(("said", "cycle"), [("每日", "DAILY"), ("Monthly", "MONTHLY"), ("", "")])
def test_cycles_are_known_by_their_words(said, cycle):
    assert cycle_of(said) == cycle


@pytest.mark.parametrize(("column", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_columns_have_spreadsheet_letters(column, letters):
    assert column_letters(column) == letters
