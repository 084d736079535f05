"""What calls at gateways mean is said by one person and approved by another; both on the trail."""

import pytest
from sqlmodel import select

from app.commands import routes as verbs
from app.commands.command import Empty, Reasoned
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.queries.routes import route
from app.store.tables import PolicyChange, Task, TrailEntry
from app.store.tables_gateways import Route
from app.store.unit import read
from tests import zone
from tests.commands.zone_people import BOSS, COMP, DSO, OPS, SEC
from tests.conftest import caller

WHY = Reasoned(reason="按规定办理")


@pytest.fixture
def z(rt):
    return zone.tiny(rt)


def text(z, **changes) -> verbs.RouteText:
    return verbs.RouteText(**{
        "name": "企业风险查询", "host": "Data.Example.test:443", "method": "GET",
        "pattern": "/products/{product}/rows", "action": "QUERY_ONE", "channel": "API",
        "environment": "PROD", "caller": "header:x-client-app", "product": "path:product",
        "purpose": "header:x-purpose", "fields": "query:fields", **changes})


def row(rt, key) -> Route:
    with read(rt) as session:
        return session.get(Route, key)


def entries(rt, key) -> list[str]:
    with read(rt) as session:
        return list(session.exec(select(TrailEntry.kind).where(
            TrailEntry.ref == f"route/{key}").order_by(TrailEntry.seq)))


def active(rt, z, **changes) -> str:
    key = verbs.create(rt, OPS, text(z, **changes)).id
    verbs.approve(rt, COMP, key, Empty())
    return key


def test_one_proposes_and_another_approves(rt, z):
    key = verbs.create(rt, COMP, text(z)).id
    assert (row(rt, key).state, row(rt, key).host) == ("PROPOSED", "data.example.test")
    with pytest.raises(GuardFailed) as found:
        verbs.approve(rt, COMP, key, Empty())
    assert found.value.facts["guards"] == ["approver_is_another"]
    with pytest.raises(NotAllowed):
        verbs.approve(rt, OPS, key, Empty())
    assert verbs.approve(rt, SEC, key, Empty()).state == "ACTIVE"
    assert entries(rt, key) == ["route.create", "route.approve"]
    with read(rt) as session:
        assert session.exec(select(PolicyChange).where(PolicyChange.noun == "route")).all()
        assert not session.exec(select(Task).where(Task.noun == "route",
                                                   Task.done_at.is_(None))).all()


def test_a_delegate_of_the_proposer_is_no_other_person(rt, z):
    key = verbs.create(rt, COMP, text(z)).id
    with pytest.raises(GuardFailed):
        verbs.approve(rt, caller("feng", "SEC_REVIEW", on_behalf_of="zhao"), key, Empty())


def test_an_amendment_is_seen_beside_what_stands_and_takes_two(rt, z):
    key = active(rt, z)
    new = text(z, purpose="fixed:PF.CRD.NEW", host="data.example.test")
    assert verbs.amend(rt, OPS, key, verbs.Amendment(text=new, reason="固定目的")).waiting
    shown = route(rt, COMP, key)
    assert [(item.member.en, item.was, item.now) for item in shown.pending] == [
        ("Purpose from", "header:x-purpose", "fixed:PF.CRD.NEW")]
    assert row(rt, key).sources["purpose"] == "header:x-purpose"
    with pytest.raises(NotAllowed):
        verbs.amend(rt, OPS, key, verbs.Amendment(reason="同意变更"))
    assert not verbs.amend(rt, BOSS, key, verbs.Amendment(reason="同意变更")).waiting
    assert row(rt, key).sources["purpose"] == "fixed:PF.CRD.NEW"
    assert entries(rt, key)[2:] == ["route.endorse", "route.amend"]
    assert not route(rt, COMP, key).pending


def test_one_person_ends_a_route_and_its_place_is_free(rt, z):
    key = active(rt, z)
    with pytest.raises(Invalid) as taken:
        verbs.create(rt, OPS, text(z, pattern="/products/{other}/rows", product="path:other"))
    assert taken.value.code == "OBJECT.DUPLICATE"
    assert verbs.retire(rt, DSO, key, WHY).state == "RETIRED"
    with pytest.raises(IllegalMove):
        verbs.amend(rt, OPS, key, verbs.Amendment(text=text(z), reason="再用"))
    again = active(rt, z)
    assert row(rt, again).state == "ACTIVE"


def test_a_proposal_may_be_declined(rt, z):
    key = verbs.create(rt, OPS, text(z)).id
    assert verbs.decline(rt, SEC, key, WHY).state == "RETIRED"
    assert entries(rt, key) == ["route.create", "route.decline"]


WRONG = [("host", "http://data"), ("host", "a/b"), ("pattern", "products"),
         ("pattern", "/a//b"), ("pattern", "/a/../b"), ("pattern", "/a;b"), ("pattern", "/a%2fb"),
         ("pattern", "/{a}/{a}"), ("caller", "query:app"), ("caller", "fixed:APP-1"),
         ("product", "header:x-product"), ("product", "path:other"),
         ("product", "fixed:PRD-999999"), ("purpose", "x-purpose"), ("purpose", "header:"),
         ("purpose", "header:X_Purpose"), ("grant", "cookie:grant"), ("action", "FLY"),
         ("channel", "PIGEON"), ("environment", "MOON")]


@pytest.mark.parametrize(("member", "value"), WRONG)
def test_a_route_that_can_be_read_two_ways_is_refused_with_its_member(rt, z, member, value):
    with pytest.raises(Invalid) as found:
        verbs.create(rt, OPS, text(z, **{member: value}))
    assert member in [error["at"] for error in found.value.facts["errors"]]


def test_all_there_is_to_mend_is_told_at_once(rt, z):
    with pytest.raises(Invalid) as found:
        verbs.create(rt, OPS, text(z, host="a/b", pattern="a", product="fixed:PRD-999999",
                                   action="FLY", grant="x"))
    assert {error["at"] for error in found.value.facts["errors"]} == {
        "host", "pattern", "product", "action", "grant"}
