"""The lane over WSGI and ASGI: AuthZEN shapes, refusals that say what to mend, never a 500."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.commands.decide import Gate
from app.web.front import Front
from app.web.lane import EVALUATION, EVALUATIONS, HEADERS, METADATA, Lane
from tests import zone
from tests.commands.test_decide import codes, question, sealed
from tests.decision_zone import LAW
from tests.web.over_asgi import called


class Caller:
    """Speaks to the lane as a server would; `token` and headers may be changed per call."""

    def __init__(self, lane: Lane, z) -> None:
        self.lane, self.zone, self.token = lane, z, z.secret

    def send(self, path: str, body, method="POST", **changes):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "203.0.113.8",
                   "HTTP_HOST": "localhost:8420", "wsgi.url_scheme": "http",
                   "CONTENT_TYPE": "application/json",
                   "CONTENT_LENGTH": str(len(raw)), "wsgi.input": io.BytesIO(raw),
                   "HTTP_AUTHORIZATION": f"Bearer {self.token}", **changes}
        status, headers, text = self.heard(environ)
        return status, json.loads(text) if text else None, headers

    def heard(self, environ) -> tuple[int, dict, bytes]:
        found = {}

        def start(status, headers):
            found.update(status=int(status[:3]), headers=dict(headers))

        text = b"".join(self.lane(environ, start))
        return found["status"], found["headers"], text

    def ask(self, **changes):
        status, answer, _ = self.send(EVALUATION, self.body(**changes))
        assert status == 200
        return answer

    def body(self, **changes) -> dict:
        return question(self.zone, **changes).entities


class LoopCaller(Caller):
    """Speaks the same over ASGI, to the front of the web process."""

    def heard(self, environ) -> tuple[int, dict, bytes]:
        status, headers, text = called(Front(SimpleNamespace(wsgi_app=self.lane)), environ)
        return status, {NAMES.get(name, name): value for name, value in headers.items()}, text


NAMES = {name.lower(): name for name in ("X-Request-ID", "WWW-Authenticate", "Content-Type",
                                         "Content-Length", "Cache-Control",
                                         *(name for name, _ in HEADERS))}


@pytest.fixture(params=[Caller, LoopCaller], ids=["wsgi", "asgi"])
def lane(request, rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW).start()
    yield request.param(
        Lane(lambda environ, start: (start("404 Not Found", []), [b'"behind"'])[1], gate), z)
    gate.close()


def test_a_permit_and_a_refusal_are_answers(lane):
    assert lane.ask()["decision"] is True
    answer = lane.ask(purpose="PF.PLM.CHK", fields=["overdue_tax"], action="MONITOR")
    assert answer["decision"] is False
    assert set(codes(answer)) == {"PURPOSE.NOT_GRANTED", "SCOPE.FIELD", "METHOD.ACTION"}
    reason = answer["context"]["reasons"][0]
    assert {"code", "dimension", "class", "message_zh", "message_en", "remedy"} <= set(reason)


def test_every_other_path_is_left_to_the_application(lane):
    assert lane.send("/access/v1/evaluation/", {})[:2] == (404, "behind")


def without(body: dict, *path: str) -> dict:
    copy = json.loads(json.dumps(body))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return copy


MISSING = [("subject",), ("action",), ("resource",), ("subject", "type"), ("subject", "id"),
           ("action", "name"), ("resource", "type"), ("resource", "id")]


@pytest.mark.parametrize("path", MISSING, ids=".".join)
def test_a_missing_member_is_named(rt, lane, path):
    status, text, _ = lane.send(EVALUATION, without(lane.body(), *path))
    assert status == 400 and ".".join(path) in text and "缺少" in text
    assert sealed(rt) == []


HOSTILE = [
    (b"", "JSON"), (b"{", "JSON"), (b"[]", "object"), (b"null", "object"), (b'"x"', "object"),
    (b'{"subject": "alice"}', "subject"), (b'{"a": 1, "a": 2}', "`a`"),
    (b'{"a": NaN}', ""), (b'{"a": 1e999}', ""), (b'{"a": 9007199254740993}', "2^53"),
    (b'{"a": ' + b"9" * 5000 + b"}", ""), (b"[" * 100_000, "levels"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "levels"), (b"\xff\xfe{}", "UTF-8"),
    (b"\xef\xbb\xbf{}", "byte order"), (b'{"a": "\\ud800"}', ""), (b" " * 1_048_577, "1 MiB"),
]


@pytest.mark.parametrize(("raw", "says"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_are_400_and_say_why(lane, raw, says):
    status, text, headers = lane.send(EVALUATION, raw, HTTP_X_REQUEST_ID="r-1")
    assert status == 400 and says in text and "/" in text
    assert headers["X-Request-ID"] == "r-1"


def test_a_body_without_a_length_is_read_no_further_than_the_limit(lane):
    assert lane.send(EVALUATION, b" " * 1_048_700, CONTENT_LENGTH="")[0] == 400


WRONG = [("subject", "id", 7), ("action", "name", None), ("resource", "properties", []),
         ("subject", "properties", "x")]


@pytest.mark.parametrize(("entity", "key", "value"), WRONG)
def test_a_wrong_type_is_400(lane, entity, key, value):
    body = json.loads(json.dumps(lane.body()))
    body[entity][key] = value
    status, text, _ = lane.send(EVALUATION, body)
    assert status == 400 and f"{entity}.{key}" in text


@pytest.mark.parametrize("kind", ["text/plain", "", "application/json5"])
def test_another_content_type_is_400(lane, kind):
    assert lane.send(EVALUATION, lane.body(), CONTENT_TYPE=kind)[0] == 400
    charset = lane.send(EVALUATION, lane.body(), CONTENT_TYPE="application/json; charset=utf-8")
    assert charset[0] == 200


def test_unknown_members_are_ignored_but_restricting_names_are_not(lane):
    body = json.loads(json.dumps(lane.body()))
    body["nonsense"] = {"x": 1.25}
    body["subject"]["nick"] = body["resource"]["properties"]["colour"] = "blue"
    assert lane.send(EVALUATION, body)[1]["decision"] is True
    body["resource"]["properties"]["max_rows"] = 5
    assert codes(lane.send(EVALUATION, body)[1]) == ["REQ.UNKNOWN_ATTRIBUTE"]


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer x", "Basic {token}", "Bearer hufu__", "Bearer hufu_nobody_x",
    "Bearer {token}x", "Bearer {token_but_last}", "{token}"])
def test_without_a_proven_credential_it_is_401_and_nothing_is_recorded(rt, lane, header):
    header = header.format(token=lane.token, token_but_last=lane.token[:-1])
    status, _, headers = lane.send(EVALUATION, lane.body(), HTTP_AUTHORIZATION=header)
    assert status == 401 and headers["WWW-Authenticate"] == "Bearer" and sealed(rt) == []


def test_another_applications_questions_are_403(lane):
    assert lane.send(EVALUATION, lane.body(app="APP-999999"))[0] == 403


def test_an_expired_or_revoked_credential_is_told_which(rt, lane, clock):
    zone.set_state(rt, lane.zone.credential, "REVOKED")
    assert codes(lane.ask()) == ["ID.CREDENTIAL_REVOKED"]
    zone.set_state(rt, lane.zone.credential, "ACTIVE")
    clock.forward(days=366)
    assert "ID.CREDENTIAL_EXPIRED" in codes(lane.ask())


def test_the_network_is_the_connections_and_headers_do_not_forge_it(rt, lane):
    outside = {"REMOTE_ADDR": "198.51.100.1", "HTTP_X_FORWARDED_FOR": "203.0.113.8"}
    assert codes(lane.send(EVALUATION, lane.body(), **outside)[1]) == ["CTX.NETWORK"]


@pytest.mark.parametrize(("hops", "forwarded", "permitted"), [
    (1, "203.0.113.8", True), (1, "203.0.113.8, 198.51.100.1", False),
    (2, "203.0.113.8, 198.51.100.1", True), (2, "203.0.113.8", False), (1, "", False)])
def test_only_the_configured_count_of_proxies_is_believed(lane, hops, forwarded, permitted):
    object.__setattr__(lane.lane.settings, "proxy_hops", hops)
    changes = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
    answer = lane.send(EVALUATION, lane.body(), **changes)[1]
    object.__setattr__(lane.lane.settings, "proxy_hops", 0)
    assert answer["decision"] is permitted


def test_a_foreign_host_is_400(lane):
    for host in ("evil.example", "", "localhost.evil.example:8420"):
        assert lane.send(EVALUATION, lane.body(), HTTP_HOST=host)[0] == 400


def test_another_method_is_405_and_every_answer_carries_the_headers(lane):
    for status, headers in ((405, lane.send(EVALUATION, b"", method="GET")),
                            (200, lane.send(EVALUATION, lane.body()))):
        assert headers[0] == status
        assert headers[2]["Cache-Control"] == "no-store"
        assert headers[2]["X-Content-Type-Options"] == "nosniff"
        assert "max-age" in headers[2]["Strict-Transport-Security"]


@pytest.mark.parametrize(("sent", "echoed"), [
    ("abc-1", "abc-1"), ("", None), ("x" * 257, None), ("a\tb", None)])
def test_the_request_id_comes_back_as_it_was_sent(lane, sent, echoed):
    headers = lane.send(EVALUATION, lane.body(), HTTP_X_REQUEST_ID=sent)[2]
    assert headers.get("X-Request-ID") == echoed


def metadata(lane, **changes):
    status, told, _ = lane.send(METADATA, b"", method="GET", **changes)
    return status, told


def test_metadata_names_the_public_address_whatever_it_is_asked_at(lane):
    lane.lane.settings = replace(lane.lane.settings, base_url="https://zone.example/")
    for changes in ({}, {"HTTP_HOST": "127.0.0.1:9000"}, {"HTTP_X_FORWARDED_HOST": "evil.example"}):
        status, told = metadata(lane, **changes)
        assert status == 200 and told["policy_decision_point"] == "https://zone.example"
        assert told["access_evaluation_endpoint"] == "https://zone.example/access/v1/evaluation"
    assert lane.send(METADATA, b"")[0] == 405


def test_a_public_address_with_a_path_is_discovered_beneath_it_too(lane):
    settings = replace(lane.lane.settings, base_url="https://zone.example/pdp/")
    rt = SimpleNamespace(settings=settings, subject_hash=None)
    lane.lane = Lane(None, SimpleNamespace(rt=rt, picture=None))
    for path in (METADATA, METADATA + "/pdp"):
        status, told, _ = lane.send(path, b"", method="GET")
        assert status == 200 and told["policy_decision_point"] == "https://zone.example/pdp"


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1:8611", "localhost"])
def test_metadata_of_a_local_zone_names_the_address_it_is_asked_at(lane, host):
    status, told = metadata(lane, HTTP_HOST=host, HTTP_X_FORWARDED_PROTO="https",
                            HTTP_X_FORWARDED_HOST="evil.example", HTTP_FORWARDED="host=evil")
    assert status == 200 and told["policy_decision_point"] == f"http://{host}"
    assert told["access_evaluations_endpoint"] == f"http://{host}{EVALUATIONS}"


@pytest.mark.parametrize("host", [
    "evil.example", "localhost:x@evil.example", "localhost:8420/x", "localhost:", "localhost:８",
    "localhost:123456", "[localhost]evil", "", "localhost:1:2"])
def test_W04_a_host_that_is_not_one_of_ours_is_refused_and_not_repeated(lane, host):
    status, told = metadata(lane, HTTP_HOST=host)
    assert status == 400 and "evil" not in json.dumps(told)


@pytest.mark.parametrize(("host", "status"), [
    ("zone.example", 200), ("ZONE.example:443", 200), ("localhost:8420", 200),
    ("other.example", 400), ("a.zone.example", 400)])
def test_the_host_of_the_public_address_is_answered_without_being_listed(lane, host, status):
    lane.lane.settings = replace(lane.lane.settings, base_url="https://zone.example")
    assert lane.lane.settings.hosts == ("localhost", "127.0.0.1")
    assert lane.send(EVALUATION, lane.body(), HTTP_HOST=host)[0] == status
    assert metadata(lane, HTTP_HOST=host)[0] == status


def test_the_same_question_gives_the_same_decision(lane):
    assert {lane.ask()["decision"] for _ in range(5)} == {True}


# -- several decisions ----------------------------------------------------------------------------

def results(answer) -> list[bool]:
    return [each["decision"] for each in answer["evaluations"]]


def test_a_batch_inherits_defaults_whole_and_keeps_its_order(lane):
    body = lane.body()
    bad = {"context": {**body["context"], "purpose": "PF.PLM.CHK"}}
    partial = {"action": {"name": "QUERY_ONE"}}  # replaces the default whole: no channel left
    status, answer, _ = lane.send(EVALUATIONS, {**body, "evaluations": [{}, bad, partial, {}]})
    assert status == 200 and results(answer) == [True, False, False, True]
    assert "decision" not in answer
    assert "REQ.MALFORMED" in codes(answer["evaluations"][2])


@pytest.mark.parametrize("listed", [{}, {"evaluations": []}, {"evaluations": None}])
def test_without_items_it_answers_as_the_single_endpoint(lane, listed):
    answer = lane.send(EVALUATIONS, {**lane.body(), **listed})[1]
    assert answer["decision"] is True and "evaluations" not in answer


def test_an_item_that_lacks_an_entity_is_answered_in_its_place(lane):
    body = lane.body()
    items = [body, without(body, "resource"), body, {**body, "subject": {
        "type": "client_app", "id": "APP-999999"}}]
    answer = lane.send(EVALUATIONS, {"evaluations": items})[1]
    assert results(answer) == [True, False, True, False]
    errors = [each["context"]["error"]["status"] for each in answer["evaluations"][1::2]]
    assert errors == [400, 403]
    assert "resource is missing" in answer["evaluations"][1]["context"]["error"]["message"]


def test_an_incomplete_default_is_harmless_when_every_item_overrides_it(lane):
    body = lane.body()
    answer = lane.send(EVALUATIONS, {**body, "resource": {}, "evaluations": [
        {"resource": body["resource"]}]})[1]
    assert results(answer) == [True]


@pytest.mark.parametrize(("semantic", "expected"), [
    ("execute_all", [True, False, True, False]), ("deny_on_first_deny", [True, False]),
    ("permit_on_first_permit", [True])])
def test_the_three_semantics(rt, lane, semantic, expected):
    body = lane.body()
    bad = {"context": {**body["context"], "purpose": "X.MKT"}}
    answer = lane.send(EVALUATIONS, {**body, "options": {"evaluations_semantic": semantic},
                                     "evaluations": [{}, bad, {}, {"action": {}}]})[1]
    assert results(answer) == expected
    assert len(sealed(rt)) == min(len(expected), 3)


@pytest.mark.parametrize(("semantic", "expected"), [
    ("deny_on_first_deny", [False]), ("permit_on_first_permit", [False, True])])
def test_a_broken_item_is_a_refusal_for_the_semantics(rt, lane, semantic, expected):
    answer = lane.send(EVALUATIONS, {**lane.body(), "options": {"evaluations_semantic": semantic},
                                     "evaluations": [{"action": {}}, {}, {"action": {}}]})[1]
    assert results(answer) == expected


@pytest.mark.parametrize("changes", [
    {"options": {"evaluations_semantic": "sometimes"}, "evaluations": [{}]},
    {"options": [], "evaluations": [{}]}, {"evaluations": {}}, {"evaluations": ["x"]},
    {"evaluations": [{}] * 1001}])
def test_a_batch_nobody_defined_is_400(rt, lane, changes):
    assert lane.send(EVALUATIONS, {**lane.body(), **changes})[0] == 400 and sealed(rt) == []
