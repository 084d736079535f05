"""Searches over a picture: candidates, the decision on each, and pages that lose nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import decisions
from app.domain.asks import Presented, read_ask
from app.domain.attributes import AttributePolicies, AttributePolicy, Kept, Permit
from app.domain.picture import AppPicture, MethodRight, NodePicture
from app.domain.searches import EXAMINED, Page, Search, Sight, page_of, place, turned
from tests.decision_zone import AT, LAW, body, changed, granting, picture


class Unused:
    """Nothing was used and nobody authorized anything."""

    def load(self, needs) -> None:
        assert list(needs) == []

    def on_record(self, need):
        raise AssertionError("nothing here is bounded")


def found(kind: str, zone=None, law=LAW, credential="k7q2", entities=None, **changes) -> list:
    entities = entities or body(grant=None, **changes)
    given_ones = {name: {key: value for key, value in entity.items()
                         if (name, key) != (kind, "id")}
                  for name, entity in entities.items() if name != kind or kind != "action"}
    search = Search(kind, given_ones, Presented(credential, "203.0.113.8"))
    page = page_of(search, Sight(zone or picture(), law, AT, Unused(), hashed), "", 100)
    assert page.last == "" and page.total == len(page.results)
    return list(page.results)


def hashed(kind: str, number: str) -> str:
    return "h:" + number


# -- products: what grants say --------------------------------------------------------------------

PRODUCT = {"type": "product", "id": "PRD-RISK-002"}
APP = {"type": "client_app", "id": "APP-000012"}


def test_the_application_the_product_and_the_way_are_found():
    assert found("resource") == [PRODUCT]
    assert found("subject") == [APP]
    assert found("action") == [
        {"name": "QUERY_ONE", "properties": {"channel": "API", "environment": "PROD"}}]


@pytest.mark.parametrize("changes", [
    {"purpose": "X.MKT"}, {"purpose": None}, {"fields": ["secret_score"]}, {"fields": None},
    {"filter": "x"}, {"ip": "x"}, {"supported_obligations": "custom"}, {"product": "PRD-NONE"}])
@pytest.mark.parametrize("kind", ["subject", "action"])
def test_what_is_refused_is_not_found(kind, changes):
    assert found(kind, **changes) == []


def test_reduced_fields_are_asked_for_as_anywhere():
    assert found("resource", fields=None) == []
    assert found("resource", fields=None, field_mode="reduce") == [PRODUCT]


@pytest.mark.parametrize("credential", ["", "nobody"])
@pytest.mark.parametrize("kind", ["subject", "resource", "action"])
def test_without_a_credential_nothing_is_found(kind, credential):
    assert found(kind, credential=credential) == []


@pytest.mark.parametrize("app", ["APP-000099", "APP-NONE", ""])
@pytest.mark.parametrize("kind", ["resource", "action"])
def test_an_application_of_another_credential_looks_like_one_that_does_not_exist(kind, app):
    zone = picture()
    beside = {**zone.apps, "APP-000099": AppPicture("APP-000099", "INST-0007",
                                                    networks=("203.0.113.0/24",))}
    assert found(kind, replace(zone, apps=beside), app=app) == []


@pytest.mark.parametrize("part", ["grants", "products", "datasets", "institutions", "apps"])
def test_a_suspended_link_leaves_nothing_to_find(part):
    key = next(iter(getattr(picture(), part)))
    zone = changed(part, key, state="SUSPENDED")
    assert [found(kind, zone) for kind in ("subject", "resource", "action")] == [[], [], []]


def test_a_grant_for_any_node_is_found_with_each_node_of_the_institution():
    zone = granting(methods=(MethodRight("MODEL_TRAIN", "JOINT_NODE", "PROD", node="*"),))
    fresh = "2026-11-23T01:59:00.000000Z"
    zone = replace(zone, nodes={
        "NODE-01": NodePicture("NODE-01", "INST-0007", fresh),
        "NODE-02": NodePicture("NODE-02", "INST-0007", "2020-01-01T00:00:00.000000Z"),
        "NODE-03": NodePicture("NODE-03", "INST-0099", fresh)})
    ways = found("action", zone, fields=["ent_name"])
    assert [way["properties"]["node"] for way in ways] == ["NODE-01"]


def permits(zone, **entities) -> bool:
    asked = {**body(grant=None), **entities}
    ask = read_ask(asked, Presented("k7q2", "203.0.113.8"), hashed)
    return decisions.decide(ask, zone, LAW, AT, "d").permits


def test_what_is_found_is_what_is_permitted_way_by_way():
    """Every way of the vocabulary is asked; those found are those permitted."""
    zone = granting(methods=(MethodRight("QUERY_ONE", "API", "PROD"),
                             MethodRight("QUERY_BATCH", "API", "PROD", max_batch=9),
                             MethodRight("QUERY_BATCH", "API", "PROD", max_batch=5),
                             MethodRight("MONITOR", "API", "TEST")))
    words = LAW.vocabulary
    ways = [{"name": action, "properties": {"channel": channel, "environment": environment}}
            for action in words.actions for channel in words.channels
            for environment in words.environments]
    expected = [way for way in ways if permits(zone, action=way)]
    assert sorted(map(place, found("action", zone))) == sorted(map(place, expected)) != []


# -- attribute policies ---------------------------------------------------------------------------

def declaring(*permits_, **kept) -> object:
    policy = AttributePolicy("user", "file", permits_, Kept(**kept))
    return replace(LAW, attributes=AttributePolicies((policy,)))


DOCTORS = declaring(
    Permit("doctors", ("read",), subject_where={"role": "doctor"}),
    Permit("named", ("read", "sign"), subjects=("eve",), resources=("f9",)),
    subjects={"ann": {"role": "doctor", "ward": 1}, "bea": {"role": "doctor"}, "cy": {}},
    resources={"f1": {}})


def asked(**entities) -> dict:
    return {"subject": {"type": "user", "id": "ann"}, "action": {"name": "read"},
            "resource": {"type": "file", "id": "f1"}, **entities}


@pytest.mark.parametrize(("kind", "entities", "expected"), [
    ("subject", {}, ["ann", "bea"]),
    ("subject", {"resource": {"type": "file", "id": "f9"}}, ["ann", "bea", "eve"]),
    ("subject", {"subject": {"type": "user", "properties": {"ward": 1}}}, ["ann", "bea"]),
    ("subject", {"subject": {"type": "user", "properties": {"ward": True}}}, ["bea"]),
    ("subject", {"subject": {"type": "user", "properties": {"role": "nurse"}}}, []),
    ("resource", {}, ["f1", "f9"]), ("resource", {"subject": {"type": "user", "id": "cy"}}, []),
    ("resource", {"subject": {"type": "user", "id": "cy", "properties": {"role": "doctor"}}},
     ["f1", "f9"])])
def test_properties_sent_for_the_known_are_believed_and_for_the_sought_only_narrow(
        kind, entities, expected):
    assert [one["id"] for one in found(kind, law=DOCTORS, entities=asked(**entities))] == expected


def test_actions_are_found_without_properties():
    eve = {"subject": {"type": "user", "id": "eve"}, "resource": {"type": "file", "id": "f9"}}
    assert found("action", law=DOCTORS, entities=asked(**eve)) == [{"name": "read"},
                                                                   {"name": "sign"}]


# -- pages ----------------------------------------------------------------------------------------

def everything(candidates, permitted, limit):
    """Every page until the end; each is within the limit and made of bounded work."""
    seen, last, pages = [], "", 0
    while True:
        looked = []

        def some(ones, looked=looked):
            looked += ones
            return [one for one in ones if one["id"] in permitted]

        page: Page = turned(candidates, some, last, limit)
        assert len(page.results) <= limit and len(looked) <= EXAMINED
        assert page.total in (None, len(permitted))
        seen += [one["id"] for one in page.results]
        pages, last = pages + 1, page.last
        if not last:
            return seen, pages


@settings(max_examples=60, deadline=None)
@given(size=st.sampled_from([0, 1, 7, EXAMINED, EXAMINED + 1, 2500]),
       limit=st.sampled_from([1, 3, 250, 1000]), share=st.integers(0, 20), chance=st.randoms())
def test_pages_lose_nothing_and_say_nothing_twice(size, limit, share, chance):
    candidates = [{"type": "t", "id": f"{number:05d}"} for number in range(size)]
    chance.shuffle(candidates)
    permitted = {one["id"] for one in candidates if chance.randrange(20) < share}
    if limit < 250:
        permitted = set(sorted(permitted)[:40])
    seen, _ = everything(candidates, permitted, limit)
    assert seen == sorted(permitted)


def test_the_last_result_ends_the_search_and_no_empty_page_follows():
    candidates = [{"type": "t", "id": name} for name in "abcd"]
    assert everything(candidates, {"a", "b"}, 2) == (["a", "b"], 1)
    assert everything(candidates, {"a", "b"}, 1) == (["a", "b"], 2)
