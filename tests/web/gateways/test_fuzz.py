"""Whatever a gateway tells, it hears yes, no or who are you; and no is never a permit unheard."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway_zone import HOST, PATH, QUERY
from tests.web.gateways.calls import forward, send
from tests.web.gateways.test_adapters import house  # noqa: F401 - the fixture
from tests.web.test_lane_fuzz import VALUES, places, put

HEADERS = ("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-For",
           "X-Original-Method", "X-Original-URI", "X-Original-Host", "X-Client-App", "X-Purpose",
           "X-Grant", "X-Hufu-Gateway", "X-Request-ID", "Authorization")
TEXTS = st.text(st.characters(max_codepoint=255), max_size=30) | st.sampled_from(
    ["", PATH, f"{PATH}?{QUERY}&fields=x", "GET", HOST, "//", "/%2f", "a,b", "\x00", "%", "?"])
calm = settings(max_examples=150, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@calm
@given(changes=st.dictionaries(st.sampled_from(HEADERS), TEXTS, max_size=4))
def test_any_header_is_answered_or_refused(house, changes):  # noqa: F811
    application, made = house
    answer = forward(application, made, **{name.replace("-", "_"): value
                                           for name, value in changes.items()})
    assert answer.status in (200, 401, 403)
    if answer.status != 200:
        assert answer.body["code"] and "X-Obligations" not in answer.headers
        assert answer.body["code"] != "SYS.UNAVAILABLE"


@calm
@given(choice=st.randoms(use_true_random=False), value=VALUES)
def test_any_value_in_any_place_of_an_opa_call_is_answered_or_refused(house, choice, value):  # noqa: F811
    application, made = house
    headers = {"x-hufu-gateway": made.secret, "x-client-app": made.zone.app.number}
    document = {"input": {"request": {"method": "GET", "host": HOST, "path": PATH, "query": {},
                                      "headers": headers}, "var": {"remote_addr": "203.0.113.8"}}}
    changed = put(document, choice.choice(list(places(document))), value)
    answer = send(application, "/v1/data/gateway/decision", {},
                  json.dumps(changed).encode("utf-8", "surrogatepass"), "POST")
    assert answer.status in (200, 401, 403)
    told = answer.body.get("result", {"allow": False, "reason": answer.body})
    assert told["allow"] is False and told["reason"]["code"] != "SYS.UNAVAILABLE"
