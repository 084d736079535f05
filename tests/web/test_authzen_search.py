"""Searches on the lane: products by grants, tokens that fit one search, and nothing recorded."""

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlmodel import select as chosen

from app.domain.callers import SYSTEM
from app.store.tables import TrailEntry
from app.store.tables_grants import GrantVersion
from app.store.tables_institutions import Credential
from app.store.unit import begin
from app.web.authzen_search import LIMIT, PATHS
from app.web.lane import EVALUATION
from tests import zone
from tests.commands.test_decide import codes
from tests.decision_zone import LAW
from tests.web.test_lane import lane, without  # noqa: F401 - the fixture
from tests.web.test_lane_fuzz import VALUES, places, put
from tests.web.test_store_faults import gone

KINDS = sorted(PATHS)


def sought(lane, kind: str, **changes) -> dict:  # noqa: F811
    """The question that is permitted, as a search for one of its entities."""
    body = json.loads(json.dumps(lane.body(grant=None, **changes)))
    return {name: entity for name, entity in body.items() if (name, kind) != ("action", "action")}


def found(lane, kind: str, body: dict | None = None, **changes) -> list:  # noqa: F811
    status, answer, _ = lane.send(PATHS[kind], body or sought(lane, kind, **changes))
    assert status == 200, answer
    return answer["results"]


def entries(rt) -> int:
    with rt.db.reading() as connection:
        return connection.execute(select(func.count()).select_from(TrailEntry)).scalar()


def test_what_is_granted_is_found_and_decides_to_true(lane):  # noqa: F811
    z = lane.zone
    expected = {"subject": [{"type": "client_app", "id": z.app.number}],
                "resource": [{"type": "product", "id": z.product.number}],
                "action": [{"name": "QUERY_ONE",
                            "properties": {"channel": "API", "environment": "PROD"}}]}
    for kind in KINDS:
        [result] = found(lane, kind)
        assert [result] == expected[kind]
        whole = lane.body(grant=None)
        if kind != "action":
            result = {**whole[kind], **result}
        assert lane.send(EVALUATION, {**whole, kind: result})[1]["decision"] is True


def test_a_search_is_no_decision_and_leaves_no_entry(rt, lane):  # noqa: F811
    before = entries(rt)
    for kind in KINDS:
        found(lane, kind)
        found(lane, kind, purpose="X.MKT")
    assert entries(rt) == before


def test_a_stop_binds_the_next_search(rt, lane):  # noqa: F811
    for link in ("dataset", "product", "institution", "app", "grant"):
        row = getattr(lane.zone, link)
        before = row.state
        assert [len(found(lane, kind)) for kind in KINDS] == [1, 1, 1]
        zone.set_state(rt, row, "SUSPENDED")
        assert [found(lane, kind) for kind in KINDS] == [[], [], []]
        zone.set_state(rt, row, before)


def test_a_credential_sees_its_own_application_only(rt, lane):  # noqa: F811
    with begin(rt, SYSTEM) as act:
        other = zone.app(act, lane.zone.institution)
        zone.credential(act, other)
    assert found(lane, "subject") == [{"type": "client_app", "id": lane.zone.app.number}]
    for kind in ("resource", "action"):
        assert found(lane, kind, app=other.number) == found(lane, kind, app="APP-NONE") == []


def test_products_of_other_institutions_are_not_found(rt, lane):  # noqa: F811
    with begin(rt, SYSTEM) as act:
        beside = zone.product(act, lane.zone.dataset)
        zone.grant(act, zone.institution(act), beside)
    assert found(lane, "resource") == [{"type": "product", "id": lane.zone.product.number}]


def test_use_that_is_spent_is_not_found(rt, lane):  # noqa: F811
    with begin(rt, SYSTEM) as act:
        version = act.first(chosen(GrantVersion).where(
            GrantVersion.id == lane.zone.grant_version.id))
        version.quota = {"total": 2}
        act.record("grant_version.place", f"grant_version/{version.id}")
        act.affects("grant_version", version.id)
    lane.lane.gate.follower.refresh()
    for _ in range(2):
        assert found(lane, "resource") and found(lane, "action")  # sets nothing aside
        assert lane.ask()["decision"] is True
    assert [found(lane, kind) for kind in KINDS] == [[], [], []]
    assert codes(lane.ask()) == ["QUOTA.EXHAUSTED"]


