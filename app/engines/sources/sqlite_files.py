"""An SQLite file among the files of a folder: its tables, read as those of any database."""

from contextlib import closing
from pathlib import Path

from app.domain.refusals import Refusal
from app.engines.sources.database_urls import Target
from app.engines.sources.databases import open_database
from app.engines.sources.plain_files import opened
from app.engines.sources.remarks import shown
from app.engines.sources.report import Found, Skipped
from app.engines.sources.sampling import Limits


def read_sqlite_file(path: Path, limits: Limits) -> Found:
    """Every table of an SQLite file, which is opened read-only; one that fails costs itself only.

    Raises:
        SourceRefused, OSError: the file cannot be read, or holds no table.
    """
    with opened(path):
        pass
    with closing(open_database(Target("sqlite", shown(path.stem), path), (), limits)) as source:
        for item in source.items:
            try:
                yield from item.read()
            except Refusal as error:
                yield Skipped(item.name, error.zh, error.en)
