"""Migrations lead to the very schema the rows declare, guards included, and may be run again."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import runtime
from app.settings import load
from app.store.db import Database
from app.store.migrate import upgrade
from app.store.schema import is_declared, metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server = request.getfixturevalue("postgres_cluster")
    return server.database(f"migrated_{tmp_path.name[-12:].strip('_').lower()}_{id(tmp_path)}")


def test_the_migrated_schema_is_the_declared_one(empty_url):
    upgrade(empty_url)
    db = Database(empty_url)
    with db.reading() as connection:
        compared = MigrationContext.configure(connection, opts={
            "include_object": is_declared(connection.dialect.name)})
        assert compare_metadata(compared, metadata) == []
    db.close()


def test_a_migrated_database_is_founded_once_and_guarded(empty_url, tmp_path):
    upgrade(empty_url)
    upgrade(empty_url)
    rt = runtime.build(load({}, data_dir=tmp_path, database_url=empty_url))
    runtime.found(rt)
    runtime.found(rt)
    with rt.db.reading() as connection:
        assert connection.execute(text("SELECT size FROM trail_head")).scalar() == 1
    with pytest.raises(DBAPIError), rt.db.writing() as connection:
        connection.execute(text("DELETE FROM trail_entry"))
    rt.close()