def test_without_a_credential_a_search_is_401(lane):  # noqa: F811
    for path in PATHS.values():
        assert lane.send(path, {}, HTTP_AUTHORIZATION="")[0] == 401
        assert lane.send(path, b"", method="GET")[0] == 405


# -- while policy cannot be confirmed -------------------------------------------------------------

def test_nothing_is_found_by_rules_that_are_not_published(lane):  # noqa: F811
    lane.lane.gate.law = replace(LAW, digest="sha256:" + "0" * 64)
    for kind in KINDS:
        status, answer, _ = lane.send(PATHS[kind], sought(lane, kind))
        assert status == 200 and answer["results"] == [] and codes(answer) == ["SYS.STALE"]
        assert answer["page"] == {"next_token": "", "count": 0}


def test_nothing_is_found_before_the_epoch_the_caller_waits_for(lane):  # noqa: F811
    body = sought(lane, "resource", min_epoch=99)
    assert codes(lane.send(PATHS["resource"], body)[1]) == ["SYS.STALE"]
    assert found(lane, "resource", min_epoch=1)


def test_nothing_is_found_while_the_database_is_gone(rt, lane):  # noqa: F811
    with gone(rt):
        for kind in KINDS:
            status, answer, _ = lane.send(PATHS[kind], sought(lane, kind))
            assert status == 200 and answer["results"] == []
            assert codes(answer) == ["SYS.UNAVAILABLE"]
    assert found(lane, "resource")


# -- tokens ---------------------------------------------------------------------------------------

@pytest.fixture
def two(rt, lane):  # noqa: F811
    """The lane with a second product granted, and the token after the first."""
    with begin(rt, SYSTEM) as act:
        beside = zone.product(act, lane.zone.dataset)
        head = act.find(type(lane.zone.head), lane.zone.head.id)
        head.products = [*head.products, beside.number]
        act.record("head_agreement.place", f"head_agreement/{head.id}")
        act.affects("head_agreement", head.id)
        zone.grant(act, lane.zone.institution, beside)
    lane.first = sought(lane, "resource")
    answer = lane.send(PATHS["resource"], {**lane.first, "page": {"limit": 1}})[1]
    lane.following = answer["page"]["next_token"]
    assert answer["page"] == {"next_token": lane.following, "count": 1, "total": 2}
    return lane


def turn(lane, kind="resource", page=None, **changes):  # noqa: F811
    body = {**lane.first, "page": {"token": lane.following, **(page or {})}, **changes}
    return lane.send(PATHS[kind], body)


def test_the_next_page_holds_the_rest(two):
    status, answer, _ = turn(two)
    assert status == 200 and answer["page"] == {"next_token": "", "count": 1, "total": 2}
    assert turn(two, page={"limit": 1})[1]["results"] == answer["results"]


CHANGES = [
    lambda body: body["context"].update(purpose="PF.CRD.REN"),
    lambda body: body["context"].update(made_up=1), lambda body: body.pop("context"),
    lambda body: body["subject"].update(made_up=1),
    lambda body: body["subject"]["properties"].update(user="zhang.san"),
    lambda body: body["action"].update(name="VERIFY"),
    lambda body: body["action"]["properties"].update(batch_size=1),
    lambda body: body["resource"]["properties"].update(region="110000"),
    lambda body: body["resource"].update(type="record"),
    lambda body: body["page"].update(limit=2), lambda body: body["page"].update(limit=LIMIT)]


def test_a_token_with_anything_else_changed_is_400(two):
    for number, change in enumerate(CHANGES):
        body = json.loads(json.dumps({**two.first, "page": {"token": two.following}}))
        change(body)
        status, text, _ = two.send(PATHS["resource"], body)
        assert status == 400 and "page." in text and "首页" in text, number


def test_a_token_does_not_fit_another_search_or_another_credential(rt, two):
    assert turn(two, kind="subject")[0] == turn(two, kind="action")[0] == 400
    with begin(rt, SYSTEM) as act:
        _, two.token = zone.credential(act, two.zone.app)
    two.lane.gate.follower.refresh()
    assert turn(two)[0] == 400


