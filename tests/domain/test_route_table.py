"""A call has one route or none: literal before parameter, leftmost first, and never a guess."""

from dataclasses import replace

import pytest

from app.domain.paths import path_of
from app.domain.picture import RoutePicture
from app.domain.route_table import Call, RouteTable, Unheard, question, told_by
from app.domain.routes import MEMBERS, From, source_faults


def route(pattern: str, number: str = "", **changes) -> RoutePicture:
    values = {"id": number or pattern, "version": 1, "state": "ACTIVE", "host": "h",
              "method": "GET", "pattern": pattern, "action": "QUERY_ONE", "channel": "API",
              "environment": "PROD",
              "sources": {"caller": "header:x-app", "product": "fixed:PRD-1"}, **changes}
    return RoutePicture(**values)


def call(path: str = "/a", **changes) -> Call:
    return replace(Call("h", "GET", path_of(path), {"x-app": "APP-1"}), **changes)


TABLE = RouteTable([route("/a/b/{c}"), route("/a/{b}/c"), route("/{a}/b/c"), route("/{x}/{y}/{z}"),
                    route("/"), route("/a/b")])


@pytest.mark.parametrize(("path", "found"), [
    ("/a/b/c", "/a/b/{c}"), ("/a/x/c", "/a/{b}/c"), ("/x/b/c", "/{a}/b/c"),
    ("/a/x/y", "/{x}/{y}/{z}"), ("/", "/"), ("/a/b", "/a/b")])
def test_a_literal_segment_wins_leftmost_first(path, found):
    assert TABLE.match(call(path)).id == found


@pytest.mark.parametrize("missed", [
    call("/x/y"), call("/a/b/c/d"), call("/a/b", host="other"), call("/a/b", method="POST"),
    call("/a/b", method="get"), call("/A/b")])
def test_what_no_route_matches_is_refused(missed):
    with pytest.raises(Unheard, match="ROUTE.NONE"):
        TABLE.match(missed)


def test_two_routes_of_one_shape_are_none():
    table = RouteTable([route("/a/{b}", "one"), route("/a/{c}", "two")])
    with pytest.raises(Unheard, match="ROUTE.AMBIGUOUS"):
        table.match(call("/a/x"))


@pytest.mark.parametrize("state", ["PROPOSED", "RETIRED"])
def test_only_active_routes_are_found(state):
    with pytest.raises(Unheard):
        RouteTable([route("/a", state=state)]).match(call())


def test_a_route_named_by_its_pattern_must_be_the_only_one_unless_the_host_is_said():
    table = RouteTable([route("/a/{b}", "one"), route("/a/{b}", "two", host="k")])
    assert table.named("k", "GET", "/a/{}").id == "two"
    with pytest.raises(Unheard, match="AMBIGUOUS"):
        table.named("", "GET", "/a/{}")
    with pytest.raises(Unheard, match="NONE"):
        table.named("h", "GET", "/b/{}")


def asked(sources: dict, apps=("APP-1",), path="/p/PRD-7", **changes) -> dict:
    made = route("/p/{product}", sources={"caller": "header:x-app", "product": "fixed:PRD-1",
                                          **sources})
    told = call(path, **changes)
    return question(made, told_by(made, told, apps), told.ip)


def test_every_member_comes_from_where_its_route_says():
    found = asked({"product": "path:product", "purpose": "query:why", "fields": "header:x-fields",
                   "subject": "query:who", "subject_kind": "fixed:ENTERPRISE",
                   "user": "header:x-user"},
                  headers={"x-app": "APP-1", "x-fields": "a,b", "x-user": "zhang"},
                  query={"why": "PF.CRD", "who": "9111"}, ip="203.0.113.8")
    assert found["resource"] == {"type": "product", "id": "PRD-7", "properties": {
        "fields": ["a", "b"], "data_subject": {"kind": "ENTERPRISE", "id": "9111"}}}
    assert found["subject"] == {"type": "client_app", "id": "APP-1",
                                "properties": {"user": "zhang"}}
    assert found["context"] == {"purpose": "PF.CRD", "ip": "203.0.113.8"}


def test_a_member_nobody_states_is_absent():
    assert asked({"purpose": "header:x-purpose"})["context"] == {}


@pytest.mark.parametrize(("apps", "caller"), [(("APP-1",), "APP-1"), (("A", "B"), ""), ((), "")])
def test_a_credential_names_its_caller_where_it_has_only_one(apps, caller):
    if caller:
        assert asked({"caller": "credential"}, apps)["subject"]["id"] == caller
    else:
        with pytest.raises(Unheard) as refusal:
            asked({"caller": "credential"}, apps)
        assert refusal.value.status == 401


@pytest.mark.parametrize("value", ["a,b", "x" * 257, "a\x07b"])
def test_a_value_that_is_two_or_none_is_refused(value):
    with pytest.raises(Unheard, match="REQ.MALFORMED"):
        asked({"purpose": "header:x-purpose"}, headers={"x-app": "APP-1", "x-purpose": value})


def test_the_caller_and_the_product_never_come_from_what_a_client_may_add():
    kinds = {member: set(allowed) for member, (_, allowed) in MEMBERS.items()}
    assert kinds["caller"] == {From.HEADER, From.CREDENTIAL}
    assert not kinds["product"] & {From.HEADER, From.QUERY}


def test_every_member_takes_the_sources_it_allows_and_no_other():
    names = {From.FIXED: "V", From.HEADER: "x-a", From.PATH: "p", From.QUERY: "q",
             From.CREDENTIAL: ""}
    said = {"caller": "credential", "product": "fixed:P"}
    for member, (_, allowed) in MEMBERS.items():
        for kind, name in names.items():
            source = f"{kind}:{name}" if name else str(kind)
            wrong = [at for at, _, _ in source_faults("/a/{p}", {**said, member: source})]
            assert (member in wrong) is (kind not in allowed), (member, source)
