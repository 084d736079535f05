"""A grant is widened and renewed by cases that take the full route and are signed."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands.decide import Gate
from app.domain.canonical import instant
from app.domain.refusals import GuardFailed
from app.queries.grant_cases import grant_case as sheet
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_notices import Notice
from app.store.unit import read
from tests import zone as rows
from tests.commands.test_decide import question
from tests.commands.zone_people import BIZ, Walk
from tests.conftest import START
from tests.decision_zone import LAW


def changed(document: dict, **parts) -> dict:
    """The document with members of its dimensions changed: `scope__fields=[…]`."""
    found = {name: dict(part) for name, part in document.items()}
    for path, value in parts.items():
        dimension, _, member = path.partition("__")
        found[dimension][member] = value
    return found


def more_fields(z) -> dict:
    held = z.grant_version.dimensions
    return changed(held, scope__fields=[*held["scope"]["fields"],
                                        {"field": "penalty_count", "treatment": "CLEAR"}])


def longer(z, days: int = 365) -> dict:
    return changed(z.grant_version.dimensions,
                   term__to=instant(z.grant.valid_to + timedelta(days=days)))


def walk(rt, z, kind: str, requested: dict) -> Walk:
    return Walk(rt, z).draft(kind=kind, grant=z.grant.number, product="", requested=requested)


def ending(rt, days: int):
    """A zone whose grant ends so many days from now."""
    z = rows.tiny(rt)
    term = {**z.grant_version.dimensions["term"], "to": instant(START + timedelta(days=days))}
    return rows.tiny(rt, term=term)


def may_take(rt, z, field: str) -> bool:
    gate = Gate(rt, LAW)
    said = gate.answer(question(z, fields=[field]))["decision"]
    gate.close()
    return said


def now(rt, z) -> tuple[Grant, GrantVersion]:
    with read(rt) as session:
        grant = session.get(Grant, z.grant.id)
        return grant, session.exec(select(GrantVersion).where(
            GrantVersion.grant_id == grant.id, GrantVersion.n == grant.current)).one()


def refused(taken) -> list[str]:
    with pytest.raises(GuardFailed) as found:
        taken()
    return found.value.facts["guards"]


def test_a_widening_takes_the_full_route_and_counts_from_its_signature(rt):
    z = rows.tiny(rt)
    case = walk(rt, z, "AMEND_WIDEN", more_fields(z)).submit().accept()
    assert {item.kind for item in case.open_opinions()} == {"BUSINESS", "COMPLIANCE", "SECURITY"}
    assert [(item.direction, item.member) for item in sheet(rt, BIZ, case.id).changes] == [
        ("WIDER", "fields")]
    case.opinions().approve()
    assert case.row().state == "APPROVED" and now(rt, z)[0].current == 1
    assert not may_take(rt, z, "penalty_count")
    case.prepare().sign()
    grant, version = now(rt, z)
    assert case.row().state == "CONCLUDED" and (grant.state, grant.current) == ("ACTIVE", 2)
    assert (version.case_id, version.contract_id) == (case.id, case.contract().id)
    assert version.scope_digest == case.row().scope_digest
    assert may_take(rt, z, "penalty_count") and may_take(rt, z, "ent_name")
    with read(rt) as session:
        assert len(session.exec(select(Grant)).all()) == 1, "no second grant is made"
        letters = session.exec(select(Notice).where(Notice.about_id == case.id)).all()
    change = next(letter for letter in letters if letter.kind == "GRANT_CHANGE")
    assert z.grant.number in str(change.payload) and "双方签订合同之日" in str(change.payload)


def test_a_widening_that_widens_nothing_or_prolongs_is_no_widening(rt):
    z = rows.tiny(rt)
    for requested in (z.grant_version.dimensions, longer(z),
                      changed(more_fields(z), term__to=longer(z)["term"]["to"]),
                      changed(z.grant_version.dimensions, term__retention_days=90)):
        case = walk(rt, z, "AMEND_WIDEN", requested)
        assert refused(case.submit) == ["amendment_widens"]
        assert case.row().state == "DRAFT"


def test_a_widening_never_passes_what_the_product_offers(rt):
    z = rows.tiny(rt)
    held = z.grant_version.dimensions
    beyond = changed(held, scope__fields=[*held["scope"]["fields"],
                                          {"field": "secret", "treatment": "CLEAR"}])
    case = walk(rt, z, "AMEND_WIDEN", beyond).submit().accept().opinions()
    assert "rights_are_within_chain" in refused(case.approve)


def test_a_suspended_grant_is_neither_widened_nor_renewed(rt):
    z = ending(rt, 60)
    rows.set_state(rt, z.grant, "SUSPENDED")
    for kind, requested in (("AMEND_WIDEN", more_fields(z)), ("RENEW", longer(z))):
        assert refused(walk(rt, z, kind, requested).submit) == ["grant_fits_kind"]


def test_a_version_signed_meanwhile_is_not_undone(rt):
    z = rows.tiny(rt)
    widening = walk(rt, z, "AMEND_WIDEN", more_fields(z)).submit().accept().opinions().approve()
    narrower = changed(z.grant_version.dimensions, term__retention_days=90)
    walk(rt, z, "AMEND_NARROW", narrower).submit().accept().opinions().approve()
    assert now(rt, z)[0].current == 2
    widening.prepare()
    assert "grant_is_unchanged" in refused(widening.sign)
    assert now(rt, z)[0].current == 2 and not may_take(rt, z, "penalty_count")


def test_a_renewal_prolongs_the_grant_when_it_is_signed(rt):
    z = ending(rt, 60)
    ends = z.grant.valid_to
    case = walk(rt, z, "RENEW", longer(z, 300)).submit()
    assert set(case.row().screening["use"]) == {"calls", "permits", "last_permit",
                                                "unused_fields", "findings"}
    case.accept().opinions().approve()
    assert now(rt, z)[0].valid_to == ends, "an approval alone prolongs nothing"
    case.prepare().sign()
    grant, version = now(rt, z)
    assert (grant.current, grant.state) == (2, "ACTIVE")
    assert grant.valid_to == ends + timedelta(days=300)
    rt.clock.forward(days=100)
    assert may_take(rt, z, "ent_name"), "the old end no longer counts"
    with read(rt) as session:
        assert "RENEWAL" in session.exec(select(Notice.kind).where(
            Notice.about_id == case.id)).all()


@pytest.mark.parametrize(("days", "opens"), [(91, False), (90, True), (1, True)])
def test_a_renewal_is_asked_for_in_the_last_ninety_days(rt, days, opens):
    z = ending(rt, days)
    case = walk(rt, z, "RENEW", longer(z))
    if opens:
        assert case.submit().row().state == "SUBMITTED"
    else:
        assert refused(case.submit) == ["renewal_is_open"]


def test_a_grant_that_ended_is_not_renewed(rt):
    z = ending(rt, 10)
    case = walk(rt, z, "RENEW", longer(z)).submit().accept().opinions()
    rows.set_state(rt, z.grant, "EXPIRED")
    assert "grant_fits_kind" in refused(case.approve)


def test_a_renewal_widens_nothing_and_must_prolong(rt):
    z = ending(rt, 60)
    for requested in (z.grant_version.dimensions, more_fields(z),
                      changed(more_fields(z), term__to=longer(z)["term"]["to"])):
        assert refused(walk(rt, z, "RENEW", requested).submit) == ["renewal_only_prolongs"]


def test_a_renewal_may_give_up_rights(rt):
    z = ending(rt, 60)
    fewer = changed(longer(z), scope__fields=[{"field": "ent_name", "treatment": "CLEAR"}])
    walk(rt, z, "RENEW", fewer).submit().accept().opinions().approve().prepare().sign()
    assert may_take(rt, z, "ent_name") and not may_take(rt, z, "tax_grade")


def test_an_amendment_does_not_begin_later_than_it_is_signed(rt):
    z = rows.tiny(rt)
    later = changed(more_fields(z), term__from=instant(START + timedelta(days=5)))
    assert refused(walk(rt, z, "AMEND_WIDEN", later).submit) == ["begins_by_now"]
