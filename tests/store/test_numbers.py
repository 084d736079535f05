"""Numbers of a series have no gap and no double, whoever takes the first one."""

import threading

from app.domain.callers import SYSTEM
from app.store.unit import begin


def test_two_acts_may_take_the_first_number_of_a_year_at_once(rt):
    taken, failed = [], []

    def take():
        try:
            with begin(rt, SYSTEM) as act:
                taken.append(act.number("GR"))
                act.record("test.number", "test/1")
        except Exception as error:  # the test shows what went wrong
            failed.append(error)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failed
    assert sorted(taken) == [f"GR-2026-{n:06d}" for n in range(1, 9)]


def test_a_number_of_an_act_that_failed_is_given_again(rt):
    try:
        with begin(rt, SYSTEM) as act:
            act.number("GR")
            raise RuntimeError
    except RuntimeError:
        pass
    with begin(rt, SYSTEM) as act:
        assert act.number("GR") == "GR-2026-000001"
        act.record("test.number", "test/1")
