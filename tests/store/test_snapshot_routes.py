"""Routes and gateways follow the policy epoch like everything else a decision looks at."""

from app.domain.callers import SYSTEM
from app.store.unit import begin
from tests import zone
from tests.gateway_zone import gated, route
from tests.store.test_snapshot import follow, whole


def test_a_route_is_followed_through_its_life(rt):
    old = whole(rt)
    made = gated(rt)
    seen = follow(rt, old)
    assert seen.picture == whole(rt).picture and not seen.unreadable
    assert seen.picture.routes[made.route.number].pattern == made.route.pattern
    zone.set_state(rt, made.route, "RETIRED", place="free")
    after = follow(rt, seen)
    assert after.picture == whole(rt).picture
    assert after.picture.routes[made.route.number].state == "RETIRED"
    with begin(rt, SYSTEM) as act:
        another = route(act, made.zone)
    assert set(follow(rt, after).picture.routes) == {made.route.number, another.number}


def test_a_change_elsewhere_leaves_the_routes_the_same_object(rt):
    made = gated(rt)
    before = whole(rt)
    zone.set_state(rt, made.zone.grant, "SUSPENDED")
    assert follow(rt, before).picture.routes is before.picture.routes


def test_a_gateways_credential_speaks_for_the_numbers_of_its_systems(rt):
    made = gated(rt)
    [gateway] = [each for each in whole(rt).picture.credentials.values()
                 if each.id == "CRED-GATE-1"]
    assert gateway.apps == {made.zone.app.number} and gateway.networks == ("192.0.2.0/24",)
    own = whole(rt).picture.credentials[made.zone.credential.prefix]
    assert own.apps == {made.zone.app.number} and own.networks == ()


def test_a_route_that_cannot_be_read_is_not_there(rt):
    made = gated(rt)
    before = whole(rt)
    zone.set_state(rt, made.route, "ACTIVE", sources=["no", "mapping"])
    seen = follow(rt, before)
    assert seen.unreadable == (f"route/{made.route.number}",) and not seen.picture.routes
