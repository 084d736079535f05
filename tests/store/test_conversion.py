"""A database of the first release, with its rows in it, is brought into ranges and goes on."""

import psycopg
import pytest
from alembic import command
from sqlalchemy import MetaData, Table, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app import runtime
from app.commands import evidence
from app.commands.command import Empty
from app.domain.callers import SYSTEM
from app.jobs import checkpoints, packs
from app.queries.evidence import evidence_pack, pack_file
from app.queries.trail_check import recompute
from app.settings import load
from app.store import ranges
from app.store.db import Database
from app.store.migrate import config, upgrade
from app.store.unit import begin
from audit import verify
from tests import zone
from tests.conftest import caller
from tests.store.ledgers import database, decided, line, rows

pytestmark = pytest.mark.postgres

AUDITOR = caller("auditor", "AUDITOR")
GUARDS = ("""CREATE FUNCTION hufu_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$""",
          """CREATE TRIGGER trail_entry_row_guard BEFORE UPDATE OR DELETE ON trail_entry
FOR EACH ROW EXECUTE FUNCTION hufu_append_only()""",
          """CREATE TRIGGER trail_entry_truncate_guard BEFORE TRUNCATE ON trail_entry
FOR EACH STATEMENT EXECUTE FUNCTION hufu_append_only()""")


def lived_in(folder, clock) -> runtime.Runtime:
    """A zone of the default store with acts, decisions, private values and a signed head."""
    upgrade(f"sqlite:///{folder / 'zone.db'}")
    rt = runtime.build(load({}, data_dir=folder / "data",
                            database_url=f"sqlite:///{folder / 'zone.db'}"), durable=False)
    rt.clock = clock
    runtime.found(rt)
    zone.tiny(rt)
    decided(rt, *(line(f"dec_{number:03d}") for number in range(300)))
    checkpoints.run_due(rt)
    return rt


def moved_to_the_first_release(rt, url: str) -> dict[str, list]:
    """The zone's rows in a PostgreSQL database as the first release made it; what it holds."""
    db = Database(url, durable=False)
    with rt.db.reading() as source, db.writing() as target:
        command.upgrade(config(target), "0001")
        for guard in GUARDS:
            target.exec_driver_sql(guard)
        held = {}
        for name in inspect(target).get_table_names():
            there = Table(name, MetaData(), autoload_with=target)
            here = Table(name, MetaData(), autoload_with=source)
            if name == "alembic_version":
                continue
            shared = [column for column in here.columns if column.name in there.columns]
            gone = {column.name: "" for column in there.columns if column.name not in here.columns}
            held[name] = source.execute(select(*shared)).mappings().all()
            if held[name]:
                target.execute(there.insert(), [gone | dict(row) for row in held[name]])
    db.close()
    return held


@pytest.fixture
def converted(postgres_cluster, tmp_path, clock):
    """The zone after the conversion, and what its tables held before."""
    old = lived_in(tmp_path, clock)
    url = database(postgres_cluster)
    held = moved_to_the_first_release(old, url)
    old.close()
    upgrade(url, rows=16)
    rt = runtime.build(load({}, data_dir=tmp_path / "data", database_url=url), durable=False)
    rt.clock = clock
    yield rt, held
    rt.close()


def test_every_row_is_there_and_the_trail_holds(converted):
    rt, held = converted
    assert len(held["decision"]) == 300
    for name in ("trail_entry", "decision", "trail_private", "trail_tile", "trail_stream",
                 "object_version", "trail_checkpoint"):
        columns = ", ".join(f'"{column}"' for column in held[name][0])
        found = rows(rt, f"SELECT {columns} FROM {name}")
        assert sorted(map(repr, found)) == sorted(repr(tuple(row.values())) for row in held[name])
    checked = recompute(rt)
    assert (checked.size, checked.findings) == (len(held["trail_entry"]), [])


def test_the_rows_that_were_there_became_the_first_range(converted):
    rt, held = converted
    size = len(held["trail_entry"])
    with rt.db.reading() as connection:
        first, second, *_ = ranges.bounds(connection, "trail_entry")
    assert first == (0, size) and second == (size, (size // 16 + 1) * 16)


@pytest.mark.parametrize("place", ["trail_entry", "hufu_ranges.trail_entry_0"])
@pytest.mark.parametrize("statement", [
    "UPDATE {} SET kind = kind", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_guards_came_along(converted, place, statement):
    rt, _ = converted
    with pytest.raises(DBAPIError, match="append-only"), rt.db.writing() as connection:
        connection.execute(text(statement.format(place)))


def test_keys_of_old_rows_still_bind_new_ones(converted):
    rt, _ = converted
    with pytest.raises(psycopg.Error, match="given twice"):
        decided(rt, line("dec_007"))
    with pytest.raises(DBAPIError, match="does not go on from"), \
            rt.db.writing() as connection:
        connection.execute(text(
            "INSERT INTO trail_entry SELECT (SELECT size FROM trail_head), stream, stream_seq, "
            "kind, ref, at, leaf, body FROM trail_entry WHERE seq = 3"))
        connection.execute(text("UPDATE trail_head SET size = size + 1"))


def test_a_pack_over_old_and_new_ranges_verifies(converted, clock):
    rt, held = converted
    anchor = checkpoints.published(rt.settings).read_bytes()
    decided(rt, *(line(f"dec_1{number:03d}") for number in range(30)))
    with begin(rt, SYSTEM) as act:
        act.record("grant.issue", "grant/9", institution="a")
    clock.forward(minutes=2)
    row = evidence.request(rt, AUDITOR, evidence.PackRequest(
        kind="zone", recipient="市数据局", legal_basis="数据安全法第四十一条", purpose="年度审计",
        expires="2027-11-30", reason="监管调取"))
    assert packs.build_due(rt) == 1
    sheet = evidence_pack(rt, AUDITOR, row.number)
    evidence.hand_over(rt, AUDITOR, sheet.id, Empty())
    keys = verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)
    found = verify.verify(pack_file(rt, AUDITOR, sheet.number).body, keys, {"before": anchor})
    assert found.range["begin"] == 0 and found.range["end"] > len(held["trail_entry"]) + 30
    assert found.findings == [] and found.anchored["size"] == len(held["trail_entry"])
    assert recompute(rt).findings == []
