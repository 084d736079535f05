"""Columns travel to PostgreSQL as array literals and arrive as they were."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.arrays import columns
from tests.properties import calm

pytestmark = pytest.mark.postgres
KINDS = ("text", "bytea", "int8", "int4", "bool", "json")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00")) | st.sampled_from(
    ["", "NULL", "null", "{}", '"', "\\", '\\"', '","', "a,b", " a ", "{a}", "授权", "\n", "\\x61"])
ROWS = st.tuples(TEXTS, st.binary(max_size=40), st.integers(-2**63, 2**63 - 1),
                 st.integers(-2**31, 2**31 - 1), st.booleans(),
                 st.sampled_from(['{"a": "\\"b\\\\"}', "[1]", '"x"']))


@pytest.fixture(scope="module")
def connection(postgres_cluster):
    with psycopg.connect(postgres_cluster.dsn("postgres"), autocommit=True) as connection:
        yield connection


@settings(calm, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_rows_arrive_as_they_were(connection, rows):
    arrays = ", ".join(f"%s::{kind}[]" for kind in KINDS)
    found = connection.execute(
        f"SELECT a, b, c, d, e, f::text FROM unnest({arrays}) AS each(a, b, c, d, e, f)",
        columns(KINDS, rows)).fetchall()
    assert found == rows
