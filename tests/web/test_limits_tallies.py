"""A budget taken in blocks: what several processes let through of it together, whatever the order
they are asked in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.budgets import Tally

MOST = 100


class Counted:
    """The count in the store."""

    def __init__(self) -> None:
        self.count = self.takes = 0

    def take(self, count: int) -> int:
        self.count, self.takes = self.count + count, self.takes + 1
        return self.count


def passed(tally: Tally, take, requests: int) -> int:
    return sum(tally.passes(take) for _ in range(requests))


@pytest.mark.parametrize("most", [1, 2, 3, 19, 20, 21, 100, 600])
def test_one_process_alone_lets_through_exactly_the_budget(most):
    assert passed(Tally(most), Counted().take, 2 * most + 50) == most


@given(st.integers(1, 6).flatmap(lambda processes: st.tuples(
    st.integers(1, 300), st.just(processes),
    st.lists(st.integers(0, processes - 1), max_size=600))))
def test_processes_together_pass_at_most_a_block_each_more_or_less(drawn):
    most, processes, order = drawn
    store, tallies = Counted(), [Tally(most) for _ in range(processes)]
    through, blocks = 0, (processes - 1) * max(1, most // 20)
    for at in order:
        if tallies[at].passes(store.take):
            through += 1
        else:
            assert through > most - blocks - 1
    assert through <= most + blocks


def test_the_bounds_are_met_and_not_only_kept():
    store, tallies = Counted(), [Tally(MOST) for _ in range(4)]
    assert [passed(tally, store.take, 5) for tally in tallies[1:]] == [5, 5, 5]
    assert passed(tallies[0], store.take, 200) == MOST
    store, tallies = Counted(), [Tally(MOST) for _ in range(4)]
    assert [passed(tally, store.take, 6) for tally in tallies[1:]] == [6, 6, 6]
    assert passed(tallies[0], store.take, 200) == MOST - 30


def test_who_asks_little_and_who_is_refused_write_nothing():
    store, tally = Counted(), Tally(MOST)
    assert passed(tally, store.take, 5) == 5 and store.takes == 0
    assert passed(tally, store.take, MOST) == MOST - 5
    written = store.takes
    assert written <= 20
    assert passed(tally, store.take, 10 * MOST) == 0 and store.takes == written


def test_while_the_store_takes_nothing_the_process_counts_by_itself():
    assert passed(Tally(MOST), lambda _: None, 5 * MOST) == MOST
    store, tally = Counted(), Tally(MOST)
    assert passed(tally, store.take, 50) == 50
    assert passed(tally, lambda _: None, 20) == 20
    assert passed(tally, store.take, MOST) <= 50
