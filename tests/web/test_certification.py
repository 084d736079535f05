"""The AuthZEN 1.0 certification scenario, one test per section, on what `./hufu certify` serves.

Sections are numbered as the scenario numbers them. Bodies are put together from its fixture. No
test changes what another sees, so that one house stands for all of them on each engine.
"""

import os
import shutil
from types import SimpleNamespace

import pytest

from app import runtime
from app.cli import certify
from app.settings import load
from app.web.authzen_search import PATHS
from app.web.lane import EVALUATION, EVALUATIONS, METADATA
from tests.web.test_lane import Caller, results, without

ALICE, BOB = {"type": "user", "id": "alice"}, {"type": "user", "id": "bob"}
ADMIN = {**BOB, "properties": {"role": "admin"}}
ONE, TWO = {"type": "record", "id": "record-1"}, {"type": "record", "id": "record-2"}
ACTIVE = {**ONE, "properties": {"status": "active"}}
ARCHIVED = {**TWO, "properties": {"status": "archived"}}
READ, WRITE = {"name": "read"}, {"name": "write"}
SOFT = {"name": "delete", "properties": {"soft": True}}
HARD = {"name": "delete", "properties": {"soft": False}}
TIME = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}
BODY = {"subject": ALICE, "action": READ, "resource": ONE}
USERS = {"subject": {"type": "user"}, "action": READ, "resource": ONE}
RECORDS = {"subject": ALICE, "action": READ, "resource": {"type": "record"}}
ACTIONS = {"subject": ALICE, "resource": ONE}


class Harness(Caller):
    """A caller without a credential, as the scenario's harness may be."""

    def send(self, path, body, method="POST", **changes):
        return super().send(path, body, method, **{"HTTP_AUTHORIZATION": "", **changes})

    def decided(self, body, path=EVALUATION):
        status, answer, headers = self.send(path, body)
        assert status == 200 and headers["Content-Type"] == "application/json"
        return answer

    def found(self, kind, body):
        answer = self.decided(body, PATHS[kind])
        assert isinstance(answer["page"]["next_token"], str)
        assert answer["page"]["count"] == len(answer["results"])
        return answer["results"]


@pytest.fixture(scope="module", params=[
    "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pdp(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("certify")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "hufu.db")
        url = f"sqlite:///{folder / 'hufu.db'}"
    else:
        url = request.getfixturevalue("postgres_cluster").database(
            f"certify{os.getpid()}", template="hufu_template")
    rt = runtime.build(load({}, data_dir=folder, database_url=url), durable=False)
    runtime.found(rt)
    lane = certify.scenario(rt)
    yield Harness(lane, SimpleNamespace(secret=""))
    lane.gate.close()
    rt.close()


def asked(subject, action, resource, **more):
    return {"subject": subject, "action": action, "resource": resource, **more}


# -- 1.4 the eight decisions, with and without context; 2.2 Basic ---------------------------------

RULES = [
    ("rule 1, 2.2.1 Basic Core", ALICE, READ, ONE, True),
    ("rule 2 Basic Core", ALICE, WRITE, ONE, True),
    ("rule 3 Basic Core", BOB, READ, ONE, True),
    ("rule 4, 2.2.2 Basic Core", BOB, WRITE, ONE, False),
    ("rule 5, 2.2.4 Basic Properties", ALICE, WRITE, ARCHIVED, False),
    ("rule 5 of the other record", ALICE, WRITE, {**ARCHIVED, "id": "record-1"}, False),
    ("rule 5 stored", ALICE, WRITE, TWO, False),
    ("rule 6, 2.2.5 Basic Properties", ADMIN, WRITE, ARCHIVED, True),
    ("rule 6 of anybody", {**ADMIN, "id": "carol"}, WRITE, {**ARCHIVED, "id": "record-9"}, True),
    ("rule 6 stored", BOB, WRITE, TWO, True),
    ("rule 7, 2.2.6 Basic Properties", ALICE, SOFT, ONE, True),
    ("rule 8, 2.2.7 Basic Properties", ALICE, HARD, ONE, False),
]


@pytest.mark.parametrize("context", [{}, {"context": TIME}], ids=["bare", "2.2.3 context"])
@pytest.mark.parametrize(("rule", "subject", "action", "resource", "expected"), RULES,
                         ids=[rule[0] for rule in RULES])
def test_1_4_required_decisions(pdp, rule, subject, action, resource, expected, context):
    answer = pdp.decided(asked(subject, action, resource, **context))
    assert answer["decision"] is expected
    assert isinstance(answer["context"], dict)  # 2.3.1, 2.3.2


def test_2_2_8_basic_core_more_properties_are_accepted(pdp):
    more = asked({**ALICE, "properties": {"department": "Sales", "role": "manager"}},
                 {**READ, "properties": {"method": "GET"}},
                 {**ONE, "properties": {"status": "active", "owner": "bob"}})
    assert pdp.decided(more)["decision"] is True


def test_2_2_9_basic_core_unknown_members_are_ignored(pdp):
    more = {**BODY, "foo": "bar", "futureField": {"nested": True}}
    assert pdp.decided(more)["decision"] is True


# -- 2.4 errors, 2.5 headers, 2.6 idempotency -----------------------------------------------------

REQUIRED = [("subject",), ("action",), ("resource",), ("subject", "type"), ("subject", "id"),
            ("action", "name"), ("resource", "type"), ("resource", "id")]


@pytest.mark.parametrize("path", REQUIRED, ids=".".join)
def test_2_4_1_and_2_4_2_a_missing_member_is_400(pdp, path):
    assert pdp.send(EVALUATION, without(BODY, *path))[0] == 400


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS, *PATHS.values()])
def test_2_4_3_another_content_type_is_400(pdp, path):
    assert pdp.send(path, BODY, CONTENT_TYPE="text/plain")[0] == 400


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS, *PATHS.values()])
@pytest.mark.parametrize("raw", [b"{not json", b""], ids=["2.4.4 malformed", "2.4.5 empty"])
def test_2_4_4_and_2_4_5_no_json_is_400(pdp, path, raw):
    assert pdp.send(path, raw)[0] == 400


