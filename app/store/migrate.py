"""Bringing a database to this version: alembic revisions, then the append-only guards again."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.store.db import Database, install_guards

FOLDER = Path(__file__).parent / "migrations"


def config(connection=None) -> Config:
    """The alembic configuration; everything is told here, there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    found.attributes["connection"] = connection
    return found


def upgrade(url: str, revision: str = "head") -> None:
    """Run the missing revisions as the owner of the schema, then reinstall the guards."""
    db = Database(url, lock_wait_s=30)
    try:
        with db.writing() as connection:
            command.upgrade(config(connection), revision)
            install_guards(connection)
    finally:
        db.close()
