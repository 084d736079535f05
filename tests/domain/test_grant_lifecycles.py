"""The tables of applications, grants and stops: seats, stops and ends as the invariants ask."""

import pytest

from app.domain.contracts import CONTRACT
from app.domain.grant_cases import ENDED, GRANT_CASE, OPEN, State
from app.domain.grants import GRANT, days_left, reminder_due
from app.domain.holds import HOLD
from app.domain.lifecycle import Eyes
from app.engines import staff
from tests.conftest import START

RULES = staff.load()
BY_SYSTEM = {"activate", "apply_version", "resume", "reschedule", "expire"}


def test_INV_04_a_stop_takes_one_and_whatever_starts_or_ends_for_good_takes_two():
    for lifecycle in (GRANT, HOLD):
        for move in lifecycle.moves:
            if move.action in ("suspend", "place"):
                assert move.eyes is Eyes.ONE and move.stops
            elif move.action not in BY_SYSTEM:
                assert len(move.eyes.value) >= 2, move.action


@pytest.mark.parametrize("action", sorted(BY_SYSTEM))
def test_what_the_clock_or_a_case_does_to_a_grant_no_person_does(action):
    assert RULES.roles_for("grant", action) == {"SYSTEM"}


@pytest.mark.parametrize("role", ["SYS_ADMIN", "SEC_ADMIN", "AUD_ADMIN", "AUDITOR",
                                  "REGULATOR_VIEW"])
def test_INV_20_administrators_and_overseers_hold_no_seat_in_a_business_case(role):
    taken = {(line.noun, line.action) for line in RULES.lines
             if line.role == role and line.action != "read"}
    assert not {noun for noun, _ in taken} & {"grant_case", "opinion", "contract", "grant", "hold"}


def test_no_role_both_reviews_and_decides():
    deciders = RULES.roles_for("grant_case", "approve", "approve") | RULES.roles_for(
        "grant_case", "approve", "second")
    assert not deciders & RULES.roles_for("grant_case", "give_opinion")
    assert not deciders & RULES.roles_for("grant_case", "accept")


def test_every_open_state_can_be_withdrawn_and_every_end_is_final():
    for state in State:
        actions = {move.action for move in GRANT_CASE.moves_from(state)}
        assert ("withdraw" in actions) == (state in OPEN)
        assert bool(actions) == (state not in ENDED)
    assert not [move for state in CONTRACT.ends for move in CONTRACT.moves_from(state)]


@pytest.mark.parametrize("days, mark", [(91, None), (90, 90), (61, 90), (60, 60), (7, 7), (2, 7),
                                        (1, 1), (0, 1)])
def test_the_tightest_reminder_that_has_passed_counts(days, mark):
    from datetime import timedelta

    ends = START + timedelta(days=days)
    assert reminder_due(ends, START) == mark and days_left(ends, START) == days
