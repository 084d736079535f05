"""The adapters over WSGI: one table of routes, one decision, the statuses each gateway knows."""

import json

import pytest
from sqlalchemy import select

from app.commands import holds
from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.domain.headers_only import LIMIT
from app.queries.decision_search import DecisionFilters
from app.queries.decisions import decision, decisions
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import GrantVersion
from app.store.unit import begin
from app.web.gateways import Gateways
from tests import zone
from tests.commands.test_decide import sealed
from tests.commands.zone_people import SEC
from tests.conftest import caller
from tests.decision_zone import LAW
from tests.gateway_zone import HOST, PATH, QUERY, gated
from tests.web.gateways.calls import envoy, forward, opa, send


@pytest.fixture
def house(rt):
    made = gated(rt)
    gate = Gate(rt, LAW)
    yield Gateways(lambda environ, start: (start("404 Not Found", []), [b'"behind"'])[1],
                   gate), made
    gate.close()


AUDITOR = caller("auditor", "AUDITOR")
WAYS = [forward, lambda *args, **kw: forward(*args, family="X-Original-", at="/gw/nginx", **kw),
        envoy, opa]
NAMES = ["forward", "nginx", "envoy", "opa"]


def allows(answer) -> bool:
    """What the gateway makes of it."""
    if answer.body and "result" in answer.body:
        return answer.body["result"]["allow"]
    return answer.status == 200


def code(answer) -> str:
    body = answer.body or {}
    return body.get("result", {}).get("reason", body).get("code", "")


def marks(answer) -> dict:
    body = answer.body or {}
    return body["result"]["headers"] if "result" in body else answer.headers


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
def test_a_permit_and_a_refusal_travel_with_decision_and_epoch(rt, house, ask):
    application, made = house
    answer = ask(application, made)
    assert allows(answer), answer
    assert marks(answer)["X-Policy-Epoch"].isdecimal()
    refusal = ask(application, made, X_Purpose="X.MKT")
    assert not allows(refusal) and code(refusal) == "PURPOSE.PROHIBITED"
    kept = sealed(rt)
    assert [entry["facts"]["permits"] for entry in kept] == [True, False]
    assert [entry["facts"]["decision"] for entry in kept] == [
        marks(answer)["X-Decision-Id"], marks(refusal)["X-Decision-Id"]]
    assert {entry["facts"]["input"]["via"] for entry in kept} <= {"forward", "envoy", "opa"}


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
def test_a_stop_binds_the_next_call_at_every_gateway(rt, house, ask):
    application, made = house
    assert allows(ask(application, made))
    zone.set_state(rt, made.zone.grant, "SUSPENDED")
    assert code(ask(application, made)) == "TERM.SUSPENDED"


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
def test_a_stop_over_the_gateway_stops_every_call_it_passes_on(rt, house, ask):
    application, made = house
    holds.place(rt, SEC, holds.Placed(link="credential", object="CRED-GATE-1", reason="网关失陷"))
    assert code(ask(application, made)) == "HOLD.EMERGENCY"


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
def test_a_retired_route_is_none(rt, house, ask):
    application, made = house
    zone.set_state(rt, made.route, "RETIRED")
    assert code(ask(application, made)) == "ROUTE.NONE"


UNHEARD = [({"method": "POST"}, "ROUTE.NONE"), ({"path": "/products/risk"}, "ROUTE.NONE"),
           ({"path": "/products/risk/rows/"}, "REQ.MALFORMED"),
           ({"path": "/products//risk/rows"}, "REQ.MALFORMED"),
           ({"path": "/products/./risk/rows"}, "REQ.MALFORMED"),
           ({"path": "/products/../products/risk/rows"}, "REQ.MALFORMED"),
           ({"path": "/products/risk;v=1/rows"}, "REQ.MALFORMED"),
           ({"X_Client_App": "APP-1,APP-2"}, "REQ.MALFORMED"),
           ({"X_Client_App": ""}, "ID.CALLER_MISSING"),
           ({"X_Client_App": "APP-999999"}, "ID.CREDENTIAL_UNKNOWN")]


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
@pytest.mark.parametrize(("changes", "told"), UNHEARD, ids=[str(row[0]) for row in UNHEARD])
def test_what_is_no_question_is_refused_and_stands_in_the_log(rt, house, ask, changes, told):
    application, made = house
    if "path" in changes and ask not in (envoy, opa):
        changes = {"uri": f"{changes['path']}?{QUERY}"}
    answer = ask(application, made, **changes)
    assert not allows(answer) and code(answer) == told
    [entry] = sealed(rt)
    assert entry["facts"]["permits"] is False
    assert entry["facts"]["decision"] == marks(answer)["X-Decision-Id"]


HIDDEN = ["/products%2frisk/rows", "/products/risk%00/rows", "/products/risk/rows%3bv",
          "/products/%2e%2e/risk/rows", "/products/%252frisk/rows", "/products/risk/rows%",
          "/products/ri\u4e2dsk/rows", "/products\\risk/rows", "http://evil/products/risk/rows",
          "products/risk/rows", ""]