@pytest.mark.parametrize("wrong", [{"subject": "alice"}, {"action": {"name": 123}}])
def test_2_4_6_a_wrong_type_is_400(pdp, wrong):
    assert pdp.send(EVALUATION, {**BODY, **wrong})[0] == 400


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS, *PATHS.values()])
@pytest.mark.parametrize(("body", "status"), [(BODY, 200), (b"{", 400)])
def test_2_5_1_the_request_id_comes_back(pdp, path, body, status):
    answered, _, headers = pdp.send(path, body, HTTP_X_REQUEST_ID="bfe9eb29-ab87-4ca3")
    assert answered == status and headers["X-Request-ID"] == "bfe9eb29-ab87-4ca3"


def test_2_5_2_no_request_id_is_no_failure(pdp):
    assert pdp.send(EVALUATION, BODY)[0] == 200


@pytest.mark.parametrize(("body", "expected"), [(BODY, True), ({**BODY, "subject": BOB,
                                                                 "action": WRITE}, False)])
def test_2_6_the_same_request_gives_the_same_decision(pdp, body, expected):
    assert {pdp.decided(body)["decision"] for _ in range(5)} == {expected}


# -- 3 Batch --------------------------------------------------------------------------------------

BATCHES = [
    ("3.2.1 Batch Core", {"subject": ALICE, "action": READ}, [{"resource": ONE},
                                                              {"resource": TWO}], [True, False]),
    ("3.2.2 Batch Core", {"subject": BOB, "resource": ONE}, [{"action": READ}, {"action": WRITE}],
     [True, False]),
    ("3.2.3 Batch Properties", {"subject": ALICE, "action": WRITE},
     [{"resource": ACTIVE}, {"resource": ARCHIVED}], [True, False]),
    ("3.2.4 Batch Properties", {"action": WRITE, "resource": ARCHIVED},
     [{"subject": ALICE}, {"subject": ADMIN}], [False, True]),
    ("3.2.5 Batch Core", {}, [BODY, asked(BOB, WRITE, ONE)], [True, False]),
    ("3.2.6 Batch Core", {"subject": ALICE, "action": READ, "context": TIME},
     [{"resource": ONE}, {"resource": TWO, "context": {"source": "override"}}], [True, False]),
    ("3.2.7 Batch Properties", {"subject": ALICE, "action": WRITE, "resource": {"type": "record"}},
     [{"resource": {"id": "record-1", "properties": {"status": "active"}}},
      {"resource": ARCHIVED}], [True, False]),
    ("3.2.7 replaced whole but for type and id",
     {"subject": ALICE, "action": WRITE, "resource": ARCHIVED},
     [{"resource": {"id": "record-1"}}, {"resource": {"properties": {"status": "active"}}}],
     [True, True]),
    ("3.4.1 Batch Core", {"subject": ALICE, "action": READ}, [{"resource": ONE}, {}],
     [True, False]),
    ("inherits everything", BODY, [{}, {}, {}], [True, True, True]),
]


