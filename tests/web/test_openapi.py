"""The document says what is served: every address, every body, and answers as they really are."""

import io
import json
import re

import jsonschema_rs
import pytest

from app.domain.asks import MEMBERS, RESTRICTING
from app.domain.callers import SYSTEM
from app.store.unit import begin
from app.web import create_app
from app.web.acknowledging import EPOCH, MANY
from app.web.api import lane_document, receipt_document
from app.web.authzen_search import PATHS
from app.web.lane import EVALUATION, EVALUATIONS, METADATA, mount
from tests import people, zone
from tests.commands.test_decide import codes

SERVED = ("/api/v1/", "/access/", "/.well-known/")
ASKED = (EVALUATION, EVALUATIONS, *PATHS.values())
LANE = (*ASKED, METADATA)
RECEIPTS = ((receipt_document.ONE, "post"), (MANY, "post"), (EPOCH, "get"))
HIDDEN = ((r"dec_[0-9a-f]{32}", "dec_01jd0000000000000000000000000000"),
          (r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64))


class Stack:
    """The whole WSGI stack, lane and application, and what it says of itself."""

    def __init__(self, rt) -> None:
        self.zone = example_zone(rt)
        self.app = mount(create_app(rt), rt)
        opened = people.signed_in(rt, people.enrolled(rt, "business", "BIZ_REVIEW"))
        self.staff = {"Authorization": f"Bearer {opened.token}"}
        self.gateway = {"Authorization": f"Bearer {self.zone.secret}"}
        self.document = self.get("/openapi.json", self.staff).json

    def get(self, path: str, headers: dict | None = None):
        return self.app.test_client().get(path, headers={"Host": "localhost", **(headers or {})})

    def post(self, path: str, body, headers: dict | None = None):
        """A POST that comes from a system of the institution."""
        return self.app.test_client().post(
            path, json=body, headers={"Host": "localhost", **(headers or {})},
            environ_base={"REMOTE_ADDR": "203.0.113.8"})

    def holds(self, value, method: str, path: str, status: int) -> None:
        """The value is what the document says this address answers."""
        content = self.document["paths"][path][method]["responses"][str(status)]["content"]
        [media] = content.values()
        validator({**media["schema"], "components": self.document["components"]}).validate(value)


def validator(schema: dict):
    return jsonschema_rs.Draft202012Validator(schema)


def example_zone(rt) -> zone.Zone:
    """The zone the examples speak of."""
    with begin(rt, SYSTEM) as act:
        dept = zone.department(act, number="DEPT-2026-001")
        data = zone.dataset(act, dept, number="DS-0041")
        prod = zone.product(act, data, number="PRD-RISK-002")
        head = zone.head_agreement(act, number="HA-2023-001", resources=["DS-0041"],
                                   products=["PRD-RISK-002"])
        inst = zone.institution(act, number="INST-0007")
        system = zone.app(act, inst, number="APP-000012")
        given = zone.grant(act, inst, prod, number="GR-2026-000318")
        key, secret = zone.credential(act, system, number="CRED-000012")
        rows = (head, dept, data, prod, zone.product_version_of(act, prod), inst, system, key,
                secret, given, zone.grant_version_of(act, given))
    return zone.Zone(*rows)


@pytest.fixture
def stack(rt):
    found = Stack(rt)
    yield found
    found.app.extensions["gate"].close()


def hidden(value):
    """An answer with what differs each time left out."""
    text = json.dumps(value, ensure_ascii=False)
    for pattern, instead in HIDDEN:
        text = re.sub(pattern, instead, text)
    return without_epoch(json.loads(text))


def without_epoch(value):
    if isinstance(value, dict):
        return {key: without_epoch(inner) for key, inner in value.items() if key != "epoch"}
    return [without_epoch(inner) for inner in value] if isinstance(value, list) else value


