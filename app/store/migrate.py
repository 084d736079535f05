"""Bringing a database to this version: alembic revisions, then ranges ahead and guards again."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.store import months, privileges, ranges
from app.store.db import Database
from app.store.guards import install_guards

FOLDER = Path(__file__).parent / "migrations"


def config(connection=None) -> Config:
    """The alembic configuration; everything is told here, there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    found.attributes["connection"] = connection
    return found


def upgrade(url: str, rows: int = ranges.ROWS, role: str = "") -> list[str]:
    """Run the missing revisions as the owner of the schema, make ranges of `rows` places ahead and
    the month's own, reinstall the guards and grant `role`, as the roles granted before, what the
    application needs: all of it, or nothing. The application's roles.
    """
    db = Database(url, lock_wait_s=30)
    try:
        with db.writing() as connection:
            if not db.is_sqlite:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            command.upgrade(config(connection), "head")
            ranges.ensure(connection, rows)
            install_guards(connection)
            months.cut(connection)
            if db.is_sqlite:
                return []
            roles = sorted({*privileges.granted(connection), *([role] if role else [])})
            for each in roles:
                privileges.grant(connection, each)
            return roles
    finally:
        db.close()


def is_current(url: str) -> bool:
    """Whether the database has every revision; its schema is not touched."""
    db = Database(url)
    try:
        with db.reading() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        return found == ScriptDirectory.from_config(config()).get_current_head()
    finally:
        db.close()
