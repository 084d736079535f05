"""The ledger in ranges of seq: nothing is lost, doubled or changed at their borders."""

import json

import psycopg
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.cli.__main__ import main
from app.domain.callers import SYSTEM
from app.jobs import checkpoints, room
from app.queries.trail_check import recompute
from app.store import ranges
from app.store.bodies import unpacked
from app.store.migrate import upgrade
from app.store.unit import begin
from tests.store.ledgers import database, decided, founded, line, ranges_of, rows

pytestmark = pytest.mark.postgres


@pytest.fixture
def narrow(postgres_cluster, tmp_path, clock):
    """A founded zone with ranges of eight places."""
    rt = founded(database(postgres_cluster), tmp_path / "data", clock)
    yield rt
    rt.close()


def grow(rt, count: int, begin_at: int = 0) -> None:
    """Decisions and acts in turn, so that batches and acts cross the borders."""
    for number in range(begin_at, begin_at + count):
        decided(rt, *(line(f"dec_{number:04d}{part}", f"inst/{part}") for part in "abc"))
        with begin(rt, SYSTEM) as act:
            act.record("grant.issue", f"grant/{number}", institution="a")


def test_entries_fill_range_after_range_and_the_trail_holds(narrow, clock):
    grow(narrow, 6)
    clock.forward(minutes=2)
    checkpoints.run_due(narrow)
    filled = [count for (count,) in rows(narrow, (
        "SELECT count(*) FROM trail_entry GROUP BY tableoid ORDER BY min(seq)"))]
    assert filled == [8, 8, 8, 2]
    found = recompute(narrow)
    assert (found.size, found.checkpoints, found.findings) == (26, 1, [])


@pytest.mark.parametrize("statement", [
    "UPDATE {} SET kind = kind", "DELETE FROM {}", "TRUNCATE {}"])
def test_nothing_in_a_range_is_changed_or_removed_even_by_its_own_name(narrow, statement):
    grow(narrow, 3)
    for place in ("trail_entry", *ranges_of(narrow, "trail_entry")):
        is_filled = rows(narrow, f"SELECT count(*) FROM {place}") != [(0,)]
        if not is_filled and "TRUNCATE" not in statement:
            continue
        with pytest.raises(DBAPIError, match="append-only"), narrow.db.writing() as connection:
            connection.execute(text(statement.format(place)))
    assert recompute(narrow).findings == []


@pytest.mark.parametrize("known", [2, 9, 20], ids=["same range", "range before", "far ahead"])
def test_a_stream_is_numbered_once_and_without_a_gap_over_all_ranges(narrow, known):
    grow(narrow, 3)  # stream inst/a has six entries, the ledger thirteen
    with pytest.raises(DBAPIError, match="does not go on from"), \
            narrow.db.writing() as connection:
        connection.execute(text(
            "INSERT INTO trail_entry SELECT 13, 'inst/a', :number, kind, ref, at, leaf, body "
            "FROM trail_entry WHERE seq = 1"), {"number": known})
        connection.execute(text("UPDATE trail_head SET size = 14"))


def test_an_entry_counted_twice_by_one_append_is_refused(narrow):
    with pytest.raises(DBAPIError, match="does not go on from"), \
            narrow.db.writing() as connection:
        for seq in (7, 8):  # the border lies between
            connection.execute(text(
                "INSERT INTO trail_entry SELECT :seq, 'inst/a', 0, kind, ref, at, leaf, body "
                "FROM trail_entry WHERE seq = 0"), {"seq": seq})
        connection.execute(text("UPDATE trail_head SET size = 9"))


@pytest.mark.parametrize("change", [
    "UPDATE trail_head SET size = size + 1", "UPDATE trail_head SET size = size - 1",
    "UPDATE trail_stream SET count = count - 1", "UPDATE trail_stream SET stream = 'x'",
    "DELETE FROM trail_stream"])
def test_neither_head_nor_counts_move_without_entries(narrow, change):
    grow(narrow, 1)
    with pytest.raises(DBAPIError, match=r"leaves|only grows"), \
            narrow.db.writing() as connection:
        connection.execute(text(change))


@pytest.mark.parametrize("batch", [
    ["dec_0000a"], ["dec_0001b", "dec_9999x"], ["dec_8000a", "dec_8000a"]],
    ids=["of another range", "among new ones", "twice in one batch"])
