"""A12: every act that stops, revokes, publishes, hands out, or touches keys, accounts and roles
asks for the second factor again, whoever performs it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.commands.command import Empty, commands, perform
from app.domain.refusals import FactorNeeded, Refusal
from app.engines import staff
from app.web.vocabularies import lifecycles
from tests.conftest import caller

NAMED = {
    "stop": {("grant", "suspend"), ("hold", "place"), ("institution", "suspend"),
             ("dataset", "freeze"), ("product", "pause"), ("department", "suspend"),
             ("account", "suspend")},
    "revoke": {("grant", "revoke"), ("grant", "terminate"), ("credential", "revoke"),
               ("head_agreement", "terminate"), ("product", "delist"), ("dataset", "retire")},
    "publish": {("policy_bundle", "propose"), ("policy_bundle", "publish"),
                ("price_entry", "publish")},
    "hand out": {("evidence_pack", "release"), ("evidence_pack", "hand_over")},
    "key": {("credential", "create"), ("credential", "set_kinds"),
            ("client_app", "set_networks")},
    "role": {("account", "grant_roles"), ("account", "revoke_roles"), ("account", "create")},
}
HIGH = sorted(set().union(*NAMED.values()))
STALE = "0190-nobody"


@pytest.mark.parametrize("name", HIGH, ids=".".join)
def test_A12_a_high_act_asks_for_the_factor_again(rt_free, name):
    command = commands()[name]
    assert command.factor
    roles = [line.role for line in rt_free.staff.lines if (line.noun, line.action) == name]
    assert roles
    for role in roles:
        with pytest.raises(FactorNeeded):
            perform(rt_free, replace(caller("x", role), factor_fresh=False), command, STALE,
                    Empty())


def test_A12_every_move_that_stops_asks_for_it():
    """What one person may stop alone, that person proves anew."""
    # By the clock; over a stop that is already in force; the end of what was begun with it; of what
    # was never in force; or the will of a data subject, which nothing may hold up (INV-19).
    follow = {("credential", "expire"), ("institution", "confirm_suspension"),
              ("product", "complete"), ("delegation", "end"), ("dataset", "regrade_up"),
              ("route", "decline"), ("subject_authorization", "withdraw"),
              ("subject_authorization", "replace")}
    left = [(noun, move.action) for noun, lifecycle in lifecycles().items()
            for move in lifecycle.moves if move.stops and (noun, move.action) in commands()
            and not commands()[noun, move.action].factor]
    assert set(left) <= follow, left


@pytest.fixture
def rt_free():
    """What `perform` looks at before it runs anything: the staff rules."""
    return SimpleNamespace(staff=staff.load())


def test_A12_a_fresh_factor_lets_the_act_reach_its_own_refusals(rt):
    command = commands()["grant", "revoke"]
    with pytest.raises(Refusal) as refused:
        perform(rt, caller("x", "COMP_REVIEW"), command, STALE, command.body.model_construct(
            reason="x", ground="x"))
    assert not isinstance(refused.value, FactorNeeded)
