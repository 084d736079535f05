"""Every answer carries the content policy and the browser's other locks (W02, W03)."""

import re

import pytest
from flask import Flask, abort

from app.web import security_headers
from tests.web.styleguide import create

ANSWERS = ["/", "/list", "/drawer", "/no-such-page", "/fault/500", "/static/css/tokens.css"]


@pytest.fixture(scope="module")
def client():
    return create().test_client()


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_carries_every_header(client, path):
    headers = client.get(path).headers
    for name, value in security_headers.FIXED.items():
        assert headers[name] == value
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert re.fullmatch(r"'nonce-\w+'", policy["script-src"])
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_pages_are_never_kept_and_marked_files_always(client):
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/no-such-page").headers["Cache-Control"] == "no-store"
    assert client.get("/static/css/tokens.css").headers["Cache-Control"] == "no-cache"
    marked = client.get("/static/css/tokens.css?v=1").headers["Cache-Control"]
    assert marked == "public, max-age=31536000, immutable"
    assert client.get("/static/none.css?v=1").headers["Cache-Control"] == "no-store"


def test_the_nonce_of_the_page_is_the_nonce_of_its_policy_and_is_new_each_time():
    count = iter(range(100))
    app = Flask("nonces")
    security_headers.register(app, lambda: f"n{next(count)}")
    app.add_url_rule("/", view_func=lambda: app.jinja_env.globals["nonce"]())
    app.add_url_rule("/bad", endpoint="bad", view_func=lambda: abort(400))
    client = app.test_client()
    for _ in range(2):
        answer = client.get("/")
        assert f"'nonce-{answer.text}'" in answer.headers["Content-Security-Policy"]
    assert "'nonce-n2'" in client.get("/bad").headers["Content-Security-Policy"]
