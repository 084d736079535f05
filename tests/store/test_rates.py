"""Requests are counted by key and window in one row for all processes."""

from concurrent.futures import ThreadPoolExecutor

from sqlmodel import func, select

from app.store.rates import spend
from app.store.tables_people import RateCounter


def spent(rt, key="k", window="2026-11-23T02:00") -> int:
    with rt.db.writing() as connection:
        return spend(connection, key, window)


def test_each_window_and_each_key_counts_from_one(rt):
    assert [spent(rt), spent(rt), spent(rt, key="other")] == [1, 2, 1]
    assert spent(rt, window="2026-11-23T02:01") == 1


def test_old_windows_of_a_key_are_removed(rt):
    for minute in range(5):
        spent(rt, window=f"2026-11-23T02:0{minute}")
    with rt.db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(RateCounter)).scalar_one() == 1


def test_no_request_is_lost_when_many_count_at_once(rt):
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: spent(rt), range(40)))
    assert sorted(counts) == list(range(1, 41))
