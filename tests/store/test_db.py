"""The database's own bounds: no statement runs on for ever, and its errors tell no value."""

import time

import pytest
from sqlalchemy import exc, text

from app.domain.refusals import NotRecorded
from app.store import db
from app.store.db import WHOLE, Database, Writer
from app.store.unit import read

ENDLESS = ("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000) "
           "SELECT max(x) FROM n")


def test_W09_no_statement_runs_longer_than_its_bound(rt):
    rt.db = Database(rt.settings.database_url, statement_s=0.3)
    began = time.monotonic()
    with pytest.raises(NotRecorded), read(rt) as session:
        session.connection().execute(text(ENDLESS))
    assert time.monotonic() - began < 5
    with read(rt) as session:  # each statement has the whole time for itself
        for _ in range(3):
            time.sleep(0.2)
            assert session.connection().execute(text("SELECT count(*) FROM account")).scalar() == 0


def test_W09_a_zone_bounds_its_statements_by_itself(rt):
    assert 0 < rt.db.statement_s <= 15
    if not rt.db.is_sqlite:
        with rt.db.reading() as connection:
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "15s"


def test_L03_an_error_of_the_database_tells_no_parameter(rt):
    with pytest.raises(exc.DBAPIError) as error, rt.db.reading() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE x = :secret"), {"secret": "hunter2"})
    assert "hunter2" not in str(error.value)


def test_a_whole_table_is_read_for_longer_than_a_statement_may_run(rt):
    rt.db = Database(rt.settings.database_url, statement_s=0.3)
    numbers = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n "
                   "WHERE x < 40000) SELECT x FROM n").execution_options(**WHOLE)
    with rt.db.reading() as connection:
        count = 0
        for number, _ in enumerate(connection.execute(numbers)):
            count += 1
            if number % 5_000 == 0:
                time.sleep(0.1)
    assert count == 40_000


@pytest.fixture
def writer(rt):
    writer = Writer(rt.db)
    yield writer
    writer.close()


def told(connection):
    """Something that tells one connection from another."""
    return id(connection.connection.driver_connection)


def test_a_writer_keeps_its_connection_while_it_writes(rt, writer):
    with writer.writing() as connection:
        one = told(connection)
    with writer.writing() as connection:
        assert told(connection) == one
        assert rt.db.engine.pool.checkedout() == 1
    writer.close()
    assert rt.db.engine.pool.checkedout() == 0


def test_a_writer_leaves_what_failed_and_goes_on_with_another_connection(rt, writer):
    with pytest.raises(exc.DBAPIError), writer.writing() as connection:
        connection.execute(text("INSERT INTO account (id) VALUES ('half')"))
    with pytest.raises(ZeroDivisionError), writer.writing() as connection:
        connection.execute(text("DELETE FROM trail_head"))
        raise ZeroDivisionError
    with writer.writing() as connection:
        assert connection.execute(text("SELECT count(*) FROM trail_head")).scalar() == 1


def test_a_connection_that_died_while_it_rested_is_not_used(rt, writer, monkeypatch):
    if rt.db.is_sqlite:
        pytest.skip("a file does not hang up")
    with writer.writing() as connection:
        number = connection.connection.driver_connection.info.backend_pid
    with rt.db.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    monkeypatch.setattr(db, "RESTED_S", 0.0)
    with writer.writing() as connection:
        assert connection.connection.driver_connection.info.backend_pid != number
