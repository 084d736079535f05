"""The database's own bounds: no statement runs on for ever, and its errors tell no value."""

import time

import pytest
from sqlalchemy import exc, text

from app.domain.refusals import NotRecorded
from app.store.db import Database
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
