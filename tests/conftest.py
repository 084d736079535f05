"""The house the tests live in: a real Runtime on SQLite and on PostgreSQL, with a stopped clock."""

import io
import itertools
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta

import pytest

from app import logs, runtime
from app.domain.callers import Caller
from app.settings import load
from app.store.db import Database

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai


class StoppedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = START):
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture
def log():
    """Everything logged while the test runs, whoever was listening before."""
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    logs.configure(sys.__stderr__)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "empty.db"
    db = Database(f"sqlite:///{path}", durable=False)
    db.create_all()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_cluster():
    from tests.postgres import cluster

    with cluster() as server:
        db = Database(server.database("hufu_template"), durable=False)
        db.create_all()
        db.close()
        yield server


ROOM = 20 << 30  # bytes of disk that tests leave to others


@pytest.fixture
def database_url(request, tmp_path):
    """An empty database with every table, on the engine the test asks for (SQLite if none)."""
    kind = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = tmp_path / "hufu.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    server, name = request.getfixturevalue("postgres_cluster"), f"t{os.getpid()}_{next(_numbers)}"
    yield server.database(name, template="hufu_template")
    if shutil.disk_usage(tmp_path).free < ROOM:  # thousands of them would fill a small disk
        server.drop(name)


_numbers = itertools.count()


def pytest_generate_tests(metafunc):
    """Whatever is stored is tested on both engines."""
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", [
            pytest.param("sqlite", id="sqlite"),
            pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
        ], indirect=True)


@pytest.fixture
def clock():
    return StoppedClock()


@pytest.fixture
def settings(database_url, tmp_path):
    return load({}, data_dir=tmp_path / "data", database_url=database_url)


@pytest.fixture
def rt(settings, clock):
    """A founded zone: real database, stopped clock, real engines."""
    rt = runtime.build(settings, durable=False)
    rt.clock = clock
    runtime.found(rt)
    yield rt
    rt.close()


def caller(person: str, *roles: str, **scope) -> Caller:
    """A caller for tests: `caller("li", "APPROVER")`, `caller("wang", "INST_MAKER",
    institution=id)`. The second factor is fresh."""
    return Caller(account=f"acc-{person}", person=person, name=person, roles=frozenset(roles),
                  factor_fresh=True, **scope)
