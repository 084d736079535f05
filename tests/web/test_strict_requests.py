"""I01 and I02 at their bounds: each cap is met from both sides, as JSON and as a form."""

import json

import pytest

from app.domain.wire import DEEPEST, LARGEST_INTEGER
from app.web.strict import FORM_LIMIT
from tests import people

MEBI = 1_048_576
BASE = "/api/v1/departments"


@pytest.fixture
def opened(rt):
    return people.signed_in(rt, people.enrolled(rt, "business", "BIZ_REVIEW"), "127.0.0.1")


@pytest.fixture
def app(rt):
    return people.application(rt)


@pytest.fixture
def send(app, opened):
    def post(text: bytes):
        return app.test_client().post(BASE, data=text, content_type="application/json",
                                      headers={"Authorization": f"Bearer {opened.token}"})
    return post


@pytest.mark.parametrize(("size", "status"), [(MEBI, 422), (MEBI + 1, 413)])
def test_I01_json_has_one_mebibyte_and_not_one_byte_more(send, size, status):
    head, tail = b'{"name":"', b'"}'
    assert send(head + b"a" * (size - len(head) - len(tail)) + tail).status_code == status


@pytest.mark.parametrize(("over", "status"), [(0, 422), (1, 413)])
def test_I01_a_form_has_its_own_cap(app, opened, over, status):
    token = people.token(opened)["csrf_token"]
    room = FORM_LIMIT - len(f"csrf_token={token}&name=")
    answer = people.browser(app, opened).post(
        "/departments/new", data=f"csrf_token={token}&name=" + "a" * (room + over),
        content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status


@pytest.mark.parametrize(("parts", "status"), [(500, {303, 422}), (501, {413})])
def test_I01_a_form_of_parts_has_at_most_five_hundred(app, opened, parts, status):
    fields = [*people.token(opened).items(), *((f"x{at}", "1") for at in range(parts - 1))]
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                   for name, value in fields) + "--b--\r\n"
    answer = people.browser(app, opened).post(
        "/departments/new", data=body, content_type="multipart/form-data; boundary=b",
        headers={"X-CSRF-Token": people.token(opened)["csrf_token"]})
    assert answer.status_code in status


def deep(levels: int) -> bytes:
    return b'{"name":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize(("text", "status"), [
    (deep(DEEPEST), 422), (deep(DEEPEST + 1), 400), (b"[" * 100_000, 400),
    (json.dumps({"name": LARGEST_INTEGER}).encode(), 422),
    (json.dumps({"name": LARGEST_INTEGER + 1}).encode(), 400),
    (json.dumps({"name": -LARGEST_INTEGER}).encode(), 422),
    (json.dumps({"name": -LARGEST_INTEGER - 1}).encode(), 400),
    (b'{"name":' + b"9" * 5_000 + b"}", 400), (b'{"name":NaN}', 400), (b'{"name":Infinity}', 400),
    (b'{"name":-Infinity}', 400), (b'{"a":{"b":1,"b":1}}', 400), (b'{"name":"\\ud800"}', 400),
    (b'{"name":"a\\u0000"}', 400), (b"\xef\xbb\xbf{}", 400), ("{}".encode("utf-16"), 400),
    (b"", 400), (b"{}{}", 400), (b"{'name':1}", 400),
])
def test_I02_json_has_one_meaning_or_is_refused(send, text, status):
    answer = send(text)
    assert answer.status_code == status, answer.json
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/soap+xml",
                                  "text/plain", "application/x-www-form-urlencoded"])
def test_I06_nothing_but_json_is_read_as_a_body(app, opened, kind):
    laughs = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    answer = app.test_client().post(BASE, data=laughs, content_type=kind,
                                    headers={"Authorization": f"Bearer {opened.token}"})
    assert answer.status_code in (400, 415, 422) and "root:" not in answer.get_data(as_text=True)
