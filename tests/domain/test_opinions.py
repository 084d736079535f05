"""Which opinions a case needs, and when a second approver signs: the two tables of the rule."""

import pytest

from app.domain.opinions import (
    CHECKS,
    ROLES,
    CaseFacts,
    Check,
    Kind,
    Result,
    opened,
    second_because,
    unticked,
)

ALWAYS = (Kind.BUSINESS, Kind.COMPLIANCE, Kind.SECURITY)


def facts(**changes) -> CaseFacts:
    return CaseFacts(**{"kind": "NEW", **changes})


@pytest.mark.parametrize("changes, more", [
    ({}, set()), ({"asks_source": True}, {Kind.SOURCE}),
    ({"has_person_field": True}, {Kind.IMPACT}), ({"is_automated": True}, {Kind.IMPACT}),
    ({"reaches_persons": True}, {Kind.IMPACT}), ({"has_important": True}, {Kind.RISK}),
    ({"price_class": "CHARGED"}, {Kind.PRICE}), ({"price_class": "NEGOTIATED"}, {Kind.PRICE}),
    ({"is_related": True}, {Kind.RELATED_PARTY})])
def test_opinions_are_opened_by_the_table(changes, more):
    assert set(opened(facts(**changes))) == set(ALWAYS) | more


@pytest.mark.parametrize("kind", ["AMEND_NARROW", "RESUME"])
def test_a_narrowing_and_a_resumption_need_compliance_only(kind):
    everything = facts(kind=kind, asks_source=True, has_important=True, is_related=True,
                       has_person_field=True, price_class="CHARGED")
    assert opened(everything) == (Kind.COMPLIANCE,)


@pytest.mark.parametrize("changes, because", [
    ({}, ()), ({"has_bulk": True, "highest_level": 2}, ()),
    ({"has_bulk": True, "highest_level": 3}, ("BULK",)), ({"highest_level": 3}, ()),
    ({"has_node": True}, ("NODE",)), ({"highest_level": 4}, ("HIGH",)),
    ({"has_important": True}, ("HIGH",)), ({"has_sensitive_person": True}, ("SENSITIVE",)),
    ({"is_related": True}, ("RELATED",)), ({"overrides": True}, ("OVERRIDE",)),
    ({"kind": "RESUME", "after_breach": True}, ("BREACH",)),
    ({"kind": "RESUME", "has_node": True}, ()),
    ({"kind": "AMEND_NARROW", "overrides": True, "highest_level": 5}, ("OVERRIDE",))])
def test_a_second_approver_is_needed_by_the_table(changes, because):
    assert second_because(facts(**changes)) == because


def test_every_kind_has_a_role_and_its_checks():
    assert set(ROLES) == set(CHECKS) == set(Kind)
    assert {check for checks in CHECKS.values() for check in checks} == set(Check)


def test_disagreeing_needs_no_ticks():
    assert unticked(Kind.SECURITY, Result.AGREE, frozenset()) == CHECKS[Kind.SECURITY]
    assert not unticked(Kind.SECURITY, Result.DISAGREE, frozenset())
    assert not unticked(Kind.SECURITY, Result.AGREE, frozenset(CHECKS[Kind.SECURITY]))
