"""Tables that were kept before their counts were are counted when the schema is brought up."""

import pytest
from alembic import command
from sqlalchemy import JSON, column, insert, table, text

from app.store.db import Database
from app.store.migrate import config, upgrade

BEFORE = "0006"
KEPT = table("scan_table", *map(column, (
    "id", "run_id", "source_id", "name", "title", "state", "fingerprint", "at", "read_at", "rows",
    "level", "dataset_id")), *(column(name, JSON()) for name in (
        "verdicts", "profiles", "changes", "notes")))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old(request, tmp_path):
    """A database as it stood before, with three tables kept."""
    url = f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else \
        request.getfixturevalue("postgres_cluster").database(f"counts_{id(tmp_path)}")
    db = Database(url)
    with db.writing() as connection:
        command.upgrade(config(connection), BEFORE)
        for number in range(3):
            connection.execute(insert(KEPT).values(
                id=f"t{number}", run_id="r", source_id="s", name=f"t{number}", title="", state="",
                fingerprint="", at="", read_at="", rows=0, level=0, dataset_id="", profiles={},
                notes=[], changes=[{}] * number,
                verdicts={f"c{at}": {"personal": at == 0} for at in range(number)}))
    db.close()
    return url


def test_tables_kept_before_are_counted(old):
    upgrade(old)
    db = Database(old)
    with db.reading() as connection:
        found = connection.execute(text(
            "SELECT columns, personal, changed FROM scan_table ORDER BY id")).all()
    db.close()
    assert [tuple(row) for row in found] == [(0, 0, 0), (1, 1, 1), (2, 1, 2)]
