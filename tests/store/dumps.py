"""Databases of landed capabilities, kept as rows: what later migrations start from.

A dump is JSON in gzip: `{"capability", "revision", "tables": {name: [row]}}`; bytes stand as
`{"base64": text}`, days as `{"day": text}`. It loads into either engine. The next one is taken
when a capability lands: `python -m tests.store.dumps NAME`.
"""

import base64
import gzip
import json
import sys
import tempfile
from datetime import date
from pathlib import Path

from alembic import command
from sqlalchemy import MetaData, Table, inspect, select

from app import runtime
from app.jobs import checkpoints
from app.settings import load
from app.store import ranges
from app.store.db import Database
from app.store.guards import install_guards
from app.store.migrate import config, upgrade
from tests import zone
from tests.conftest import StoppedClock
from tests.store.ledgers import decided, line

FOLDER = Path(__file__).parents[1] / "samples" / "dumps"
VERSION = "alembic_version"


def kept() -> list[Path]:
    """Every dump, oldest capability first."""
    return sorted(FOLDER.glob("*.json.gz"))


def read(path: Path) -> dict:
    return json.loads(gzip.decompress(path.read_bytes()), object_hook=_as_it_was)


def taken(rt, capability: str) -> bytes:
    """The dump of a zone on SQLite; the same rows give the same bytes."""
    with rt.db.reading() as connection:
        tables = {name: [dict(row) for row in connection.execute(select(Table(
            name, MetaData(), autoload_with=connection))).mappings()]
            for name in sorted(inspect(connection).get_table_names())}
    revision = tables.pop(VERSION)[0]["version_num"]
    text = json.dumps({"capability": capability, "revision": revision, "tables": tables},
                      ensure_ascii=False, sort_keys=True, default=_as_text)
    return gzip.compress(text.encode(), mtime=0)


def loaded(url: str, dump: dict) -> None:
    """An empty database brought to the dump's revision, with its rows in it."""
    db = Database(url, durable=False)
    with db.writing() as connection:
        command.upgrade(config(connection), dump["revision"])
        ranges.ensure(connection, 16)
        install_guards(connection)
        for name, rows in dump["tables"].items():
            if rows:
                connection.execute(Table(name, MetaData(), autoload_with=connection).insert(),
                                   rows)
    db.close()


def _as_text(value: bytes | date) -> dict:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"base64": base64.b64encode(value).decode()}


def _as_it_was(value: dict) -> object:
    if value.keys() == {"day"}:
        return date.fromisoformat(value["day"])
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value


def main(capability: str) -> None:
    """Keep a small zone with acts, decisions, private values and a signed head."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/zone.db"
        upgrade(url)
        rt = runtime.build(load({}, data_dir=Path(folder), database_url=url), durable=False)
        rt.clock = StoppedClock()
        runtime.found(rt)
        zone.tiny(rt)
        decided(rt, *(line(f"dec_{number:03d}") for number in range(40)))
        checkpoints.run_due(rt)
        (FOLDER / f"{capability}.json.gz").write_bytes(taken(rt, capability))
        rt.close()


if __name__ == "__main__":
    main(sys.argv[1])
