"""A zone of every landed capability is brought to this version, loses nothing and goes on."""

import pytest
from sqlalchemy import text

from app import runtime
from app.domain.callers import SYSTEM
from app.queries.trail_check import recompute
from app.settings import load
from app.store.migrate import upgrade
from app.store.unit import begin
from tests.store import dumps
from tests.store.ledgers import database

NEVER_FEWER = ("trail_entry", "trail_stream", "trail_private", "trail_checkpoint", "trail_tile",
               "object_version", "transition", "decision", "access_grant", "institution", "account")


def test_there_is_a_dump_of_what_landed():
    assert dumps.kept()


@pytest.fixture(params=dumps.kept(), ids=lambda path: path.name.removesuffix(".json.gz"))
def dump(request):
    return dumps.read(request.param)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'zone.db'}"
    return database(request.getfixturevalue("postgres_cluster"))


def test_a_zone_of_a_landed_capability_is_migrated_and_goes_on(dump, url, tmp_path):
    dumps.loaded(url, dump)
    upgrade(url, rows=16)
    rt = runtime.build(load({}, data_dir=tmp_path / "data", database_url=url), durable=False)
    with rt.db.reading() as connection:
        for name in NEVER_FEWER:
            found = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()
            assert found >= len(dump["tables"][name]), name
    before = recompute(rt)
    assert (before.size, before.findings) == (len(dump["tables"]["trail_entry"]), [])
    with begin(rt, SYSTEM) as act:
        act.record("grant.issue", "grant/next", institution="bank")
    after = recompute(rt)
    assert (after.size, after.findings) == (before.size + 1, [])
    rt.close()
