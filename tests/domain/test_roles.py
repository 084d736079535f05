"""Roles: three administrators apart from everybody, sides apart from each other."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.roles import (
    ADMINISTRATORS,
    ALONE,
    ASSIGNABLE,
    STAFF,
    UNASSIGNABLE,
    Role,
    clash,
    clashes,
    known,
    side,
)

SETS = st.sets(st.sampled_from(ASSIGNABLE))


def test_INV_20_the_three_administrators_exclude_each_other_and_everybody():
    for admin, other in itertools.product(ADMINISTRATORS, ASSIGNABLE):
        assert bool(clash(admin, other)) is (admin != other)


@given(SETS)
def test_INV_20_a_set_without_clash_is_one_lonely_role_or_one_side_without_lonely_ones(held):
    if not clashes(held):
        assert len(held) <= 1 or not held & set(ALONE)
        assert len({side(role) for role in held}) <= 1


@given(SETS)
def test_clashes_do_not_depend_on_order_and_name_pairs_once(held):
    pairs = [frozenset((pair.first, pair.second)) for pair in clashes(held)]
    assert len(pairs) == len(set(pairs))
    assert clashes(sorted(held)) == clashes(sorted(held, reverse=True))


@pytest.mark.parametrize(("first", "second"), [
    (Role.INTAKE, Role.APPROVER), (Role.INST_MAKER, Role.INST_SIGNER),
    (Role.COMP_REVIEW, Role.DSO)])
def test_roles_kept_apart_by_case_may_be_held_together(first, second):
    assert clash(first, second) is None


def test_nobody_holds_the_system_or_is_an_invitee_for_good():
    for role in UNASSIGNABLE:
        assert role not in ASSIGNABLE and role not in STAFF
        with pytest.raises(ValueError, match=str(role)):
            known([role])


def test_every_role_has_two_titles():
    assert all(role.zh and role.en and role.zh != role.en for role in Role)
