"""The supplying side's tables: every state is reached, every end ends, every seat has a role."""

import pytest

from app.domain.datasets import DATASET
from app.domain.departments import DEPARTMENT
from app.domain.duties import decider_is_apart
from app.domain.head_agreements import HEAD_AGREEMENT
from app.domain.lifecycle import Eyes
from app.domain.onboarding import ONBOARDING, OPEN, STAGES, State
from app.domain.products import PRODUCT, VERSION
from app.engines import staff

ALL = (DATASET, DEPARTMENT, HEAD_AGREEMENT, ONBOARDING, PRODUCT, VERSION)
EACH = pytest.mark.parametrize("lifecycle", ALL, ids=lambda lifecycle: lifecycle.noun)
MOVES = pytest.mark.parametrize(
    ("lifecycle", "move"), [(lifecycle, move) for lifecycle in ALL for move in lifecycle.moves],
    ids=lambda value: getattr(value, "action", getattr(value, "noun", "")))
RULES = staff.load()


@EACH
def test_every_state_is_reached_and_nothing_leaves_an_end(lifecycle):
    reached = {lifecycle.starts} | {move.target for move in lifecycle.moves}
    assert reached == set(lifecycle.states)
    for state in lifecycle.states:
        assert bool(lifecycle.moves_from(state)) is (state not in lifecycle.ends)


@MOVES
def test_every_seat_of_every_move_may_be_taken(lifecycle, move):
    for seat in move.seats():
        assert RULES.roles_for(lifecycle.noun, move.action, seat), (move.action, seat)


@MOVES
def test_nobody_who_only_looks_takes_a_seat(lifecycle, move):
    for seat in move.seats():
        roles = RULES.roles_for(lifecycle.noun, move.action, seat)
        assert roles.isdisjoint({"AUDITOR", "REGULATOR_VIEW", "SYS_ADMIN", "SEC_ADMIN",
                                 "AUD_ADMIN"})


@MOVES
def test_INV_04_stopping_is_one_person_and_widening_is_more(lifecycle, move):
    if move.action in ("freeze", "pause", "suspend", "regrade_up"):
        assert move.eyes is Eyes.ONE and move.stops
    if move.action in ("thaw", "unpause", "resume", "regrade_down", "activate", "withdraw",
                       "retire", "complete_retire", "delist", "complete", "terminate",
                       "sign", "amend") and lifecycle is not ONBOARDING:
        assert len(move.seats()) >= 2


@pytest.mark.parametrize(("lifecycle", "action"), [
    (ONBOARDING, "approve"), (ONBOARDING, "reject"), (VERSION, "approve"), (VERSION, "reject")])
def test_INV_05_deciding_a_case_needs_fresh_eyes(lifecycle, action):
    move = next(move for move in lifecycle.moves if move.action == action)
    assert decider_is_apart in move.guards and move.eyes is Eyes.CASE


def test_every_open_state_but_the_draft_has_its_clock_and_its_debtor():
    assert set(STAGES) == set(OPEN) - {State.DRAFT}
    assert {state: (stage.clock, stage.days) for state, stage in STAGES.items()} == {
        State.SUBMITTED: ("acceptance", 3), State.SUPPLEMENT: ("supplement", 10),
        State.GRADING: ("grading", 5), State.ASSESSING: ("assessment", 10),
        State.APPROVAL: ("approval", 3), State.APPROVED: ("signing", 20),
        State.TRIAL: ("trial", 20)}