@pytest.mark.parametrize(("section", "defaults", "items", "expected"), BATCHES,
                         ids=[batch[0] for batch in BATCHES])
def test_3_2_batches(pdp, section, defaults, items, expected):
    answer = pdp.decided({**defaults, "evaluations": items}, EVALUATIONS)
    assert results(answer) == expected  # 3.3.1 as many, 3.3.2 in order, 3.3.3 each a boolean
    assert "decision" not in answer  # 3.3.4


def test_3_4_1_the_failed_item_says_why(pdp):
    answer = pdp.decided({"subject": ALICE, "action": READ, "evaluations": [{"resource": ONE}, {}]},
                         EVALUATIONS)
    assert answer["evaluations"][1]["context"]["error"]["status"] == 400


@pytest.mark.parametrize("listed", [{}, {"evaluations": []}], ids=["3.4.2 none", "3.4.3 empty"])
def test_3_4_2_and_3_4_3_without_items_it_answers_as_one(pdp, listed):
    answer = pdp.decided({**BODY, **listed}, EVALUATIONS)
    assert answer["decision"] is True and "evaluations" not in answer


# -- 4 Search -------------------------------------------------------------------------------------

SEARCHES = [
    ("4.2.1 Search Core", "subject", USERS, [ALICE, BOB]),
    ("4.2.2 Search Core", "subject", {**USERS, "context": TIME}, [ALICE, BOB]),
    ("4.2.3 an id is ignored", "subject", {**USERS, "subject": BOB}, [ALICE, BOB]),
    ("4.2.3 whatever it is", "subject", {**USERS, "subject": {**BOB, "id": 7}}, [ALICE, BOB]),
    ("4.2.4 Search Properties", "subject", asked({"type": "user"}, WRITE, ARCHIVED), [BOB]),
    ("4.2.4 stored", "subject", asked({"type": "user"}, WRITE, TWO), [BOB]),
    ("4.3.1 Search Core", "resource", RECORDS, [ONE]),
    ("4.3.2 an id is ignored", "resource", {**RECORDS, "resource": TWO}, [ONE]),
    ("4.3.3 Search Properties", "resource", asked(ADMIN, WRITE, {"type": "record"}), [TWO]),
    ("4.3.3 stored", "resource", asked(BOB, WRITE, {"type": "record"}), [TWO]),
    ("4.4.1 Search Core", "action", ACTIONS, [READ, WRITE]),
    ("4.4.2 Search Core", "action", {**ACTIONS, "context": TIME}, [READ, WRITE]),
    ("4.4.3 Search Properties", "action", {"subject": ADMIN, "resource": ARCHIVED}, [WRITE]),
    ("4.4.3 stored", "action", {"subject": BOB, "resource": TWO}, [WRITE]),
    ("4.4 an action is ignored", "action", {**ACTIONS, "action": 7}, [READ, WRITE]),
    ("4.6.1 unknown id", "action", {**ACTIONS, "subject": {**ALICE, "id": "nobody"}}, []),
    ("4.6.1 unknown id", "subject", {**USERS, "resource": {**ONE, "id": "record-9"}}, []),
    ("4.6.1 unknown id", "resource", {**RECORDS, "subject": {**ALICE, "id": "nobody"}}, []),
    ("4.6.1 unknown action", "resource", {**RECORDS, "action": {"name": "fly"}}, []),
    ("4.6.2 unknown type", "subject", {**USERS, "subject": {"type": "spaceship"}}, []),
    ("4.6.2 unknown type", "resource", {**RECORDS, "resource": {"type": "spaceship"}}, []),
    ("4.6.2 unknown type", "action", {**ACTIONS, "resource": {**ONE, "type": "spaceship"}}, []),
]


