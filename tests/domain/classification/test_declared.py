"""Declared types and names rule out what a column cannot hold."""

import pytest

from app.domain.classification.declared import family, ruled_out
from app.domain.classification.facts import ColumnSpec
from app.domain.classification.naming import read_title
from app.engines.classification.rules import identifiers
from app.engines.classification.words import elements


@pytest.mark.parametrize(("declared", "told"), [
    ("DATE", "date"), ("timestamp(6) without time zone", "time"), ("TINYINT(1)", "integer"),
    ("decimal(18,0)", "integer"), ("decimal(18, 2)", "decimal"), ("double precision", "decimal"),
    ("BYTEA", "binary"), ("VARCHAR(64)", ""), ("character varying", ""), ("NUMBER(18)", ""),
    ("", ""), ("未知", "")])
def test_a_declared_type_is_of_one_family_or_rules_out_nothing(declared, told):
    assert family(declared) == told


@pytest.mark.parametrize(("column", "identifier", "out"), [
    (ColumnSpec("sfzh", "身份证号", "DATE"), "resident_id", True),
    (ColumnSpec("sfzh", "身份证号", "VARCHAR(18)"), "resident_id", False),
    (ColumnSpec("cert_cnt", "证件数量", "VARCHAR"), "resident_id", True),
    (ColumnSpec("cert_cnt"), "resident_id", True),
    (ColumnSpec("account"), "resident_id", False)])
def test_a_type_or_a_whole_word_of_the_name_rules_an_identifier_out(column, identifier, out):
    readings = read_title(column.title, elements().lexicon) if column.title else ()
    found = ruled_out(column, next(iter(readings), None), identifiers())
    assert (identifier in found) is out
