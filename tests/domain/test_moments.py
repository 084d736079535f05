"""A moment says what a plain instant says, and until when every comparison would say the same."""

import operator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.canonical import instant
from app.domain.moments import Moment
from tests.properties import calm

COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge)
INSTANTS = st.datetimes(timezones=st.just(UTC)).map(instant)
CLOSE = st.integers(0, 119_999_999).map(
    lambda us: f"2026-11-23T02:{us // 60_000_000:02d}:{us // 1_000_000 % 60:02d}"
               f".{us % 1_000_000:06d}Z")


@calm
@given(CLOSE, CLOSE, st.lists(st.tuples(st.sampled_from(COMPARISONS), CLOSE | INSTANTS,
                                        st.booleans()), max_size=6))
def test_what_was_compared_says_the_same_until_it_no_longer_holds(at, later, compared):
    moment = Moment(at)

    def said(one):
        return [compare(other, one) if is_swapped else compare(one, other)
                for compare, other, is_swapped in compared]

    assert said(moment) == said(at)
    if at <= later < moment.holds_until:
        assert said(later) == said(at)
        assert later[:16] == at[:16]


@pytest.mark.parametrize(("at", "until"), [
    ("2026-11-23T02:00:59.999999Z", "2026-11-23T02:00:6"),
    ("2026-11-23T23:59:00.000000Z", "2026-11-23T23:59:6")])
def test_nothing_holds_beyond_its_minute(at, until):
    assert Moment(at).holds_until == until
    assert at < until < instant(datetime.fromisoformat(
        at[:16] + ":59.999999+00:00") + timedelta(microseconds=1))


def test_an_instant_met_at_itself_holds_for_nothing():
    moment = Moment("2026-11-23T02:00:00.000000Z")
    assert moment >= "2026-11-23T02:00:00.000000Z"
    assert moment.holds_until == str(moment)