@pytest.mark.parametrize(("section", "kind", "body", "expected"), SEARCHES,
                         ids=[f"{each[0]} {each[1]}" for each in SEARCHES])
def test_4_searches(pdp, section, kind, body, expected):
    found = pdp.found(kind, body)
    assert found == expected
    for result in found:
        assert pdp.decided({**body, kind: result})["decision"] is True


@pytest.mark.parametrize("repeated", [{}, {"limit": 1}], ids=["token alone", "limit repeated"])
def test_4_5_1_and_4_5_2_a_page_and_the_next(pdp, repeated):
    first = pdp.decided({**USERS, "page": {"limit": 1}}, PATHS["subject"])
    token = first["page"]["next_token"]
    assert first["results"] == [ALICE] and token
    assert first["page"] == {"next_token": token, "count": 1, "total": 2}
    second = pdp.decided({**USERS, "page": {"token": token, **repeated}}, PATHS["subject"])
    assert second["results"] == [BOB]
    assert second["page"] == {"next_token": "", "count": 1, "total": 2}


def test_4_5_4_a_page_that_holds_all_ends_the_search(pdp):
    answer = pdp.decided({**USERS, "page": {"limit": 2, "properties": {"x": 1}}},
                         PATHS["subject"])
    assert answer["results"] == [ALICE, BOB] and answer["page"]["next_token"] == ""


NEEDED = [("subject", USERS, ("subject",)), ("subject", USERS, ("action",)),
          ("subject", USERS, ("resource",)), ("subject", USERS, ("subject", "type")),
          ("subject", USERS, ("action", "name")), ("subject", USERS, ("resource", "type")),
          ("subject", USERS, ("resource", "id")), ("resource", RECORDS, ("subject",)),
          ("resource", RECORDS, ("action",)), ("resource", RECORDS, ("resource",)),
          ("resource", RECORDS, ("subject", "type")), ("resource", RECORDS, ("subject", "id")),
          ("resource", RECORDS, ("action", "name")), ("resource", RECORDS, ("resource", "type")),
          ("action", ACTIONS, ("subject",)), ("action", ACTIONS, ("resource",)),
          ("action", ACTIONS, ("subject", "type")), ("action", ACTIONS, ("subject", "id")),
          ("action", ACTIONS, ("resource", "type")), ("action", ACTIONS, ("resource", "id"))]


@pytest.mark.parametrize(("kind", "body", "path"), NEEDED,
                         ids=[f"{each[0]} without {'.'.join(each[2])}" for each in NEEDED])
def test_4_7_a_search_without_what_it_needs_is_400(pdp, kind, body, path):
    status, text, _ = pdp.send(PATHS[kind], without(body, *path))
    assert status == 400 and ".".join(path) in text and "缺少" in text


# -- 5 transport, 6 Discovery ---------------------------------------------------------------------

def test_6_discovery(pdp):
    status, told, headers = pdp.send(METADATA, b"", method="GET", **{"wsgi.url_scheme": "https"})
    assert status == 200 and headers["Content-Type"] == "application/json"
    base = told.pop("policy_decision_point")
    assert base == "https://localhost:8420"  # 6.5: the address it was discovered at, HTTPS
    assert "custom" in told.pop("supported_obligations")
    assert told == {"access_evaluation_endpoint": base + EVALUATION,
                    "access_evaluations_endpoint": base + EVALUATIONS,
                    **{f"search_{kind}_endpoint": base + path for kind, path in PATHS.items()}}


def test_a_credential_may_be_sent_and_must_then_be_true(pdp):
    token = certify.with_credential(pdp.lane.gate.rt)
    for header, status in ((f"Bearer {token}", 200), (f"Bearer {token}x", 401), ("Basic x", 401)):
        assert pdp.send(EVALUATION, BODY, HTTP_AUTHORIZATION=header)[0] == status
