"""A registration moves one step at a time, and a code is valid for three years at most."""

from datetime import date

from app.domain.registrations import FOLLOWS, Registration, longest


def test_every_state_has_its_followers_and_is_reachable():
    assert set(FOLLOWS) == {str(state) for state in Registration}
    reached, waiting = {"DUE"}, ["DUE"]
    while waiting:
        for state in FOLLOWS[waiting.pop()]:
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    assert reached == set(FOLLOWS)


def test_a_code_is_valid_for_three_years_at_most():
    assert longest(date(2026, 3, 1)) == date(2029, 3, 1)
    assert longest(date(2028, 2, 29)) == date(2031, 2, 28)
