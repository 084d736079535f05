"""Security keys over HTTP: the pages' forms, the JSON API, and what is due before anything else."""

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from app.commands import accounts, links
from app.domain.sign_ins import FRESH
from app.engines import one_time_codes
from tests import people
from tests.authenticator import Authenticator
from tests.conftest import caller

GOOD = "Quiet-Harbour-27-Lamp"
SYS, SEC = caller("s1", "SYS_ADMIN"), caller("s2", "SEC_ADMIN")
API = "/api/v1"


@pytest.fixture
def app(rt):
    return people.application(rt)


@pytest.fixture
def ops(rt):
    return people.enrolled(rt, "zhou", "OPS")


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def options(client, path: str, told: dict | None = None, headers: dict | None = None) -> dict:
    answer = client.post(f"{API}/{path}", json=told or {}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json["publicKey"]


def added(rt, app, account) -> tuple[Authenticator, dict]:
    """A key of the account and the headers of the session it was added in."""
    program, key = app.test_client(), Authenticator()
    headers = bearer(people.signed_in(rt, account, "127.0.0.1").token)
    made = key.make(options(program, "session/keys/challenge", {}, headers))
    answer = program.post(f"{API}/session/keys", json={"name": "蓝色密钥", "attestation": made},
                          headers=headers)
    assert answer.status_code == 201
    return key, headers


def invited(rt, role: str) -> str:
    made = accounts.create(rt, SYS, accounts.NewAccount(login="qian", name="钱某", roles=[role]))
    accounts.grant_roles(rt, SEC, made.id, accounts.GrantRoles())
    return urlsplit(made.detail["link"]).path


def test_a_program_adds_a_key_signs_in_confirms_and_removes_it(rt, app, ops):
    key, headers = added(rt, app, ops)
    program = app.test_client()
    told = {"login": ops.login, "password": ops.password}
    opened = program.post(f"{API}/session", json=told | {"assertion": key.answer(
        options(program, "session/challenge", {"login": ops.login}))})
    assert opened.status_code == 201
    mine = bearer(opened.json["token"])
    rt.clock.forward(seconds=FRESH.total_seconds())
    confirmed = key.answer(options(program, "session/factor/challenge", {}, mine))
    renewed = program.post(f"{API}/session/factor", json={"assertion": confirmed}, headers=mine)
    assert renewed.status_code == 201
    assert program.get(f"{API}/session", headers=mine).status_code == 401
    mine = bearer(renewed.json["token"])
    assert program.post(f"{API}/session/factor", json={"assertion": confirmed},
                        headers=mine).json["code"] == "ID.KEY_REFUSED"
    held = program.get(f"{API}/session/keys", headers=mine).json
    assert (held["codes"], held["key_is_due"], len(held["keys"])) == (True, False, 1)
    assert held["keys"][0]["name"] == "蓝色密钥"
    gone = program.delete(f"{API}/session/keys/{held['keys'][0]['id']}", headers=mine)
    assert gone.status_code == 204
    assert program.get(f"{API}/session/keys", headers=mine).json["keys"] == []


def test_a_program_accepts_an_invitation_with_a_key(rt, app):
    token, key = invited(rt, "APPROVER").rsplit("/", 1)[1], Authenticator()
    program = app.test_client()
    made = key.make(options(program, "invitations/challenge", {"token": token}))
    assert program.post(f"{API}/invitations/accept", json={
        "token": token, "password": GOOD, "attestation": made}).status_code == 204
    assert program.post(f"{API}/invitations/challenge", json={"token": token}).status_code == 404


@pytest.mark.parametrize("change", [
    {"assertion": None}, {"code": "123456"}, {"assertion": "x"}, {"assertion": {}},
    {"assertion": {"id": "a", "rawId": "a", "type": "password", "response": {}}},
    {"assertion": {"more": 1}}], ids=str)
def test_a_sign_in_with_both_none_or_a_misshapen_factor_says_what_to_mend(app, change):
    sent = Authenticator().answer({"challenge": "x" * 43, "rpId": "localhost"}, user="YQ")
    told = {"login": "zhou", "password": "hidden", "assertion": sent} | change
    answer = app.test_client().post(f"{API}/session", json=told)
    assert answer.status_code == 422 and "hidden" not in answer.text
    assert sent["response"]["signature"] not in answer.text


def test_the_pages_walk_from_invitation_to_a_second_key_and_back(rt, app):
    address, key = invited(rt, "APPROVER"), Authenticator()
    browser = people.browser(app)
    page = browser.get(address).text
    assert 'data-keys="create"' in page and "data-without-keys" in page
    token = address.rsplit("/", 1)[1]
    code = one_time_codes.code_now(links.invitation(rt, token).secret, rt.clock())
    told = {"password": GOOD, "again": GOOD, "offers_keys": "yes"}
    by_code = browser.post(address, data=told | {"code": code})
    assert by_code.status_code == 422
    made = key.make(options(browser, "invitations/challenge", {"token": token}))
    assert browser.post(address, data=told | {"key": json.dumps(made)}).status_code == 200

    signed = key.answer(options(browser, "session/challenge", {"login": "qian"}))
    entered = browser.post("/sign-in", data={"login": "qian", "password": GOOD, "next": "/me",
                                             "offers_keys": "yes", "key": json.dumps(signed)})
    assert (entered.status_code, entered.location) == (303, "/me")
    csrf = {"csrf_token": browser.get("/me").text.split('name="csrf_token" value="')[1][:43]}
    header = {"X-CSRF-Token": csrf["csrf_token"]}
    second = Authenticator().make(options(browser, "session/keys/challenge", {}, header))
    assert browser.post("/me/keys", data={"key": json.dumps(second), "name": "办公电脑"}
                        | csrf).location == "/me"
    page = browser.get("/me").text
    assert "办公电脑" in page
    first = page.split('action="/me/keys/')[1].split("/")[0]
    assert browser.post(f"/me/keys/{first}/remove", data=csrf).location == "/me"
    last = browser.get("/me").text
    assert "唯一的第二因素" in last and "/remove" not in last


def test_a_key_that_is_due_lets_nothing_through_but_its_enrolment(rt, app):
    boss = people.enrolled(rt, "sysadm", "SYS_ADMIN")
    browser = people.browser(app)
    browser.post("/sign-in", data={"login": boss.login, "password": boss.password,
                                   "code": people.code(rt, boss), "offers_keys": "yes"})
    assert browser.get("/accounts").location == "/me"
    assert browser.get("/me").status_code == 200
    api = browser.get(f"{API}/accounts", headers={"Accept": "application/json"})
    assert (api.status_code, api.json["code"]) == (403, "ID.KEY_DUE")
    token = browser.get("/me").text.split('name="csrf_token" value="')[1][:43]
    made = Authenticator().make(options(browser, "session/keys/challenge", {},
                                        {"X-CSRF-Token": token}))
    browser.post("/me/keys", data={"key": json.dumps(made), "csrf_token": token})
    assert browser.get("/accounts").status_code == 200


def test_a_refused_key_is_told_on_the_page_and_a_stale_session_confirms_first(rt, app, ops):
    opened = people.signed_in(rt, ops, "127.0.0.1")
    browser, csrf = people.browser(app, opened), people.token(opened)
    header = {"X-CSRF-Token": csrf["csrf_token"]}
    made = Authenticator().make(options(browser, "session/keys/challenge", {}, header),
                                origin="https://evil.example")
    for sent in (json.dumps(made), ""):
        assert browser.post("/me/keys", data={"key": sent} | csrf).status_code == 422
    rt.clock.forward(seconds=FRESH.total_seconds())
    assert "/step-up?next=/me" in browser.get("/me").text
    assert browser.post("/me/keys", data={"key": json.dumps(made)} | csrf
                        ).location == "/step-up?next=/me"
    assert browser.post("/me/keys/x/remove", data=csrf).location == "/step-up?next=/me"


@pytest.mark.parametrize("sent", ["{", "[]", "5", '{"id": "a", "id": "b"}', "[" * 40, '{"id": 1}'])
def test_a_misshapen_answer_of_a_page_is_refused_without_a_5xx(app, sent):
    answer = people.browser(app).post("/sign-in", data={"login": "zhou", "password": "x",
                                                        "key": sent})
    assert answer.status_code in (400, 422)


def test_A06_the_page_says_the_same_to_an_unknown_login_and_a_wrong_key(rt, app, ops):
    added(rt, app, ops)
    browser, pages = people.browser(app), []
    for login in (ops.login, "nobody"):
        signed = Authenticator().answer(options(browser, "session/challenge", {"login": login}),
                                        user="YQ")
        answer = browser.post("/sign-in", data={"login": login, "password": ops.password,
                                                "key": json.dumps(signed)})
        assert answer.status_code == 401
        pages.append(answer.text.split("<h1>")[1].split("<form")[0])
    assert pages[0] == pages[1]


def test_W04_a_page_reached_by_a_number_offers_no_keys(app):
    assert 'data-keys="get"' in app.test_client().get("/sign-in").text
    by_number = app.test_client().get("/sign-in", headers={"Host": "127.0.0.1:8420"})
    assert "data-keys" not in by_number.text


def test_W01_a_foreign_page_gets_no_challenge(app):
    answer = app.test_client().post(f"{API}/session/challenge", json={"login": "zhou"},
                                    headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_persona_of_the_demonstration_confirms_by_the_code_that_is_shown(rt, app):
    people.enrolled(rt, "approver", "APPROVER")
    rt.settings = replace(rt.settings, demo=True)
    browser = people.browser(app)
    ref = browser.get("/personas").text.split('action="/personas/')[1].split('"')[0]
    assert browser.post(f"/personas/{ref}").location == "/"
    assert browser.get("/").status_code == 200
    page = browser.get("/step-up?next=/me").text
    token = page.split('name="csrf_token" value="')[1][:43]
    code = page.split('<b class="mono">')[1][:6]
    assert browser.post("/step-up", data={"code": code, "next": "/me", "csrf_token": token}
                        ).location == "/me"
