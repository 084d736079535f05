"""What AuthZEN says of bodies and headers, row by row, alike on every address that is asked.

Each row of the table is sent to both evaluation endpoints and to the three searches.
"""

import json

import pytest

from app.domain.wire import BODY_LIMIT
from app.web.authzen import ITEMS, SOUGHT
from app.web.authzen_search import PATHS
from app.web.lane import ECHO_LIMIT, EVALUATION, EVALUATIONS
from tests.web.test_authzen_search import entries
from tests.web.test_lane import lane, results  # noqa: F401 - the fixture

ASKED = (EVALUATION, EVALUATIONS, *PATHS.values())


def needed(path: str) -> list[tuple[str, ...]]:
    """Every member the address requires, entities and their keys."""
    kind = path.rpartition("/")[2]
    required = SOUGHT.get(kind, {"subject": ("type", "id"), "action": ("name",),
                                 "resource": ("type", "id")})
    return [(name, *key) for name, keys in required.items()
            for key in ((), *((each,) for each in keys))]


def with_value(body: dict, place: tuple[str, ...], value) -> bytes:
    copy = json.loads(json.dumps(body))
    holder = copy
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return json.dumps(copy).encode()


def raw(body: dict, text: str) -> bytes:
    """The body with a member of this spelling beside the others."""
    return json.dumps(body)[:-1].encode() + b", " + text.encode() + b"}"


ROWS = {
    "empty body": lambda body: b"",
    "not JSON": lambda body: b"{not json",
    "cut short": lambda body: json.dumps(body).encode()[:-1],
    "two values": lambda body: json.dumps(body).encode() * 2,
    "top level a list": lambda body: json.dumps([body]).encode(),
    "top level null": lambda body: b"null",
    "top level a string": lambda body: b'"alice"',
    "a member twice": lambda body: raw(body, '"subject": {"type": "a", "id": "b"}'),
    "a member twice inside": lambda body: raw(body, '"x": {"a": 1, "b": {}, "a": 1}'),
    "beyond a double": lambda body: raw(body, '"x": 1e999'),
    "below a double": lambda body: raw(body, '"x": [-1e999]'),
    "an integer not exact": lambda body: raw(body, '"x": 9007199254740993'),
    "not a number": lambda body: raw(body, '"x": NaN'),
    "infinite": lambda body: raw(body, '"x": -Infinity'),
    "half a character": lambda body: raw(body, '"x": "\\ud800"'),
    "not UTF-8": lambda body: raw(body, '"x": "y"').replace(b"y", b"\xff"),
    "too deep": lambda body: raw(body, '"x": ' + "[" * 40 + "]" * 40),
    "larger than 1 MiB": lambda body: raw(body, f'"x": "{"y" * BODY_LIMIT}"'),
    "context null": lambda body: with_value(body, ("context",), None),
    "context a list": lambda body: with_value(body, ("context",), []),
    "properties null": lambda body: with_value(body, ("resource", "properties"), None),
    "properties a string": lambda body: with_value(body, ("resource", "properties"), "x"),
}


@pytest.mark.parametrize("row", ROWS)
def test_400_says_what_to_mend_and_nothing_is_recorded(rt, lane, row):  # noqa: F811
    before = entries(rt)
    for path in ASKED:
        status, text, headers = lane.send(path, ROWS[row](lane.body()), HTTP_X_REQUEST_ID="r-1")
        assert status == 400, (path, text)
        assert isinstance(text, str) and " / " in text and text.isprintable(), path
        assert headers["X-Request-ID"] == "r-1"
    assert entries(rt) == before


@pytest.mark.parametrize("wrong", [None, 7, True, [], {}, "absent"], ids=str)
def test_a_required_member_that_is_absent_or_of_another_type_is_400(lane, wrong):  # noqa: F811
    for path in ASKED:
        for place in needed(path):
            value = "alice" if wrong == {} and len(place) == 1 else wrong
            body = with_value(lane.body(), place, value)
            if wrong == "absent":
                without = json.loads(body)
                holder = without if len(place) == 1 else without[place[0]]
                del holder[place[-1]]
                body = json.dumps(without).encode()
            status, text, _ = lane.send(path, body)
            assert status == 400 and ".".join(place) in text, (path, place)


@pytest.mark.parametrize(("kind", "status"), [
    ("application/json", 200), ("application/json; charset=utf-8", 200),
    ("Application/JSON", 200), ("text/plain", 400), ("", 400), ("application/json5", 400),
    ("application/x-www-form-urlencoded", 400), ("text/json", 400)])
