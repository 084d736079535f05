"""Bars: through the last day, on the zone's clock, for everybody who reads one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.institutions import bar_ends, is_barred

LAST = date(2027, 11, 30)
AFTER = datetime(2027, 11, 30, 16, tzinfo=UTC)  # midnight of 1 December in Shanghai


@pytest.mark.parametrize("until, at, barred", [
    (LAST, AFTER - timedelta(microseconds=1), True),
    (LAST, AFTER, False),
    (LAST, AFTER - timedelta(days=1), True),
    (None, AFTER, False),
])
def test_G_BARRED_a_bar_holds_through_its_last_day(until, at, barred):
    assert is_barred(until, at) is barred


def test_a_bar_ends_at_the_first_instant_after_its_last_day():
    assert bar_ends(LAST) == AFTER
