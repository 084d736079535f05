"""Days are read in every form departments write, and only if the calendar has them."""

import pytest

from app.domain.classification.dates import Day, read_day


@pytest.mark.parametrize(("folded", "day"), [
    ("2024-01-02", Day(2024, 1, 2)),
    ("2024/1/2", Day(2024, 1, 2)),
    ("2024.01.02", Day(2024, 1, 2)),
    ("20240102", Day(2024, 1, 2)),
    ("202401020304", Day(2024, 1, 2, timed=True)),
    ("20240102030405", Day(2024, 1, 2, timed=True)),
    ("20240102000000", Day(2024, 1, 2)),
    ("2024年1月2日", Day(2024, 1, 2)),
    ("2024年1月2日 3时5分", Day(2024, 1, 2, timed=True)),
    ("2024-01-02 00:00:00", Day(2024, 1, 2)),
    ("2024-01-02T03:04:05.123Z", Day(2024, 1, 2, timed=True)),
    ("2024-01-02 03:04:05+08:00", Day(2024, 1, 2, timed=True)),
    ("9999-12-31", Day(9999, 12, 31, endless=True)),
    ("99991231", Day(9999, 12, 31, endless=True)),
    ("2024-02-29", Day(2024, 2, 29)),
    ("2000-02-29", Day(2000, 2, 29)),
])
def test_a_day_is_read(folded, day):
    assert read_day(folded) == day


@pytest.mark.parametrize("folded", [
    "2023-02-29", "1900-02-29", "20241301", "2024-01-32", "2024年1月", "202401", "2024-01",
    "2024-01/02", "12345678", "20240102250000", "1.1.1.1", "", "13812345678", "2024-01-02 99:00",
    "18490101", "21000101"])
def test_what_is_no_day_is_none(folded):
    assert read_day(folded) is None
