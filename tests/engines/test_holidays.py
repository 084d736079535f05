"""The seed's laws: it agrees with the announcements and admits what it does not know."""

from datetime import date

import pytest

from app.engines.holidays import seeded


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-03-01", False),
        ("2026-09-20", True),
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
    ],
)
def test_announced_days_are_known(day, works):
    assert seeded().is_workday(date.fromisoformat(day)) is works
    assert not seeded().is_provisional(date.fromisoformat(day))


def test_years_not_announced_are_provisional():
    last = max(seeded().years)
    assert not seeded().is_provisional(date(last, 12, 31))
    assert seeded().is_provisional(date(last + 1, 1, 1))


def test_no_day_both_rests_and_works():
    assert not seeded().rest & seeded().work
    assert seeded().source.startswith("chinesecalendar ")