@pytest.mark.parametrize("uri", HIDDEN)
def test_an_encoding_that_hides_something_is_refused(house, uri):
    application, made = house
    answer = forward(application, made, uri=uri or " ")
    assert (answer.status, code(answer)) == (403, "REQ.MALFORMED")


def test_an_encoding_that_hides_nothing_is_the_same_path(house):
    application, made = house
    assert forward(application, made, uri=f"/products/%72isk/rows?{QUERY}").status == 200


@pytest.mark.parametrize("changes", [
    {"X_Original_Method": "DELETE"}, {"X_Original_URI": "/other"}, {"X_Original_Host": "other"},
    {"X_Forwarded_Method": "GET,POST"}, {"X_Forwarded_Host": f"{HOST}, other"}])
def test_headers_that_say_two_things_are_refused(house, changes):
    application, made = house
    assert code(forward(application, made, **changes)) == "REQ.MALFORMED"


@pytest.mark.parametrize("left_out", ["X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host"])
def test_a_call_that_is_not_told_whole_is_refused(house, left_out):
    application, made = house
    assert code(forward(application, made, drop=(left_out,))) == "REQ.MALFORMED"


def test_both_families_that_agree_are_one_call(house):
    application, made = house
    assert forward(application, made, X_Original_Method="GET").status == 200


def test_an_argument_given_twice_has_no_value(house):
    application, made = house
    answer = forward(application, made, uri=f"{PATH}?{QUERY}&fields=overdue_tax")
    assert code(answer) == "REQ.MALFORMED"


@pytest.mark.parametrize("secret", ["", "hufu_gate0001_wrong", "hufu_none_x", "x"])
def test_a_gateway_that_is_not_known_is_told_so(house, secret):
    application, made = house
    answer = forward(application, made, X_Hufu_Gateway=secret)
    assert (answer.status, code(answer)) == (401, "ID.CREDENTIAL_UNKNOWN")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    refusal = opa(application, made, X_Hufu_Gateway=secret)
    assert refusal.status == 401 and "result" not in refusal.body


def test_the_gateways_own_header_wins_over_what_its_client_sends(house):
    application, made = house
    assert forward(application, made, Authorization="Bearer of the client").status == 200
    bare = forward(application, made, drop=("X-Hufu-Gateway",),
                   Authorization=f"Bearer {made.secret}")
    assert bare.status == 200


def test_a_caller_that_is_missing_is_401_where_gateways_know_it(house):
    application, made = house
    assert forward(application, made, drop=("X-Client-App",)).status == 401
    answer = opa(application, made, drop=("x-client-app",))
    assert answer.status == 200 and answer.body["result"]["status_code"] == 401


def test_the_client_is_whom_the_gateway_saw_last(house):
    application, made = house
    assert forward(application, made, X_Forwarded_For="203.0.113.8, 198.51.100.1").status == 403
    assert forward(application, made, X_Forwarded_For="198.51.100.1, 203.0.113.8").status == 200
    assert code(forward(application, made, drop=("X-Forwarded-For",))) == "CTX.NETWORK"


def test_what_becomes_of_a_field_reaches_the_service_in_the_header(rt, house):
    application, made = house
    with begin(rt, SYSTEM) as act:
        version = act.find(GrantVersion, made.zone.grant_version.id)
        scope = {**version.dimensions["scope"],
                 "fields": [{"field": "ent_name", "treatment": "CLEAR"},
                            {"field": "tax_grade", "treatment": "PARTIAL"}]}
        version.dimensions = {**version.dimensions, "scope": scope}
        act.record("grant.apply_version", "grant/1")
        act.affects("grant_version", version.id)
    ordered = {duty["properties"]["kind"]: duty["properties"]
               for duty in forward(application, made).obligations}
    assert "tax_grade" in json.dumps(ordered["mask_fields"])
    assert "ent_name" not in json.dumps(ordered["mask_fields"])


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
def test_a_decision_is_found_by_the_request_id_of_its_call(rt, house, ask):
    application, made = house
    for trace, kept in (("req-1", "req-1"), ("a,b", ""), ("x" * 129, ""), ("a b", "")):
        decision = marks(ask(application, made, X_Request_ID=trace))["X-Decision-Id"]
        with rt.db.reading() as connection:
            assert connection.execute(select(DecisionIndex.trace_id).where(
                DecisionIndex.id == decision)).scalar_one() == kept


def test_envoy_must_say_its_path_twice_and_alike(house):
    application, made = house
    assert code(envoy(application, made, uri="/products/other/rows")) == "REQ.MALFORMED"
    assert code(envoy(application, made, uri="/products%2Frisk/rows")) == "REQ.MALFORMED"
    assert code(envoy(application, made, x_envoy_auth_partial_body="true")) == "REQ.MALFORMED"


def test_envoy_says_whose_call_it_is_beside_the_chain_it_adds_itself_to(house):
    application, made = house
    chain = {"X_Forwarded_For": "203.0.113.8,192.0.2.10"}
    assert envoy(application, made, X_Client_Address="203.0.113.8", **chain).status == 200
    assert code(envoy(application, made, **chain)) == "CTX.NETWORK"


