"""Live databases: an account that cannot write, sessions that only read, samples from all over."""

import sqlite3
import time
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.refusals import Refusal
from app.engines.sources.database_engines import engine_of
from app.engines.sources.database_urls import target_of
from app.engines.sources.databases import open_database
from app.engines.sources.sampling import Limits
from app.engines.sources.targets import networks_of
from tests.engines.sources.reading import read

HERE = networks_of(["127.0.0.0/8"])
SCHEMA = """
    CREATE TABLE people (id integer PRIMARY KEY, name varchar(20), photo {blob}, note text);
    CREATE TABLE "we""ird; DROP TABLE people" ("rowid" text, "a b" text);
    CREATE TABLE empty (a text);
    CREATE VIEW names AS SELECT name FROM people;
"""


def fill(execute, many):
    many("INSERT INTO people VALUES ({0}, {0}, NULL, {0})",
         [(n, f"张三{n}", f"说明{n}" if n % 2 else None) for n in range(1, 20_001)])
    execute("""INSERT INTO "we""ird; DROP TABLE people" VALUES ('甲', '乙')""")


@pytest.fixture
def sqlite_url(tmp_path):
    path = tmp_path / "zone data.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA.format(blob="blob"))
        fill(connection.execute, lambda sql, rows: connection.executemany(
            sql.format("?"), rows))
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture
def postgres(postgres_cluster, request):
    """A database with an account that may read all of it: (owner's connection, reader's URL)."""
    name = f"scan_{time.monotonic_ns()}"
    url = postgres_cluster.database(name)
    reader = f"reader_{time.monotonic_ns()}"
    with psycopg.connect(postgres_cluster.dsn(name), autocommit=True) as owner:
        owner.execute(SCHEMA.format(blob="bytea"))
        fill(owner.execute, lambda sql, rows: owner.cursor().executemany(sql.format("%s"), rows))
        owner.execute("COMMENT ON TABLE people IS '人员'; COMMENT ON COLUMN people.name IS '姓名'")
        owner.execute(f"CREATE ROLE {reader} LOGIN")
        owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}; ANALYZE")
        yield owner, url.replace("postgres@", f"{reader}@"), reader
        owner.execute(f"DROP OWNED BY {reader}; DROP ROLE {reader}")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def reader_url(request):
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgres")[1]


def scanned(url, **limits):
    return read(open_database(target_of(url), HERE, Limits(**limits)))


def test_every_table_and_view_is_sampled_from_all_over(reader_url):
    found, report = scanned(reader_url)
    assert set(found) == {"people", 'we"ird; DROP TABLE people', "empty", "names"}
    assert not report.skipped
    people = found["people"]
    numbers = [int(number) for number in people.values["id"]]
    assert people.rows_total == 20_000 and len(numbers) == 3_000
    assert numbers == sorted(numbers) and numbers[0] < 1_000 and numbers[-1] > 19_000
    assert people.values["name"][0] == f"张三{numbers[0]}"
    assert set(people.values["photo"]) == {None} and None in people.values["note"]
    assert len(found["names"].values["name"]) == 3_000
    assert len(set(found["names"].values["name"])) == 3_000
    assert found["empty"].values == {"a": ()} and found["empty"].rows_total == 0
    assert found['we"ird; DROP TABLE people'].values == {"rowid": ("甲",), "a b": ("乙",)}


def test_what_the_database_declares_comes_along(reader_url):
    spec = scanned(reader_url)[0]["people"].spec
    assert [column.name for column in spec.columns] == ["id", "name", "photo", "note"]
    assert spec.columns[0].key and not spec.columns[1].key
    assert spec.columns[1].declared_type == "VARCHAR(20)"


def test_wide_tables_and_few_rows_keep_their_bounds(reader_url):
    found, report = scanned(reader_url, rows=10, cell=2)
    assert len(found["people"].values["id"]) == 10
    assert set(map(len, found["people"].values["name"])) == {3}
    assert report.remarks.counts["CUT_CELL"] >= 10


def test_long_cells_leave_fewer_rows_and_the_true_count(reader_url):
    people = scanned(reader_url, characters=10_000)[0]["people"]
    assert 100 < len(people.values["id"]) < 2_000 and people.rows_total == 20_000
    assert any("the sample holds" in note for note in people.notes)


