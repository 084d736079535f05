"""Every table is declared once this module is imported: `tables_*.py` files are read by name."""

import importlib
import pkgutil
from pathlib import Path

from sqlmodel import SQLModel

for _module in sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)])):
    if _module.startswith("tables"):
        importlib.import_module(f"app.store.{_module}")

metadata = SQLModel.metadata
