"""Every address of the URL map, as strangers and signed-in people meet it: headers of every answer,
cookies, forms without their token, and reading that writes nothing."""

import hashlib
import re

import pytest
from sqlalchemy import text

from app.web import identity
from app.web.routes import action_of
from app.web.security_headers import FIXED
from tests import people

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# What reading leaves: when a session was used, how often was asked, and that a list was taken out.
TRACES = {"sign_in_session", "rate_counter", "trail_entry", "trail_head", "trail_stream"}


@pytest.fixture
def app(rt):
    return people.application(rt)


@pytest.fixture
def session(rt):
    return people.signed_in(rt, people.enrolled(rt, "business", "BIZ_REVIEW"), "127.0.0.1")


def addresses(app, methods: set[str], ref: str = "x"):
    """Every (method, address, action), each placeholder filled with a name nobody has."""
    for rule in app.url_map.iter_rules():
        filled = re.sub(r"<[^>]+>", ref, re.sub(r"<any[^>]+>", "csv", rule.rule))
        for method in sorted(rule.methods & methods):
            yield method, filled, action_of(app, rule.endpoint)


def answers(app, session, methods: set[str]):
    """What every address answers a signed-in person and a stranger, as page and as program."""
    for method, address, _ in addresses(app, methods):
        for opened in (session, None):
            for accept in ("text/html", "application/json"):
                client = people.browser(app, opened)
                yield method, address, client.open(address, method=method,
                                                   headers={"Accept": accept})
    for address in ("/no-such-page", "/static/none.css", "/departments/%00"):
        yield "GET", address, people.browser(app, session).get(address)
    yield "GET", "/ (foreign host)", people.browser(app).get("/", headers={"Host": "evil.example"})


def test_W02_W03_W04_A11_every_answer_is_locked_against_the_browsers_weaknesses(app, session):
    seen = set()
    for method, address, answer in answers(app, session, {"GET", *UNSAFE}):
        where, headers = (method, address, answer.status_code), answer.headers
        seen.add(answer.status_code)
        assert answer.status_code < 500 or address == "/readyz", where
        for name, value in FIXED.items():
            assert headers.get(name) == value, (where, name)
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'",
                "form-action 'self'"} <= set(policy) and "unsafe" not in str(policy), where
        if not address.startswith("/static/"):
            assert headers["Cache-Control"] == "no-store", where
        assert not [name for name, _ in headers if name.startswith("Access-Control-")], where
        for cookie in headers.getlist("Set-Cookie"):
            parts = set(cookie.split("; "))
            assert {"Secure", "Path=/"} <= parts and "Domain" not in cookie, (where, cookie)
            assert "SameSite=Strict" in parts, (where, cookie)
            assert cookie.startswith("hufu_") or (
                cookie.startswith("__Host-") and "HttpOnly" in parts), (where, cookie)
    assert {200, 303, 400, 401, 403, 404} <= seen


def test_W03_transport_security_lasts_a_year_and_nothing_is_referred():
    assert "max-age=31536000" in FIXED["Strict-Transport-Security"]
    assert (FIXED["X-Content-Type-Options"], FIXED["Referrer-Policy"],
            FIXED["Cross-Origin-Opener-Policy"]) == ("nosniff", "no-referrer", "same-origin")


@pytest.mark.parametrize("sent", [{}, {"csrf_token": ""}, {"csrf_token": "x" * 43},
                                  {"csrf_token": identity.csrf_of("another")}],
                         ids=["none", "empty", "guessed", "of another session"])
def test_W01_every_unsafe_address_refuses_a_form_without_the_sessions_token(app, session, sent):
    client, walked = people.browser(app, session), 0
    for method, address, _ in addresses(app, UNSAFE):
        answer = client.open(address, method=method, data=sent,
                             headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (403, "REQ.CSRF"), (method, address)
        walked += 1
    assert walked > 100


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"},
                                     {"Sec-Fetch-Site": "cross-site"}], ids=["origin", "site"])
def test_W01_every_unsafe_address_refuses_a_foreign_page_even_with_the_token(app, session, headers):
    client = people.browser(app, session)
    for method, address, _ in addresses(app, UNSAFE):
        answer = client.open(address, method=method, data=people.token(session),
                             headers={"Accept": "application/json", **headers})
        assert (answer.status_code, answer.json["code"]) == (403, "REQ.CROSS_SITE"), address


def contents(rt) -> dict[str, str]:
    """A digest of every table."""
    from sqlmodel import SQLModel

    found = {}
    with rt.db.reading() as connection:
        for name in SQLModel.metadata.tables:
            rows = connection.execute(text(f'SELECT * FROM "{name}"')).all()
            found[name] = hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
    return found


def kinds(rt) -> list[str]:
    with rt.db.reading() as connection:
        return list(connection.execute(text("SELECT kind FROM trail_entry ORDER BY seq")).scalars())


def test_W01_reading_any_address_changes_nothing_stored(rt, app, session):
    before, told = contents(rt), kinds(rt)
    for method in ("GET", "HEAD"):
        for _, address, _ in addresses(app, {method}):
            if address == "/sign-out":
                continue
            people.browser(app, session).open(address, method=method)
    after = contents(rt)
    assert {name for name in before if before[name] != after[name]} <= TRACES
    assert set(kinds(rt)[len(told):]) <= {"list.export"}


@pytest.mark.parametrize("ref", ["a%00b", "..%2F..%2Fetc", "%ff", "'%20OR%201=1--"])
def test_I08_what_has_no_shape_of_a_name_makes_no_address_fail(app, session, ref):
    for method, address, _ in addresses(app, {"GET", *UNSAFE}, ref):
        answer = people.browser(app, session).open(
            address, method=method, data=people.token(session) if method != "GET" else None)
        assert answer.status_code < 500, (method, address)
