"""Kong, Tyk and their like ask at the AuthZEN endpoint about an identity and a route."""

import pytest

from app.commands.decide import Gate
from app.web.lane import EVALUATION, Lane
from tests import zone
from tests.commands.test_decide import codes, sealed
from tests.decision_zone import LAW
from tests.gateway_zone import HOST, gated, sources
from tests.web.test_lane import Caller

FIXED = {"purpose": "fixed:PF.CRD.NEW", "fields": "fixed:ent_name,tax_grade",
         "region": "fixed:110105", "lookback_from": "fixed:2025-06-01"}
PATTERN = "/products/{productId}/rows"


@pytest.fixture
def house(rt):
    made = gated(rt, pattern="/products/{id}/rows")
    z = made.zone
    said = sources(z, grant=f"fixed:{z.grant.number}", **FIXED)
    zone.set_state(rt, made.route, "ACTIVE", sources=said)
    gate = Gate(rt, LAW)
    caller = Caller(Lane(None, gate), z)
    caller.token = made.secret
    yield caller
    gate.close()


def asked(house, **changes) -> dict:
    """What the plugin posts; the members a gateway may add stand in the context."""
    body = {"subject": {"type": "identity", "id": house.zone.app.number},
            "action": {"name": "GET"}, "resource": {"type": "route", "id": PATTERN},
            "context": {"ip": "203.0.113.8", "business_ref": "LN1"}}
    body["resource"]["properties"] = {
        "hostname": HOST, "data_subject": {"kind": "ENTERPRISE", "id": "91110000"}}
    for name, value in changes.items():
        entity, _, member = name.partition("_")
        body[entity][member] = value
    status, answer, _ = house.send(EVALUATION, body, REMOTE_ADDR="192.0.2.10")
    assert status == 200, answer
    return answer


def test_an_identity_at_a_route_is_an_application_at_a_product(rt, house):
    answer = asked(house)
    assert answer["decision"] is True, codes(answer)
    [entry] = sealed(rt)
    assert entry["facts"]["input"]["product"] == house.zone.product.number
    assert entry["facts"]["input"]["app"] == house.zone.app.number


def test_the_route_says_the_purpose_whatever_the_context_says(house):
    answer = asked(house, context_purpose="X.MKT")
    assert answer["decision"] is True


@pytest.mark.parametrize("changes", [
    {"action_name": "DELETE"}, {"resource_id": "/products/{id}"}, {"resource_id": "rows"},
    {"resource_properties": {"hostname": "other.example.test"}},
    {"resource_properties": {"hostname": 5}}, {"subject_id": ""}])
def test_what_names_no_route_or_no_caller_is_refused(rt, house, changes):
    assert asked(house, **changes)["decision"] is False
    assert [entry["facts"]["permits"] for entry in sealed(rt)] == [False]


def test_an_identity_the_gateway_does_not_speak_for_is_403(house):
    body = {"subject": {"type": "identity", "id": "APP-999999"}, "action": {"name": "GET"},
            "resource": {"type": "route", "id": PATTERN}}
    assert house.send(EVALUATION, body)[0] == 403


def test_a_stop_binds_the_next_question(rt, house):
    zone.set_state(rt, house.zone.product, "PAUSED")
    assert codes(asked(house)) == ["CHAIN.PRODUCT_PAUSED"]
