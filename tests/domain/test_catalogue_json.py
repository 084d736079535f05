"""The JSON catalogue's laws: pointers name the place, and no member is silently lost."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import catalogue_json
from app.domain.catalogue import assemble
from app.domain.catalogue_json import json_rows
from app.domain.wire import Malformed, NotJson
from tests.properties import calm

ZONE = Path(__file__).parents[2] / "app" / "demo" / "zone" / "catalogue.json"
GOOD = {
    "schema": "hufu-catalogue/1",
    "tables": [
        {
            "table": "t",
            "name_zh": "表",
            "department": "局",
            "update_cycle": "每日",
            "columns": [{"column": "a", "name_zh": "甲", "type": "int"}],
        }
    ],
}


def read(value):
    return assemble(*json_rows(value))


def changed(change):
    value = copy.deepcopy(GOOD)
    change(value)
    return read(value)


def test_a_good_catalogue_has_no_remarks():
    reading = read(GOOD)
    assert not reading.remarks
    assert (reading.tables[0].update_cycle, reading.tables[0].owner) == ("DAILY", "")


def test_every_table_and_column_of_the_zone_is_read():
    source = json.loads(ZONE.read_text(encoding="utf-8"))
    reading = read(source)
    assert not reading.errors
    assert (len(reading.tables), sum(len(table.columns) for table in reading.tables)) == (68, 1313)
    assert [
        (table.department, table.code, [column.code for column in table.columns])
        for table in reading.tables
    ] == [
        (table["department"], table["table"], [column["column"] for column in table["columns"]])
        for table in source["tables"]
    ]
    assert len(reading.warnings) == 138


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (lambda v: v.update(extra=1), "$.'extra'", "CAT.UNKNOWN_MEMBER"),
        (lambda v: v["tables"][0].update({"坏": 1}), "tables[0].'\\u574f'", "CAT.UNKNOWN_MEMBER"),
        (
            lambda v: v["tables"][0]["columns"][0].update(typ="x"),
            "tables[0].columns[0].'typ'",
            "CAT.UNKNOWN_MEMBER",
        ),
        (lambda v: v["tables"][0].update(table=7), "tables[0].table", "CAT.NOT_TEXT"),
        (lambda v: v["tables"][0].update(owner=["x"]), "tables[0].owner", "CAT.NOT_TEXT"),
        (lambda v: v["tables"][0].update(department=None), "tables[0].department", "CAT.MISSING"),
        (lambda v: v["tables"][0].pop("name_zh"), "tables[0].name_zh", "CAT.MISSING"),
        (
            lambda v: v["tables"][0]["columns"][0].update(column="../a"),
            "tables[0].columns[0].column",
            "CAT.CODE_NAME",
        ),
        (
            lambda v: v["tables"][0]["columns"].append(
                {"column": "A", "name_zh": "甲", "type": "int"}
            ),
            "tables[0].columns[1].column",
            "CAT.DUPLICATE",
        ),
        (
            lambda v: v["tables"].append(
                {**v["tables"][0], "columns": [{"column": "z", "name_zh": "末", "type": "int"}]}
            ),
            "tables[1]",
            "CAT.DUPLICATE",
        ),
        (lambda v: v["tables"][0].update(columns=[]), "tables", "CAT.EMPTY"),
        (
            lambda v: v["tables"].append({**v["tables"][0], "table": "u", "columns": []}),
            "tables[1].columns",
            "CAT.EMPTY",
        ),
        (lambda v: v.update(tables=[]), "tables", "CAT.EMPTY"),
    ],
)
def test_each_defect_is_remarked_on_at_its_pointer(change, pointer, code):
    reading = changed(change)
    assert (pointer, code) in [(found.where, found.code) for found in reading.errors]


def test_what_is_wrong_with_a_table_is_said_once_however_many_columns_it_has():
    reading = changed(
        lambda v: (
            v["tables"][0].update(department=""),
            v["tables"][0]["columns"].extend(
                {"column": f"c{n}", "name_zh": "列", "type": "int"} for n in range(5)
            ),
        )
    )
    assert [found.code for found in reading.errors] == ["CAT.MISSING"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        "x",
        [],
        {},
        {"tables": {}},
        {"tables": [1]},
        {"tables": [{"columns": 3}]},
        {"tables": [{"columns": ["x"]}]},
        {"schema": "other/9", "tables": []},
        {"schema": ["hufu-catalogue/1"], "tables": []},
    ],
)
def test_another_shape_is_refused_with_its_pointer(value):
    with pytest.raises(NotJson, match="should be"):
        read(value)


@calm
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["tables", "columns", "table", "column", "type", "schema"]), inner
            )
        ),
    )
)
def test_any_json_is_read_or_refused(value):
    try:
        read(value)
    except Malformed:
        pass


@pytest.mark.parametrize("most", [1, 2])
def test_more_columns_than_allowed_are_said(most, monkeypatch):
    monkeypatch.setattr(catalogue_json, "MOST_ROWS", most)
    reading = changed(
        lambda v: v["tables"][0]["columns"].append({"column": "b", "name_zh": "乙", "type": "int"})
    )
    assert [found.code for found in reading.errors] == (["CAT.TOO_MANY"] if most == 1 else [])