def test_names_are_read_without_any_row(reader_url):
    found, report = scanned(reader_url, rows=0)
    assert found["people"].values == {"id": (), "name": (), "photo": (), "note": ()}
    assert not report.remarks.counts.keys() - {"BINARY"}


def test_O02_an_attempt_to_write_fails_in_the_session(reader_url):
    target = target_of(reader_url)
    engine = engine_of(target, "127.0.0.1", Limits())
    for statement in ("INSERT INTO empty VALUES ('x')", "CREATE TABLE x (a int)",
                      "DELETE FROM people", "UPDATE people SET note = 'x'", "DROP TABLE empty"):
        with engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(statement))
    assert scanned(reader_url)[0]["people"].rows_total == 20_000


def test_O02_a_table_that_takes_too_long_is_skipped_and_the_rest_goes_on(reader_url, request):
    endless = ("CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
               " SELECT i FROM n")
    if reader_url.startswith("sqlite"):
        with sqlite3.connect(target_of(reader_url).path) as connection:
            connection.execute(endless)
        connection.close()
    else:
        owner, _, reader = request.getfixturevalue("postgres")
        owner.execute(endless)
        owner.execute(f"GRANT SELECT ON slow TO {reader}")
    before = time.monotonic()
    found, report = scanned(reader_url, table_s=0.5)
    assert time.monotonic() - before < 8
    assert "people" in found and [skipped.name for skipped in report.skipped] == ["slow"]
    assert "too long" in report.skipped[0].en


def test_a_scan_that_was_cut_short_goes_on_where_it_stopped(reader_url):
    from app.engines.sources.report import Report, samples

    source = open_database(target_of(reader_url), HERE, Limits(rows=5))
    names = [item.name for item in source.items]
    again = samples(source, Report(), done=frozenset(names[:2]))
    assert [sample.spec.name for sample in again] == names[2:]


