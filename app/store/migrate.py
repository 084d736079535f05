"""Bringing a database to this version: alembic revisions, then ranges ahead and guards again."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.store import ranges
from app.store.db import Database
from app.store.guards import install_guards

FOLDER = Path(__file__).parent / "migrations"


def config(connection=None) -> Config:
    """The alembic configuration; everything is told here, there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    found.attributes["connection"] = connection
    return found


def upgrade(url: str, rows: int = ranges.ROWS) -> None:
    """Run the missing revisions as the owner of the schema, make ranges of `rows` places ahead,
    and reinstall the guards: all of it, or nothing."""
    db = Database(url, lock_wait_s=30)
    try:
        with db.writing() as connection:
            if not db.is_sqlite:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            command.upgrade(config(connection), "head")
            ranges.ensure(connection, rows)
            install_guards(connection)
    finally:
        db.close()