def test_an_opa_path_is_never_decoded_again(house):
    application, made = house
    assert code(opa(application, made, path="/products/%72isk/rows")) == "REQ.MALFORMED"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"input": 1}',
                                  b'{"input": {"request": []}}', b'{"result": {"allow": true}}',
                                  b'{"input": {"request": {"headers": {}, "method": 1}}}'])
def test_a_body_that_is_no_call_never_has_a_result(house, body):
    application, made = house
    headers = {"X-Hufu-Gateway": made.secret}
    answer = send(application, "/v1/data/gateway/decision", headers, body, "POST")
    assert not allows(answer) and answer.status in (200, 401, 403)
    unknown = send(application, "/v1/data/gateway/decision", {}, body, "POST")
    assert unknown.status == 401 and "result" not in unknown.body


REGIONS = [str(110000 + number) for number in range(400)]


def bounded_by(rt, made, regions) -> None:
    """The grant reaches these regions, each told to the service behind the gateway."""
    with begin(rt, SYSTEM) as act:
        version = act.find(GrantVersion, made.zone.grant_version.id)
        scope = version.dimensions["scope"]
        version.dimensions = {**version.dimensions, "scope": {
            **scope, "rows": {**scope["rows"], "regions": regions}}}
        act.record("grant.apply_version", "grant/1")
        act.affects("grant_version", version.id)


@pytest.mark.parametrize("ask", WAYS, ids=NAMES)
def test_a_permit_whose_obligations_no_header_holds_is_refused_and_sealed_as_refused(
        rt, house, ask):
    application, made = house
    bounded_by(rt, made, REGIONS[:200])
    answer = ask(application, made)
    assert allows(answer) and len(marks(answer)["X-Obligations"]) <= LIMIT
    bounded_by(rt, made, REGIONS)
    for _ in range(2):  # the second is said by its precedent
        refusal = ask(application, made)
        assert not allows(refusal) and code(refusal) == "PEP.OBLIGATION_UNSUPPORTED"
        assert "X-Obligations" not in marks(refusal)
        facts = sealed(rt)[-1]["facts"]
        assert (facts["decision"], facts["permits"], facts["obligations"]) == (
            marks(refusal)["X-Decision-Id"], False, [])
        assert [reason[::2] for reason in facts["reasons"]] == [
            ["PEP.OBLIGATION_UNSUPPORTED", "filter_rows"]]


def test_a_defect_refuses_and_says_nothing_of_itself(house, monkeypatch):
    application, made = house

    def broken(questions):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(application.asking.gate, "answer", broken)
    answer = forward(application, made)
    assert (answer.status, answer.body["code"]) == (403, "SYS.UNAVAILABLE")
    assert "secret" not in json.dumps(answer.body)
    assert "result" not in opa(application, made).body


@pytest.mark.parametrize("host", ["evil.example.test", "", "localhost@evil"])
def test_W04_a_foreign_host_is_refused(house, host):
    application, made = house
    assert forward(application, made, Host=host).status == 403
    assert "result" not in opa(application, made, host_of_call=host).body


def test_every_other_path_is_left_to_the_application(house):
    application, _ = house
    assert send(application, "/gw/other", {}).body == "behind"
    assert send(application, "/gw/envoyx", {}).body == "behind"


TURNED_AWAY = {"ROUTE.NONE": {"path": "/products/other/rows"}, "ID.CALLER_MISSING": {},
               "REQ.MALFORMED": {"path": "/products//rows"}}


@pytest.mark.parametrize("said", TURNED_AWAY)
@pytest.mark.parametrize(("ask", "adapter"), [(envoy, "envoy"), (opa, "opa")], ids=["envoy", "opa"])
def test_a_call_no_route_makes_a_question_is_sealed_with_adapter_code_and_trace(
        rt, house, ask, adapter, said):
    application, made = house
    changes = dict(TURNED_AWAY[said])
    if said == "ID.CALLER_MISSING":
        changes["X_Client_App"] = ""
    answer = ask(application, made, X_Request_ID="tr-7", **changes)
    assert not allows(answer) and code(answer) == said
    (kept,) = sealed(rt)
    assert kept["facts"]["gateway"] == {"adapter": adapter, "code": said}
    assert kept["facts"]["credential"] == "gate0001" and kept["facts"]["permits"] is False
    found = decision(rt, AUDITOR, "tr-7")
    assert (found.number, found.state) == (marks(answer)["X-Decision-Id"], "DENY")
    assert found.holds
    assert decisions(rt, AUDITOR, DecisionFilters(reason=said)).total == 1


def test_a_call_that_is_turned_away_is_answered_though_it_cannot_be_recorded(rt, house):
    application, made = house
    application.asking.gate.ledger.close()
    answer = forward(application, made, uri="/products/other/rows")
    assert (answer.status, code(answer)) == (403, "ROUTE.NONE")
    assert answer.headers["X-Decision-Id"].startswith("dec_") and not sealed(rt)