def test_a_wrong_content_type_is_400_and_not_415(lane, kind, status):  # noqa: F811
    assert [lane.send(path, lane.body(), CONTENT_TYPE=kind)[0] for path in ASKED] == [
        status] * len(ASKED)


def test_unknown_members_are_ignored_everywhere(lane):  # noqa: F811
    body = json.loads(json.dumps(lane.body()))
    body["futureField"] = {"nested": [1.25, None, True]}
    for entity in ("subject", "action", "resource"):
        body[entity]["nick"] = {"x": 1}
        body[entity]["properties"]["colour"] = 0.5
    body["context"]["colour"] = [1.5]
    assert [lane.send(path, body)[0] for path in ASKED] == [200] * len(ASKED)


def test_every_status_is_a_text_and_echoes_the_request_id(lane):  # noqa: F811
    def sent(path, body, **changes):
        status, answer, headers = lane.send(path, body, HTTP_X_REQUEST_ID="r-7", **changes)
        assert headers["X-Request-ID"] == "r-7" and headers["Content-Type"] == "application/json"
        assert status == 200 or isinstance(answer, str)
        return status, headers

    for path in ASKED:
        assert sent(path, lane.body())[0] == 200
        assert sent(path, b"{")[0] == 400
        status, headers = sent(path, lane.body(), HTTP_AUTHORIZATION="Bearer x")
        assert status == 401 and headers["WWW-Authenticate"] == "Bearer"
        assert sent(path, b"", method="GET")[0] == 405
    assert sent(EVALUATION, lane.body(app="APP-999999"))[0] == 403
    lane.lane.gate.law = None  # a defect of ours: nothing of it reaches the caller
    status, text, _ = lane.send(PATHS["action"], lane.body())
    assert status == 500 and "internal error" in text and "NoneType" not in text


ECHOES = {"r-1": "r-1", "0": "0", "a b": "a b", "x" * ECHO_LIMIT: "x" * ECHO_LIMIT,
          "x" * (ECHO_LIMIT + 1): None, "": None, "a\tb": None, "a\r\nSet-Cookie: x=1": None,
          "a\x00": None, "a\x7f": None, "a\x85": None, "a\x1b[31m": None}


def test_the_request_id_is_bounded_and_holds_no_control_character(lane):  # noqa: F811
    for path in ASKED:
        told = {sent: lane.send(path, lane.body(), HTTP_X_REQUEST_ID=sent)[2].get("X-Request-ID")
                for sent in ECHOES}
        assert told == ECHOES


# -- several decisions ----------------------------------------------------------------------------

def test_a_thousand_items_are_answered_and_one_more_is_400(rt, lane):  # noqa: F811
    broken = {"action": {}}  # answered in its place, without a decision to record
    status, answer, _ = lane.send(EVALUATIONS, {**lane.body(), "evaluations": [broken] * ITEMS})
    assert status == 200 and results(answer) == [False] * ITEMS
    before = entries(rt)
    many = {**lane.body(), "evaluations": [broken] * (ITEMS + 1)}
    assert lane.send(EVALUATIONS, many)[0] == 400 and entries(rt) == before


@pytest.mark.parametrize("default", [{}, None, "x", [], {"type": 7}])
def test_a_default_that_every_item_overrides_may_be_anything(lane, default):  # noqa: F811
    body = lane.body()
    answer = lane.send(EVALUATIONS, {**body, "resource": default, "evaluations": [
        {"resource": body["resource"]}]})[1]
    assert results(answer) == [True]


@pytest.mark.parametrize("broken", [
    {"resource": None}, {"resource": "x"}, {"action": {"name": 1}}, {"subject": {"type": None}},
    {"context": None}, {"resource": {"properties": None}}])
def test_an_item_of_another_shape_is_refused_in_its_place(lane, broken):  # noqa: F811
    answer = lane.send(EVALUATIONS, {**lane.body(), "evaluations": [{}, broken, {}]})[1]
    assert results(answer) == [True, False, True]
    error = answer["evaluations"][1]["context"]["error"]
    assert error["status"] == 400 and " / " in error["message"]


@pytest.mark.parametrize("options", [None, [], "x", {"evaluations_semantic": None},
                                     {"evaluations_semantic": "EXECUTE_ALL"}])
def test_options_of_another_shape_are_400(lane, options):  # noqa: F811
    body = {**lane.body(), "evaluations": [{}], "options": options}
    assert lane.send(EVALUATIONS, body)[0] == 400
