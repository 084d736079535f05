"""The department's catalogue joins samples by code names, whatever the case or the folder."""

import json

import pytest

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.refusals import Refusal
from app.domain.wire import Malformed
from app.engines.sources.schema_files import joined, names_of, read_schema

COLUMNS = [{"column": "xm", "name_zh": "姓名", "type": "VARCHAR(20)"},
           {"column": "SFZH", "name_zh": "", "type": ""}]
PEOPLE = {"table": "people", "name_zh": "人员", "department": "公安局", "columns": COLUMNS}


@pytest.fixture
def schema(tmp_path):
    def make(*tables, name="schema.json"):
        path = tmp_path / name
        path.write_text(json.dumps({"schema": "finance-zone-schema/1", "tables": tables}), "utf-8")
        return read_schema(path)

    return make


def sample(name, *columns):
    return TableSample(TableSpec(name, columns=columns), {c.name: ("1",) for c in columns}, 1)


@pytest.mark.parametrize("name", ["people", "PEOPLE", "dept/people.csv", "zone.people", "a.people"])
def test_a_table_is_known_by_its_code_name(schema, name):
    found = joined(sample(name, ColumnSpec("XM"), ColumnSpec("other", "别的", "INT", True)),
                   schema(PEOPLE))
    assert found.spec == TableSpec(name, "人员", "公安局", (
        ColumnSpec("XM", "姓名", "VARCHAR(20)"), ColumnSpec("other", "别的", "INT", True)))
    assert list(found.values) == ["XM", "other"] and len(found.notes) == 2


def test_what_the_source_alone_knows_stays(schema):
    own = ColumnSpec("sfzh", "证件号", "CHAR(18)", True)
    assert joined(sample("people", own), schema(PEOPLE)).spec.columns == (own,)


def test_an_undeclared_table_stays_as_it_is(schema):
    other = sample("other", ColumnSpec("xm"))
    assert joined(other, schema(PEOPLE)) is other


def test_names_alone_are_tables_without_values(schema):
    ((only, _),) = names_of(schema(PEOPLE))
    assert only.values == {"xm": (), "SFZH": ()} and only.spec.title == "人员"
    assert only.rows_total is None


@pytest.mark.parametrize("content, named", [
    ("{", "JSON"), ('{"tables": [{"table": 1}]}', ""), ('{"tables": []}', "error"), ("[]", "")])
def test_bad_input_what_is_no_catalogue_is_refused_in_one_line(tmp_path, content, named):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises((Refusal, Malformed)) as refused:
        read_schema(tmp_path / "s.json")
    assert named in refused.value.en and "\n" not in refused.value.en


def test_two_tables_of_one_name_are_refused(schema):
    with pytest.raises(Refusal, match="two tables"):
        schema(PEOPLE, {**PEOPLE, "department": "民政局"})
