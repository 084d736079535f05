"""Parquet through DuckDB that sees one file and nothing else."""

import sys
from pathlib import Path

import duckdb
import pytest

from app.domain.refusals import Refusal
from app.engines.sources.parquet_files import _confined, read_parquet_file
from app.engines.sources.sampling import Limits
from tests.engines.sources.reading import only


@pytest.fixture
def parquet(tmp_path):
    """The path of a Parquet file made by a query."""

    def make(query, name="t.parquet"):
        path = tmp_path / name
        duckdb.sql(query).write_parquet(str(path))
        return path

    return make


def test_a_file_is_sampled_from_all_over_in_its_order(parquet):
    path = parquet("SELECT i AS id, '张' || i AS 姓名 FROM range(100000) t(i)")
    sample, counts = only(read_parquet_file, path)
    numbers = [int(number) for number in sample.values["id"]]
    assert sample.rows_total == 100_000 and len(numbers) == 3_000 and not counts
    assert numbers == sorted(numbers) and numbers[0] < 5_000 and numbers[-1] > 95_000
    assert sample.values["姓名"][0] == f"张{numbers[0]}"
    assert [column.declared_type for column in sample.spec.columns] == ["BIGINT", "VARCHAR"]


def test_a_small_file_is_read_whole(parquet):
    sample, counts = only(read_parquet_file, parquet(
        "SELECT 1.5::DOUBLE d, [1, 2] l, DATE '2020-01-02' t, NULL::VARCHAR n, 'a'::BLOB b"))
    assert sample.values == {"d": ("1.5",), "l": ("[1, 2]",), "t": ("2020-01-02",), "n": (None,),
                             "b": (None,)}
    assert counts == {"BINARY": 1, "ALL_NULL": 1}


def test_names_are_read_without_any_row(parquet):
    sample, counts = only(read_parquet_file, parquet("SELECT 1 AS a, 2 AS b"), rows=0)
    assert sample.values == {"a": (), "b": ()} and sample.rows_total == 1 and not counts


def test_hostile_column_names_stay_names(parquet):
    path = parquet('SELECT 1 AS "a"" FROM x; --", 2 AS "=1+1", 3 AS "b\n\u202ec"')
    sample, _ = only(read_parquet_file, path)
    assert list(sample.values) == ['a" FROM x; --', "=1+1", "b \\u202ec"]


def test_bad_input_cells_of_50_kB_are_cut(parquet):
    sample, counts = only(read_parquet_file, parquet("SELECT repeat('长', 50000) AS t"))
    assert len(sample.values["t"][0]) == 8_193 and counts == {"CUT_CELL": 1}


@pytest.mark.parametrize("statement", [
    "SELECT * FROM read_csv('{other}')", "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM read_text('/etc/passwd')", "ATTACH '{other}.db'", "INSTALL httpfs",
    "LOAD httpfs", "COPY (SELECT 1) TO '{other}'", "SET enable_external_access = true",
    "SET allowed_paths = ['/']", "SELECT * FROM glob('/*')",
])
def test_the_engine_reaches_no_other_file_no_extension_and_no_network(parquet, tmp_path, statement):
    other = tmp_path / "other.csv"
    other.write_text("secret\n1\n")
    path = parquet("SELECT 1 AS a")
    with _confined(duckdb, path, Limits()) as connection:
        with pytest.raises(duckdb.Error):
            connection.execute(statement.format(other=other)).fetchall()
    assert other.read_text() == "secret\n1\n"


@pytest.mark.parametrize("content, named", [
    (b"", "damaged"), (b"PAR1nothingPAR1", "damaged"), (b"a,b\n1,2\n", "damaged"),
])
def test_bad_input_a_damaged_file_is_refused_in_one_line(tmp_path, content, named):
    (tmp_path / "x.parquet").write_bytes(content)
    with pytest.raises(Refusal, match=named):
        only(read_parquet_file, tmp_path / "x.parquet")


def test_a_path_with_a_wildcard_reads_no_other_file(parquet, tmp_path):
    parquet("SELECT 1 AS secret", "a1.parquet")
    (tmp_path / "a*.parquet").write_bytes((tmp_path / "a1.parquet").read_bytes())
    with pytest.raises(Refusal, match="wildcard"):
        only(read_parquet_file, Path(tmp_path / "a*.parquet"))


def test_a_file_that_takes_too_long_is_left(parquet):
    path = parquet("SELECT i AS a, repeat('x', 100) AS b FROM range(3000000) t(i)")
    with pytest.raises(Refusal, match="too long"):
        only(read_parquet_file, path, table_s=0.02)


def test_without_duckdb_the_sentence_says_what_to_install(parquet, monkeypatch):
    path = parquet("SELECT 1 AS a")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(Refusal, match=r"hufu\[parquet\]"):
        only(read_parquet_file, path)
