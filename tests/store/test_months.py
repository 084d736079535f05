"""A month of the ledger begins a range of its own; nothing is lost, changed or left unguarded."""

import pytest
from sqlalchemy import exc, text

from app.cli.__main__ import main
from app.domain.callers import SYSTEM
from app.jobs import room
from app.queries.trail_check import recompute
from app.store import months, ranges
from app.store.migrate import upgrade
from app.store.unit import begin
from tests.store.ledgers import database, decided, founded, line, ranges_of, rows

pytestmark = pytest.mark.postgres
ALL = 'SELECT * FROM trail_entry ORDER BY seq'


@pytest.fixture
def wide(postgres_cluster, tmp_path, clock):
    """A founded zone whose first range would take years."""
    rt = founded(database(postgres_cluster), tmp_path / "data", clock, 1_000)
    yield rt
    rt.close()


def grow(rt, name: str, count: int = 3) -> None:
    """Decisions and acts at the clock's instant."""
    for number in range(count):
        decided(rt, line(f"dec_{name}{number}"))
        with begin(rt, SYSTEM) as act:
            act.record("grant.issue", f"grant/{name}{number}", institution="a")


def cut(rt) -> str:
    with rt.db.writing() as connection:
        return months.cut(connection)


def test_a_month_begins_a_range_at_its_first_entry_and_the_trail_holds(wide, clock):
    grow(wide, "nov")
    assert cut(wide) == ""  # nothing lies before the month the zone was founded in
    clock.forward(days=20)
    grow(wide, "dec")
    before, index = rows(wide, ALL), rows(wide, "SELECT * FROM decision ORDER BY seq")
    assert (cut(wide), cut(wide)) == ("2026-12", "")
    assert rows(wide, ALL) == before and recompute(wide).findings == []
    assert rows(wide, "SELECT * FROM decision ORDER BY seq") == index
    with wide.db.reading() as connection:
        for table in ranges.TABLES:
            assert ranges.bounds(connection, table)[:2] == [(0, 7), (7, 1_000)]
        assert [months.held(connection, span, 13) for span in ((0, 7), (7, 1_000))] == [
            ("2026-11", "2026-11"), ("2026-12", "2026-12")]
    assert rows(wide, "SELECT count(*), min(seq) FROM hufu_ranges.decision_2026_12") == [(3, 7)]
    grow(wide, "more")
    assert recompute(wide).findings == []


def test_the_month_turns_at_midnight_in_shanghai(wide, clock):
    assert months.month_of("2026-11-30T15:59:59.999999Z").month == 11
    assert months.month_of("2026-11-30T16:00:00.000000Z").month == 12


def test_no_month_is_begun_before_its_first_entry(wide, clock):
    clock.forward(days=20)
    assert cut(wide) == ""


def test_a_month_cut_late_begins_at_the_next_entry(wide, clock, monkeypatch):
    monkeypatch.setattr(months, "MOST_MOVED", 4)
    clock.forward(days=20)
    grow(wide, "dec")
    assert cut(wide) == "2026-12"
    with wide.db.reading() as connection:
        assert ranges.bounds(connection, "trail_entry")[:2] == [(0, 7), (7, 1_000)]
    grow(wide, "late")
    assert cut(wide) == "" and recompute(wide).findings == []


@pytest.mark.parametrize("statement", [
    "UPDATE {} SET kind = kind", "DELETE FROM {}", "TRUNCATE {}"])
def test_ranges_on_both_sides_of_a_cut_are_guarded(wide, clock, statement):
    grow(wide, "nov")
    clock.forward(days=20)
    grow(wide, "dec")
    cut(wide)
    for month in ("0", "2026_12"):
        with pytest.raises(exc.DBAPIError, match="append-only"), wide.db.writing() as connection:
            connection.execute(text(statement.format(f"hufu_ranges.trail_entry_{month}")))


def test_no_decision_id_is_given_twice_over_a_cut(wide, clock):
    grow(wide, "nov")
    clock.forward(days=20)
    grow(wide, "dec")
    cut(wide)
    with pytest.raises(Exception, match="given twice|unique"):
        decided(wide, line("dec_nov0"))


def test_jobs_that_own_the_schema_make_room_and_months_and_tell_it(
        wide, clock, monkeypatch, capsys):
    wide.settings.__dict__["range_rows"] = 8
    grow(wide, "nov", 4)
    assert room.keep(wide) == "ok"
    clock.forward(days=20)
    grow(wide, "dec", 4)
    assert room.keep(wide) == "ok"
    assert "hufu_ranges.trail_entry_2026_12" in ranges_of(wide, "trail_entry")
    monkeypatch.setenv("HUFU_DATABASE_URL", wide.db.url)
    assert main(["ranges", "--data", str(wide.settings.data_dir)]) == 0
    assert "trail_entry_2026_12  9–999  2026-12" in capsys.readouterr().out


def test_a_role_that_owns_nothing_makes_nothing(wide, clock):
    made = ranges_of(wide, "trail_entry")
    with wide.db.writing() as connection:
        connection.execute(text("CREATE ROLE app_of_months"))
        assert months.is_owner(connection)
        connection.execute(text("SET LOCAL ROLE app_of_months"))
        assert not months.is_owner(connection)
    assert ranges_of(wide, "trail_entry") == made


def test_migrating_begins_the_month_too(wide, clock):
    grow(wide, "nov")
    clock.forward(days=20)
    grow(wide, "dec")
    upgrade(wide.db.url, 1_000)
    assert "hufu_ranges.decision_2026_12" in ranges_of(wide, "decision")
    assert recompute(wide).findings == []