def test_no_decision_id_is_given_twice(narrow, batch):
    grow(narrow, 6)
    size = rows(narrow, "SELECT size FROM trail_head")
    with pytest.raises(psycopg.Error, match=r"given twice|unique"):
        decided(narrow, *(line(key) for key in batch))
    assert rows(narrow, "SELECT size FROM trail_head") == size
    assert recompute(narrow).findings == []


def test_a_place_is_found_in_one_range(narrow):
    grow(narrow, 6)
    for table in ranges.TABLES:
        plan = "\n".join(line for (line,) in rows(
            narrow, f"EXPLAIN SELECT * FROM {table} WHERE seq = 19"))
        assert f"{table}_16" in plan and f"{table}_8" not in plan, plan


def test_ranges_stand_ready_ahead_and_migrating_again_adds_none(narrow):
    made = ranges_of(narrow, "trail_entry")
    assert len(made) == 1 + ranges.AHEAD + 1  # the one in use, those ahead, the one beyond all
    upgrade(narrow.db.url, 8)
    assert ranges_of(narrow, "trail_entry") == made
    grow(narrow, 6)
    upgrade(narrow.db.url, 20)
    with narrow.db.reading() as connection:
        assert ranges.bounds(connection, "decision") == [
            (0, 8), (8, 16), (16, 24), (24, 32), (32, 40), (40, 60), (60, 80), (80, 100)]
    assert recompute(narrow).findings == []


def reported(rt, capsys, monkeypatch) -> tuple[str, int, str, int]:
    """What jobs, the command line and a watcher of web say of the room."""
    from app.web import create_app

    monkeypatch.setenv("HUFU_DATABASE_URL", rt.db.url)
    code = main(["ranges", "--data", str(rt.settings.data_dir)])
    shown = capsys.readouterr().out
    told = create_app(rt).test_client().get("/readyz", base_url="https://localhost").get_json()
    assert str(told["ledger_room"]) in shown
    return room.watch(rt), code, told["ledger"], told["ledger_room"]


def test_running_out_refuses_nothing_loses_nothing_and_is_said(narrow, capsys, monkeypatch):
    assert reported(narrow, capsys, monkeypatch) == ("ok", 0, "ok", 31)
    grow(narrow, 6)
    assert reported(narrow, capsys, monkeypatch) == ("low", 1, "low", 7)
    grow(narrow, 6, begin_at=6)
    assert reported(narrow, capsys, monkeypatch) == ("beyond", 1, "beyond", -17)
    before = rows(narrow, "SELECT seq, body, leaf FROM trail_entry ORDER BY seq")
    indexed = rows(narrow, "SELECT * FROM decision ORDER BY seq")
    assert recompute(narrow).findings == []
    upgrade(narrow.db.url, 8)
    assert reported(narrow, capsys, monkeypatch)[0] == "ok"
    assert rows(narrow, "SELECT seq, body, leaf FROM trail_entry ORDER BY seq") == before
    assert rows(narrow, "SELECT * FROM decision ORDER BY seq") == indexed
    assert rows(narrow, "SELECT count(*) FROM hufu_ranges.trail_entry_beyond") == [(0,)]
    with pytest.raises(DBAPIError, match="append-only"), narrow.db.writing() as connection:
        connection.execute(text("DELETE FROM trail_entry WHERE seq > 40"))
    grow(narrow, 2, begin_at=12)
    assert recompute(narrow).findings == []


def test_the_body_of_an_entry_is_read_back_from_any_range(narrow):
    grow(narrow, 6)
    for seq, body in rows(narrow, "SELECT seq, body FROM trail_entry ORDER BY seq"):
        assert json.loads(unpacked(bytes(body)))["seq"] == seq


def test_ranges_lie_where_the_application_does_not_look(narrow):
    with narrow.db.reading() as connection:
        names = inspect(connection).get_table_names()
    assert not [name for name in names if name.startswith(("trail_entry_", "decision_"))]


def test_a_range_is_looked_at_when_it_has_grown_by_half(narrow):
    found = rows(narrow, "SELECT c.relname, c.reloptions FROM pg_class c JOIN pg_namespace n "
                         "ON n.oid = c.relnamespace WHERE n.nspname = 'hufu_ranges' "
                         "AND c.relkind = 'r'")
    assert len(found) > 4
    for name, options in found:
        assert "autovacuum_analyze_scale_factor=0.5" in (options or ()), name