def test_every_address_for_programs_is_in_the_document_and_nothing_else_is(stack):
    documented = {(path, method) for path, item in stack.document["paths"].items()
                  for method in item}
    served = {(path, "get" if path == METADATA else "post") for path in LANE}
    for rule in stack.app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)
        served |= {(path, method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"}}
    served |= {(path, method) for path, method in RECEIPTS}
    owed = {(path, method) for path, method in served if path.startswith(SERVED)}
    assert owed <= documented
    assert documented <= served


def test_the_lane_answers_every_address_the_document_gives_it(stack):
    told = stack.get(METADATA)
    assert told.status_code == 200
    stack.holds(told.json, "get", METADATA, 200)
    for path in ASKED:
        assert stack.post(path, {}).status_code == 401


def test_models_of_one_name_keep_their_own_schema(stack):
    paths, schemas = stack.document["paths"], stack.document["components"]["schemas"]

    def members(path: str) -> set[str]:
        content = paths[path]["post"]["requestBody"]["content"]["application/json"]
        return set(schemas[content["schema"]["$ref"].rpartition("/")[2]]["properties"])

    assert "requested" in members("/api/v1/grant-cases")
    assert "requested" not in members("/api/v1/onboarding-cases")


def test_every_reference_of_the_document_is_kept(stack):
    text = json.dumps(stack.document)
    for found in set(re.findall(r'"\$ref": "#/components/(\w+)/([^"]+)"', text)):
        assert found[1] in stack.document["components"][found[0]]
    assert "app__" not in text


def test_every_operation_says_who_may_call_it_and_how_it_refuses(stack):
    for path, item in stack.document["paths"].items():
        for method, one in item.items():
            assert " · " in one["summary"], path
            assert {way for need in one["security"] for way in need} <= set(
                stack.document["components"]["securitySchemes"])
            if path in LANE or (path, method) in RECEIPTS:
                continue
            assert {"400", "401", "403", "422"} <= set(one["responses"]), path
            if method != "get" and one["security"]:
                assert {"session", "csrf"} in [set(need) for need in one["security"]], path


def test_sessions_files_and_the_lane_are_described_in_full(stack):
    paths = stack.document["paths"]
    for path in ("/api/v1/session", "/api/v1/attachments", "/api/v1/catalogues/import",
                 *ASKED):
        assert paths[path]["post"]["requestBody"]["content"], path
    for path, kind in (("/api/v1/notices/{ref}/file", "application/pdf"),
                       ("/api/v1/evidence-packs/{ref}/file", "application/zip"),
                       ("/grants.{kind}", "text/csv")):
        assert kind in paths[path]["get"]["responses"]["200"]["content"]
    assert "ETag" in paths["/api/v1/grants/{ref}"]["get"]["responses"]["200"]["headers"]
    assert "If-Match" in [each["name"] for each in
                          paths["/api/v1/grants/{ref}/suspend"]["post"]["parameters"]]


def test_every_example_is_answered_as_the_document_says(stack):
    for name, one in lane_document.examples().items():
        answer = stack.post(one["path"], one["asks"], stack.gateway)
        assert answer.status_code == one["status"], (name, answer.json)
        assert hidden(answer.json) == without_epoch(one["answers"]), name
        stack.holds(answer.json, "post", one["path"], one["status"])
        stack.holds(one["answers"], "post", one["path"], one["status"])
        content = stack.document["paths"][one["path"]]["post"]["requestBody"]["content"]
        schema = content["application/json"]["schema"]
        assert validator({**schema, "components": stack.document["components"]}).is_valid(
            one["asks"]) is (one["status"] != 400), name


def asked(**members) -> dict:
    """The example that is permitted, with members of `resource.properties` beside."""
    body = json.loads(json.dumps(lane_document.examples()["permit"]["asks"]))
    body["resource"]["properties"] |= members
    return body


def test_receipts_and_the_epoch_are_answered_as_the_document_says(stack):
    permit = stack.post(EVALUATION, lane_document.examples()["permit"]["asks"],
                        stack.gateway).json
    assert permit["decision"]
    number = permit["context"]["decision_id"]
    one, address = receipt_document.ONE, f"/api/v1/decisions/{number}/receipts"
    served = {"outcome": "SERVED", "rows": 1, "fields": ["ent_name"]}
    for body, status in ((served, 201), (served, 200), (served | {"rows": 2}, 409),
                         ({"outcome": "EATEN"}, 400)):
        said = stack.post(address, body, stack.gateway)
        assert said.status_code == status
        stack.holds(said.json, "post", one, status)
    for answered, where, method, status in (
            (stack.post(address, served), one, "post", 401),
            (stack.post(MANY, {"receipts": [served, {**served, "decision_id": number}]},
                        stack.gateway), MANY, "post", 207),
            (stack.get(EPOCH, stack.gateway), EPOCH, "get", 200)):
        assert answered.status_code == status, where
        stack.holds(answered.json, method, where, status)


def test_a_member_that_claims_to_restrict_is_denied_as_documented(stack):
    described = stack.document["paths"][EVALUATION]["post"]["description"]
    for name in sorted(RESTRICTING):
        answer = stack.post(EVALUATION, asked(**{name: 1}), stack.gateway).json
        assert name in described and "REQ.UNKNOWN_ATTRIBUTE" in codes(answer), name
        stack.holds(answer, "post", EVALUATION, 200)


def test_another_unknown_member_is_ignored_as_documented(stack):
    assert stack.post(EVALUATION, asked(made_up=1), stack.gateway).json["decision"] is True


def test_a_member_of_another_form_than_documented_is_denied(stack):
    """What the schema refuses the reader refuses too, for every member of the table."""
    shape = validator({"$ref": "#/components/schemas/authzen.Evaluation",
                       "components": stack.document["components"]})
    for entity, members in MEMBERS.items():
        for name in members:
            body = asked(data_subject={"kind": "ENTERPRISE", "id": "91110000"})
            within = body["resource" if entity == "data_subject" else entity]
            within = within if entity == "context" else within.setdefault("properties", {})
            within = within["data_subject"] if entity == "data_subject" else within
            assert shape.is_valid(body)
            within[name] = {"no": "form"}
            assert not shape.is_valid(body), name
            assert "REQ.MALFORMED" in codes(stack.post(EVALUATION, body, stack.gateway).json), name


def test_the_answers_of_sessions_are_as_documented(stack, rt):
    mine = stack.get("/api/v1/session", stack.staff).json
    stack.holds(mine, "get", "/api/v1/session", 200)
    someone = people.enrolled(rt, "someone", "OPS")
    rt.clock.forward(seconds=30)
    opened = stack.post("/api/v1/session", {
        "login": someone.login, "password": someone.password, "code": people.code(rt, someone)})
    assert opened.status_code == 201
    stack.holds(opened.json, "post", "/api/v1/session", 201)


def test_a_file_handed_in_is_given_back_as_documented(stack):
    headers = {"Host": "localhost", **stack.staff}
    done = stack.app.test_client().post("/api/v1/attachments", headers=headers, data={
        "file": (io.BytesIO("证明".encode()), "proof.txt")})
    assert done.status_code == 201, done.json
    stack.holds(done.json, "post", "/api/v1/attachments", 201)
    given = stack.get(f"/api/v1/attachments/{done.json['id']}", stack.staff)
    described = stack.document["paths"]["/api/v1/attachments/{sha256}"]["get"]["responses"]["200"]
    assert given.mimetype in described["content"]
    assert re.fullmatch(described["headers"]["ETag"]["schema"]["pattern"], given.headers["ETag"])


def test_unknown_members_are_refused_as_documented(stack):
    schema = stack.document["components"]["schemas"]["NewDepartment"]
    assert schema["additionalProperties"] is False
    refused = stack.post("/api/v1/departments", {"name": "市统计局", "made_up": 1}, stack.staff)
    assert refused.status_code == 422
    problem = {"$ref": "#/components/schemas/Problem", "components": stack.document["components"]}
    validator(problem).validate(refused.json)


def test_the_browsable_page_shows_the_lane_and_the_sessions(stack):
    text = stack.get("/api", {**stack.staff, "Accept": "text/html"}).get_data(as_text=True)
    for path in (*LANE, "/api/v1/session", "/api/v1/verifications/{code}"):
        assert path in text
