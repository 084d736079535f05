"""Every table is declared once this module is imported: `tables_*.py` files are read by name."""

import importlib
import pkgutil
from pathlib import Path

from sqlmodel import SQLModel

for _module in sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)])):
    if _module.startswith("tables"):
        importlib.import_module(f"app.store.{_module}")

metadata = SQLModel.metadata
# Keys without `seq`, which a table in ranges of `seq` cannot have.
PLAIN_ONLY = {("trail_entry", ("stream", "stream_seq")), ("decision", ("id",))}


def is_declared(dialect: str):
    """What belongs to the schema on this engine, as alembic asks for it."""
    def include(item, _name, kind, _reflected, _other) -> bool:
        if dialect == "sqlite" or kind != "unique_constraint":
            return True
        return (item.table.name, tuple(item.columns.keys())) not in PLAIN_ONLY
    return include