def test_the_same_tables_give_the_same_stored_sample(reader_url):
    first, second = (scanned(reader_url)[0]["people"].values["id"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("statement", [
    "ATTACH ':memory:' AS x", "PRAGMA query_only = OFF", "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = DELETE", "VACUUM INTO '/tmp/never.db'", "SELECT load_extension('x')",
])
def test_O02_sqlite_denies_what_is_not_reading(sqlite_url, statement):
    engine = engine_of(target_of(sqlite_url), "", Limits())
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.exec_driver_sql(statement)


def test_sqlite_tables_without_row_numbers_and_broken_views(tmp_path):
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.executescript("""
            CREATE TABLE w (k text PRIMARY KEY, v blob) WITHOUT ROWID;
            CREATE TABLE three (rowid, oid, _rowid_); CREATE VIEW bad AS SELECT nope FROM w;
        """)
        connection.execute("INSERT INTO w VALUES ('a', x'ff')")
        connection.execute("INSERT INTO three VALUES (1, 2, CAST(x'ff41' AS text))")
    connection.close()
    found, report = scanned(f"sqlite:///{path}")
    assert found["w"].values == {"k": ("a",), "v": (None,)}
    assert found["three"].values["_rowid_"] == ("\ufffdA",)
    assert report.remarks.counts["BROKEN_BYTES"] == 1
    assert [skipped.name for skipped in report.skipped] == ["bad"]


@pytest.mark.parametrize("content, named", [
    (b"a,b\n1,2\n" * 200, "SQLite"), (None, "no such file"),
    (b"SQLite format 3\0" + b"x" * 600, "SQLite"),
])
def test_bad_input_what_is_no_sqlite_file_is_refused_in_one_line(tmp_path, content, named):
    if content is not None:
        (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(Refusal, match=named):
        scanned(f"sqlite:///{tmp_path}/x.db")
    assert (tmp_path / "x.db").exists() == (content is not None)


@pytest.mark.postgres
@pytest.mark.parametrize("right, named", [
    ("GRANT INSERT ON people TO {r}", "people"), ("GRANT UPDATE (note) ON people TO {r}", "people"),
    ("GRANT DELETE ON empty TO {r}", "empty"), ("GRANT TRUNCATE ON empty TO {r}", "empty"),
    ("ALTER TABLE empty OWNER TO {r}", "empty"), ("ALTER ROLE {r} SUPERUSER", "role"),
    ("ALTER ROLE {r} CREATEROLE", "role"), ("GRANT pg_write_all_data TO {r}", "role"),
    ("CREATE ROLE w_{r}; GRANT INSERT ON empty TO w_{r}; ALTER ROLE {r} NOINHERIT;"
     " GRANT w_{r} TO {r}", "empty"),
    ("GRANT INSERT ON empty TO PUBLIC", "empty"), ("GRANT TRIGGER ON empty TO {r}", "empty"),
])
def test_bad_input_O02_an_account_that_could_write_is_refused(postgres, right, named):
    owner, url, reader = postgres
    assert scanned(url, rows=1)[0]
    owner.execute(right.format(r=reader))
    try:
        with pytest.raises(Refusal, match=f"could write .*{named}"):
            scanned(url)
    finally:
        owner.execute(f"ALTER TABLE empty OWNER TO postgres; ALTER ROLE {reader} NOSUPERUSER")
        if "w_" in right and "CREATE" in right:
            owner.execute(f"DROP OWNED BY w_{reader}; DROP ROLE w_{reader}")


@pytest.mark.postgres
@pytest.mark.parametrize("right, told", [
    ("GRANT CREATE ON SCHEMA public TO PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
    ('CREATE SCHEMA "a b"; GRANT CREATE ON SCHEMA "a b" TO {r}',
     'REVOKE CREATE ON SCHEMA "a b" FROM {r}'),
    ("CREATE SCHEMA own AUTHORIZATION {r}; REVOKE ALL ON SCHEMA own FROM {r}",
     "ALTER SCHEMA own OWNER TO …"),
    ("CREATE ROLE w_{r}; GRANT CREATE ON SCHEMA public TO w_{r}; ALTER ROLE {r} NOINHERIT;"
     " GRANT w_{r} TO {r}", "REVOKE CREATE ON SCHEMA public FROM w_{r}"),
    ("GRANT CREATE ON DATABASE {d} TO {r}", "REVOKE CREATE ON DATABASE {d} FROM {r}"),
    ("CREATE SEQUENCE s; GRANT UPDATE ON SEQUENCE s TO {r}",
     "REVOKE UPDATE ON SEQUENCE public.s FROM {r}"),
    ("CREATE SEQUENCE s; GRANT USAGE, UPDATE ON SEQUENCE s TO PUBLIC",
     "REVOKE UPDATE, USAGE ON SEQUENCE public.s FROM PUBLIC"),
])
def test_bad_input_O02_an_account_that_could_make_objects_is_told_what_to_take_back(
    postgres, right, told
):
    owner, url, reader = postgres
    blanks = {"r": reader, "d": url.rpartition("/")[2]}
    owner.execute(right.format(**blanks))
    try:
        with pytest.raises(Refusal, match="could write") as refused:
            scanned(url)
        assert refused.value.en.endswith(told.format(**blanks)) and "\n" not in refused.value.en
        assert told.format(**blanks) in refused.value.zh
        if told.startswith("REVOKE"):
            owner.execute(told.format(**blanks))
            assert scanned(url, rows=1)[0]
    finally:
        if "CREATE ROLE" in right:
            owner.execute(f"DROP OWNED BY w_{reader}; DROP ROLE w_{reader}")


@pytest.mark.postgres
def test_what_only_reads_or_is_gone_with_its_session_is_let_pass(postgres):
    owner, url, reader = postgres
    owner.execute(f"CREATE SEQUENCE s; GRANT SELECT ON SEQUENCE s TO {reader};"
                  f"CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO {reader};"
                  f"GRANT TEMPORARY, CONNECT ON DATABASE {url.rpartition('/')[2]} TO {reader}")
    assert "people" in scanned(url, rows=1)[0]


@pytest.mark.postgres
def test_O02_no_setting_of_the_role_undoes_the_read_only_session(postgres):
    owner, url, reader = postgres
    owner.execute(f"ALTER ROLE {reader} SET default_transaction_read_only = off;"
                  f" ALTER ROLE {reader} SET statement_timeout = 0")
    target = target_of(url)
    with engine_of(target, "127.0.0.1", Limits(table_s=7)).connect() as connection:
        shown = [connection.execute(text(f"SHOW {name}")).scalar() for name in (
            "transaction_read_only", "default_transaction_read_only", "statement_timeout",
            "search_path")]
    assert shown == ["on", "on", "7s", "pg_catalog"]


@pytest.mark.postgres
def test_a_large_table_is_drawn_by_blocks_and_its_size_is_estimated(postgres):
    owner, url, _ = postgres
    found, _ = scanned(url, rows=200)
    numbers = [int(number) for number in found["people"].values["id"]]
    assert len(numbers) == 200 and numbers == sorted(numbers)
    assert numbers[0] < 5_000 and numbers[-1] > 15_000
    assert found["people"].rows_total == 20_000
    assert found["people"].spec.title == "人员"
    assert found["people"].spec.columns[1].title == "姓名"


@pytest.mark.postgres
@pytest.mark.parametrize("claimed", [10**7, 10, 0, -1])
def test_statistics_that_are_wrong_cost_no_rows(postgres, claimed):
    owner, url, _ = postgres
    owner.execute("UPDATE pg_class SET reltuples = %s WHERE relname = 'people'", (claimed,))
    people = scanned(url)[0]["people"]
    assert len(people.values["id"]) == 3_000
    assert people.rows_total == max(20_000, claimed)


@pytest.mark.postgres
def test_a_table_the_account_may_not_read_costs_itself_only(postgres):
    owner, url, reader = postgres
    owner.execute(f"REVOKE SELECT ON empty FROM {reader};"
                  " CREATE SCHEMA s; CREATE TABLE s.hidden (a int)")
    found, report = scanned(url, rows=5)
    assert "people" in found and {s.name for s in report.skipped} == {"empty", "s.hidden"}
    assert all("may not read" in skipped.en for skipped in report.skipped)


@pytest.mark.postgres
def test_O02_a_view_that_writes_with_its_owners_rights_writes_nothing(postgres):
    owner, url, reader = postgres
    owner.execute("CREATE FUNCTION trap() RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER AS"
                  " $$ INSERT INTO public.empty VALUES ('x') RETURNING a $$;"
                  "CREATE VIEW trapped AS SELECT public.trap() AS a;"
                  f"GRANT SELECT ON trapped TO {reader}")
    found, report = scanned(url, rows=5)
    assert "people" in found and [skipped.name for skipped in report.skipped] == ["trapped"]
    assert owner.execute("SELECT count(*) FROM empty").fetchone() == (0,)


@pytest.mark.postgres
def test_partitions_are_read_as_their_one_table(postgres):
    owner, url, reader = postgres
    owner.execute("CREATE TABLE part (a int) PARTITION BY RANGE (a);"
                  "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);"
                  f"INSERT INTO part VALUES (1), (2); GRANT SELECT ON part TO {reader}")
    found, _ = scanned(url, rows=5)
    assert found["part"].values == {"a": ("1", "2")} and "part_1" not in found


@pytest.mark.postgres
def test_an_error_of_the_source_repeats_no_value(postgres):
    owner, url, reader = postgres
    owner.execute("CREATE VIEW wrong AS SELECT name::integer FROM people;"
                  f"GRANT SELECT ON wrong TO {reader}")
    _, report = scanned(url, rows=5)
    (skipped,) = report.skipped
    assert skipped.name == "wrong" and "张三" not in skipped.zh + skipped.en


@pytest.mark.postgres
def test_bad_input_an_unreachable_database_is_one_clear_line(postgres):
    _, url, reader = postgres
    for wrong in (url.replace(reader, "nobody_there"), url[:-3] + "xyz",
                  "postgresql://r@127.0.0.1:1/d"):
        with pytest.raises(Refusal, match="cannot be reached"):
            scanned(wrong)


@pytest.mark.postgres
def test_O01_loopback_is_called_only_where_it_is_listed(postgres):
    _, url, _ = postgres
    with pytest.raises(Refusal, match="HUFU_SCAN_NETWORKS"):
        open_database(target_of(url), (), Limits())


@pytest.mark.postgres
def test_O01_the_connection_goes_to_the_address_that_was_judged(postgres):
    """The name is known to this test's resolver alone, and to it once."""
    _, url, _ = postgres
    answers = [["127.0.0.1"]]
    source = open_database(replace(target_of(url), host="db.example"), HERE, Limits(rows=1),
                           lambda host, port: answers.pop())
    assert "people" in read(source)[0]
