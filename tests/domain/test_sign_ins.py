"""Locks and sessions as functions of instants: each bound on both sides."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.sign_ins import is_alive, is_fresh, locked_until, source_wait

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def ago(*minutes):
    return [AT - timedelta(minutes=value) for value in minutes]


@pytest.mark.parametrize(("failures", "left"), [
    ([], None), (ago(1, 1, 1, 1), None), (ago(1, 2, 3, 4, 5), 14), (ago(0, 0, 0, 0, 9.9), 15),
    (ago(0, 0, 0, 0, 10), None), (ago(15, 16, 17, 18, 19), None),
    (ago(14.9, 16, 17, 18, 19), 0.1), (ago(0, 1, 2, 3, 11, 12, 13, 14, 20), 4),
    (ago(0, 1, 2, 3, 11, 12, 13, 14, 21), None),
])
def test_A05_the_fifth_failure_in_ten_minutes_locks_for_fifteen(failures, left):
    until = locked_until(failures, AT)
    assert until == (None if left is None else AT + timedelta(minutes=left))


@pytest.mark.parametrize(("failures", "wait"), [
    (ago(*[1] * 49), 0), (ago(*[1] * 50), 0), (ago(*[0] * 50), 30), (ago(*[0.25] * 50), 15),
    (ago(*[11] * 50, 0), 0)])
def test_A05_the_fiftieth_failure_slows_a_source(failures, wait):
    assert source_wait(failures, AT) == wait


@pytest.mark.parametrize(("created", "seen", "alive"), [
    (1, 1, True), (60, 14.99, True), (60, 15, False), (479.9, 1, True), (480, 1, False)])
def test_A10_a_session_is_inside_both_bounds(created, seen, alive):
    assert is_alive(*ago(created), *ago(seen), AT) is alive


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (4.99, True), (5, False)])
def test_A12_a_factor_is_fresh_for_five_minutes(minutes, fresh):
    assert is_fresh(*ago(minutes), AT) is fresh
    assert not is_fresh(None, AT)
