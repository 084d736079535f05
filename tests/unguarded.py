"""The trail without its guards, as only the owner of a database can have it."""

from sqlalchemy import Connection, text


def unguard(connection: Connection, verb: str) -> None:
    """Let entries be changed (`update`) or taken out (`delete`)."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TRIGGER trail_entry_no_{verb}"))
    else:
        connection.execute(text("ALTER TABLE trail_entry DISABLE TRIGGER USER"))