def test_what_the_standard_ignores_does_not_bind_a_token(two):
    resource = {**two.first["resource"], "id": "another"}
    reordered = dict(reversed(two.first["context"].items()))
    assert turn(two, resource=resource, context=reordered, made_up={"x": 1})[0] == 200


def test_numbers_and_truth_values_that_python_calls_equal_are_told_apart(two):
    def context(value):
        return {**two.first, "context": {**two.first["context"], "made_up": value}}

    answer = two.send(PATHS["resource"], {**context(1), "page": {"limit": 1}})[1]
    page = {"page": {"token": answer["page"]["next_token"]}}
    statuses = [two.send(PATHS["resource"], {**context(value), **page})[0]
                for value in (1, True, 1.0)]
    assert statuses == [200, 400, 400]


GARBAGE = ["x", "====", "é", "W10=", "bnVsbA==", "WzEsMiwzXQ==", "Ww==" * 5000, "\x00",
           base64.urlsafe_b64encode(b"[" * 3000).decode(),
           base64.urlsafe_b64encode(b"9" * 6000).decode()]


def test_a_token_of_somebody_else_is_400(two):
    assert [turn(two, page={"token": token})[0] for token in GARBAGE] == [400] * len(GARBAGE)


def test_a_token_that_was_tampered_with_is_400_or_opens_nothing(two):
    bound, _, _ = json.loads(base64.urlsafe_b64decode(two.following))
    for limit, last in ((0, ""), (LIMIT + 1, ""), (True, ""), ("1", ""), (1, 7), (1, None)):
        forged = base64.urlsafe_b64encode(json.dumps([bound, limit, last]).encode()).decode()
        assert turn(two, page={"token": forged})[0] == 400
    forged = base64.urlsafe_b64encode(json.dumps([bound, LIMIT, ""]).encode()).decode()
    assert turn(two, page={"token": forged})[1]["results"] == found(two, "resource")


SHAPED = [{}, {"limit": 1}, {"limit": LIMIT}, {"limit": 10**6}, {"token": ""},
          {"properties": {}}, {"made_up": 1}]
MISSHAPEN = [None, [], "x", {"limit": 0}, {"limit": -1}, {"limit": 1.5}, {"limit": True},
             {"limit": "1"}, {"limit": None}, {"token": 7}, {"token": None}, {"properties": []}]


def test_a_credential_that_ended_finds_nothing(lane, rt):  # noqa: F811
    key = lane.zone.credential.id
    with begin(rt, SYSTEM) as act:
        act.open(Credential, key).revoked_at = act.at
        act.record("credential.revoke", f"credential/{key}")
        act.affects("credential", key)
    for kind in KINDS:
        status, answer, _ = lane.send(PATHS[kind], sought(lane, kind))
        assert (status, answer["results"]) == (200, [])
        assert codes(answer) == ["ID.CREDENTIAL_UNKNOWN"]


def test_a_page_has_a_shape(lane):  # noqa: F811
    for kind in KINDS:
        for status, pages in ((200, SHAPED), (400, MISSHAPEN)):
            body = sought(lane, kind)
            statuses = [lane.send(PATHS[kind], {**body, "page": page})[0] for page in pages]
            assert statuses == [status] * len(pages)


def test_a_missing_member_of_a_search_is_named(lane):  # noqa: F811
    status, text, _ = lane.send(PATHS["action"], without(sought(lane, "action"), "subject", "id"))
    assert status == 400 and "subject.id" in text


@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(choice=st.randoms(use_true_random=False), value=VALUES, kind=st.sampled_from(KINDS))
def test_any_value_in_any_place_is_answered_or_refused(lane, choice, value, kind):  # noqa: F811
    body = {**sought(lane, kind), "page": {"limit": 5, "token": "", "properties": {}}}
    changed = put(body, choice.choice(list(places(body))), value)
    status, answer, _ = lane.send(PATHS[kind], json.dumps(changed).encode(
        "utf-8", "surrogatepass"))
    assert status in (200, 400)
    assert isinstance(answer, str) if status == 400 else isinstance(answer["results"], list)
