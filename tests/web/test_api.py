"""The JSON API: strict in, bounded out, problems that say what to mend."""

import json

import pytest

from app.commands import departments
from app.web import create_app
from tests import people
from tests.conftest import caller

BASE = "/api/v1/departments"


@pytest.fixture
def api(rt):
    """A program that acts for the business review desk."""
    opened = people.signed_in(rt, people.enrolled(rt, "business", "BIZ_REVIEW"))
    client = create_app(rt).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    client.environ_base["HTTP_HOST"] = "localhost"
    return client


def made(api, name="市税务局"):
    return api.post(BASE, json={"name": name, "liaison": "周某"})


def test_what_is_made_can_be_listed_read_and_moved(api):
    number = made(api).json["number"]
    assert api.get(BASE).json["total"] == 1
    sheet = api.get(f"{BASE}/{number}")
    assert sheet.headers["ETag"] == '"v1"' and "activate" in [
        choice["action"] for choice in sheet.json["choices"]]
    refused = api.post(f"{BASE}/{number}/activate", json={"reason": "按计划接入"})
    assert refused.status_code == 422 and refused.json["guards"] == ["agreement_is_signed"]
    assert refused.json["messages"]["zh"] and refused.json["messages"]["en"]


def test_if_match_refuses_a_version_that_is_gone(api):
    number = made(api).json["number"]
    answer = api.post(f"{BASE}/{number}/activate", json={"reason": "按计划接入"},
                      headers={"If-Match": '"v7"'})
    assert answer.status_code == 412 and answer.json["seen"] == 7


def test_a_known_etag_answers_304(api):
    number = made(api).json["number"]
    assert api.get(f"{BASE}/{number}", headers={"If-None-Match": '"v1"'}).status_code == 304


def test_strangers_get_401_and_nothing_else(rt):
    client = create_app(rt).test_client()
    for path in (BASE, "/openapi.json", f"{BASE}/x"):
        assert client.get(path, headers={"Host": "localhost"}).status_code == 401


@pytest.mark.parametrize("body", [
    b'{"name": "a", "name": "b"}', b'{"name": NaN}', b"[" * 100_000, b'{"name": ' + b"9" * 5000,
    b"\xff\xfe", b"", b'{"name": 1e999}', b'{"name":"a"}\x00',
])
def test_I02_json_with_no_single_meaning_is_refused_with_400(api, body):
    answer = api.post(BASE, data=body, content_type="application/json")
    assert answer.status_code == 400, answer.json
    assert answer.content_type == "application/problem+json"


def test_I01_a_body_one_byte_over_is_refused(api):
    filler = json.dumps({"name": "a" * 1_048_576})
    assert api.post(BASE, data=filler, content_type="application/json").status_code == 413


def test_Z04_unknown_members_are_refused_by_name(api):
    answer = api.post(BASE, json={"name": "市统计局", "state": "ACTIVE"})
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json["errors"]] == ["state"]
    assert answer.json["errors"][0]["zh"] == "`state`：多余的项"
    assert api.get(BASE).json["total"] == 0


@pytest.mark.parametrize("query", ["limit=201", "limit=0", "offset=-1", "limit=x", "nope=1"])
def test_W09_lists_are_bounded(api, query):
    assert api.get(f"{BASE}?{query}").status_code == 422


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "_", "\\", "\"; DROP TABLE department; --"])
def test_I03_a_filter_is_never_read_as_sql(api, text):
    made(api)
    answer = api.get(BASE, query_string={"q": text})
    assert answer.status_code == 200 and answer.json["total"] == 0


def test_an_error_nobody_expected_says_a_reference_and_nothing_else(rt, api, monkeypatch):
    def broken(*_):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(rt.staff, "permits", broken)
    answer = api.get(BASE)
    assert answer.status_code == 500 and answer.json["reference"]
    assert "hunter2" not in answer.get_data(as_text=True)


def test_Z03_a_foreign_object_answers_as_an_unknown_one_does(rt):
    mine = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                              departments.NewDepartment(name="市税务局"))
    other = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                               departments.NewDepartment(name="市统计局"))
    opened = people.signed_in(rt, people.enrolled(rt, "liaison", "DEPT_LIAISON",
                                                  department=mine.id))
    client = create_app(rt).test_client()
    headers = {"Authorization": f"Bearer {opened.token}", "Host": "localhost"}
    assert client.get(f"{BASE}/{mine.number}", headers=headers).status_code == 200
    answers = [client.get(f"{BASE}/{ref}", headers=headers) for ref in (other.number, "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert [{**answer.json, "instance": ""} for answer in answers][0] == {
        **answers[1].json, "instance": ""}


@pytest.mark.parametrize("ref", ["%00", "a%00b", "..%2F..", "%E4%B8%AD", "x" * 65])
def test_I08_what_has_no_shape_of_a_name_names_nothing(api, ref):
    made(api)
    assert api.get(f"{BASE}/{ref}").status_code in (404, 422)
    assert api.post(f"{BASE}/{ref}/activate", json={"reason": "按计划"}).status_code in (404, 422)


def test_every_operation_is_described(api):
    document = api.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert f"{BASE}/{{ref}}/activate" in document["paths"]
