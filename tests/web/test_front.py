"""The front: pages over ASGI hear what they would hear over WSGI, and nothing forged."""

import io
from types import SimpleNamespace

import pytest

from app.commands.decide import Gate
from app.web.front import Front
from app.web.gateways import Gateways
from app.web.lane import Lane
from tests.web.over_asgi import called


@pytest.fixture
def heard():
    """What reaches the WSGI application of a call, and what it answers: its body, backwards."""
    environs: list[dict] = []

    def application(environ, start_response):
        body = environ["wsgi.input"].read()
        environs.append({**environ, "body": body})
        start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"),
                                  ("Set-Cookie", "b=2")])
        return [body[::-1][:4], body[::-1][4:]]

    application.evaluations = {}
    front = Front(SimpleNamespace(wsgi_app=application))

    def call(headers=(), **changes):
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/pages", "REMOTE_ADDR": "203.0.113.8",
                   "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO(b""), **changes}
        scoped = Extra(front, headers)
        return called(scoped, environ), environs[-1]

    return call


class Extra:
    """A front whose calls carry headers that no environ can hold."""

    def __init__(self, front: Front, headers) -> None:
        self.front, self.headers = front, headers

    async def __call__(self, scope, receive, send) -> None:
        await self.front({**scope, "headers": [*scope["headers"], *self.headers]}, receive, send)


def test_a_body_of_many_blocks_arrives_whole_and_goes_back_whole(heard):
    body = bytes(range(256)) * 2_000
    (status, _, text), environ = heard(**{"wsgi.input": io.BytesIO(body),
                                          "CONTENT_LENGTH": str(len(body))})
    assert (status, environ["body"], text) == (200, body, body[::-1])


def test_a_name_with_an_underscore_is_not_taken_for_the_one_with_a_hyphen(heard):
    _, environ = heard([(b"x_client_app", b"forged")], HTTP_X_CLIENT_APP="APP-000012")
    assert environ["HTTP_X_CLIENT_APP"] == "APP-000012"
    _, environ = heard([(b"x_client_app", b"forged")])
    assert "HTTP_X_CLIENT_APP" not in environ


def test_crumbs_of_a_cookie_are_one_cookie(heard):
    _, environ = heard([(b"cookie", b"a=1"), (b"cookie", b"b=2")])
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


@pytest.mark.parametrize(("sent", "read"), [
    ("q=%E4%B8%AD&a=b", "q=%E4%B8%AD&a=b"), ("q=\xe4\xb8", "q=%E4%B8"), ("a=~!*'()", "a=~!*'()")])
def test_a_query_is_ascii_and_says_the_same(heard, sent, read):
    _, environ = heard(QUERY_STRING=sent)
    assert environ["QUERY_STRING"] == read


def test_the_peer_the_host_and_the_end_of_input_are_told(heard):
    _, environ = heard()
    assert (environ["REMOTE_ADDR"], environ["HTTP_HOST"]) == ("203.0.113.8", "localhost")
    assert environ["wsgi.input_terminated"] is True


@pytest.mark.parametrize(("path", "status"), [("/gw/nginx", 401), ("/gw/envoy/x", 401),
                                              ("/v1/data/gateway/decision", 401)])
def test_a_gateways_call_is_heard_on_the_loop(rt, path, status):
    """No thread hears it, and the answer is the adapter's own."""
    gate = Gate(rt).start()

    def behind(environ, start_response):
        raise AssertionError("a thread heard it")

    front = Front(SimpleNamespace(wsgi_app=Lane(Gateways(behind, gate), gate)))
    front.behind = behind
    try:
        answer = called(front, {
            "REQUEST_METHOD": "POST", "PATH_INFO": path, "REMOTE_ADDR": "203.0.113.8",
            "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"{}")})
    finally:
        gate.close()
    assert answer[0] == status
