"""The second factor confirmed inside the form of a high act: nothing typed is lost by it."""

import re

import pytest

from app.queries.accounts import account
from app.web import identity
from tests import people
from tests import zone as rows
from tests.authenticator import Authenticator
from tests.conftest import caller

WHY = "离岗交接，停用账号（第 3 号单）"


@pytest.fixture
def boss(rt):
    return people.enrolled(rt, "qian", "SYS_ADMIN", "SEC_ADMIN")


@pytest.fixture
def tired(rt, boss):
    """A session whose factor was confirmed too long ago, as a browser and its form token."""
    opened = people.signed_in(rt, boss)
    rt.clock.forward(minutes=5)
    return people.browser(people.application(rt), opened), people.token(opened)


@pytest.fixture
def suspend(rt):
    return f"/accounts/{people.enrolled(rt, 'zhou', 'OPS').id}/suspend"


def dialog(page: str) -> str:
    """The dialog a page opens by itself."""
    return re.search(r"<dialog[^>]*data-open.*?</dialog>", page, re.DOTALL)[0]


def renewed(answer) -> dict:
    """The form token of the session an answer carries."""
    token = next(line for line in answer.headers.getlist("Set-Cookie")
                 if line.startswith(identity.COOKIE + "="))
    return {"csrf_token": identity.csrf_of(token.partition("=")[2].partition(";")[0])}


def state(rt, address: str) -> str:
    return account(rt, caller("s", "SYS_ADMIN"), address.split("/")[2]).state


def test_A12_a_high_act_without_the_factor_keeps_what_was_typed(rt, tired, suspend):
    client, token = tired
    shown = client.post(suspend, data={"reason": WHY, **token})
    again = dialog(shown.text)
    assert shown.status_code == 403 and WHY in again
    assert 'name="_code"' in again and state(rt, suspend) == "ACTIVE"


def test_A12_the_factor_and_the_act_come_in_one_form(rt, tired, boss, suspend):
    client, token = tired
    done = client.post(suspend, data={"reason": WHY, "_code": people.code(rt, boss), **token})
    assert done.status_code == 303 and state(rt, suspend) == "SUSPENDED"
    assert renewed(done) != token
    assert client.get("/me").status_code == 200


def test_A12_a_wrong_code_keeps_what_was_typed_and_never_the_code(rt, tired, boss, suspend):
    client, token = tired
    wrong = people.wrong(people.code(rt, boss))
    shown = client.post(suspend, data={"reason": WHY, "_code": wrong, **token})
    again = dialog(shown.text)
    assert shown.status_code == 403 and state(rt, suspend) == "ACTIVE"
    assert WHY in again and wrong not in shown.text and "notice red" in again
    assert client.post(suspend, data={"reason": WHY, "_code": people.code(rt, boss),
                                      **token}).status_code == 303


def test_A12_an_act_refused_after_the_factor_keeps_both(rt, tired, boss, suspend):
    client, token = tired
    shown = client.post(suspend, data={"reason": "x", "_code": people.code(rt, boss), **token})
    again = dialog(shown.text)
    assert shown.status_code == 422 and "_code" not in again
    fresh = renewed(shown)
    assert fresh["csrf_token"] in again
    assert client.post(suspend, data={"reason": WHY, **fresh}).status_code == 303
    assert state(rt, suspend) == "SUSPENDED"


def test_A12_a_form_that_creates_keeps_what_was_typed(tired, boss, rt):
    client, token = tired
    typed = {"login": "sun", "name": "孙某某", "roles": "OPS", **token}
    shown = client.post("/accounts/new", data=typed)
    assert shown.status_code == 403 and "孙某某" in shown.text and 'name="_code"' in shown.text
    made = client.post("/accounts/new", data={**typed, "_code": people.code(rt, boss)})
    assert made.status_code in (200, 303) and renewed(made) != token


def test_A12_an_emergency_stop_keeps_what_was_typed(rt):
    institution = rows.tiny(rt).institution.number
    officer = people.enrolled(rt, "feng", "SEC_REVIEW")
    opened = people.signed_in(rt, officer)
    rt.clock.forward(minutes=5)
    client, token = people.browser(people.application(rt), opened), people.token(opened)
    typed = {"link": "institution", "object": institution, "kind": "EMERGENCY", "reason": WHY,
             **token}
    shown = client.post("/emergency-stop", data=typed)
    assert shown.status_code == 403 and WHY in shown.text and 'name="_code"' in shown.text
    done = client.post("/emergency-stop", data={**typed, "_code": people.code(rt, officer)})
    assert done.status_code == 303 and "/emergency-stop/HOLD-" in done.location


def test_A12_a_password_is_changed_with_the_factor_in_the_same_form(rt, tired, boss):
    client, token = tired
    page = client.get("/me").text
    assert page.count('name="_code"') == 1
    new = "Quiet-Harbour-27-Lamp"
    typed = {"present": boss.password, "password": new, "again": new, **token}
    refused = client.post("/me/password", data=typed)
    assert refused.status_code == 403 and new not in refused.text
    done = client.post("/me/password", data={**typed, "_code": people.code(rt, boss)})
    assert (done.status_code, done.location) == (303, "/me")
    assert client.get("/me").status_code == 200


def test_A12_who_has_a_key_is_asked_for_it_where_the_form_is_sent(rt, tired, boss, suspend):
    client, _ = tired
    program, key = people.application(rt).test_client(), Authenticator()
    headers = {"Authorization": f"Bearer {people.signed_in(rt, boss).token}"}
    asked = program.post("/api/v1/session/keys/challenge", json={}, headers=headers)
    program.post("/api/v1/session/keys", headers=headers, json={
        "attestation": key.make(asked.json["publicKey"])})
    opened = people.browser(people.application(rt))
    told = program.post("/api/v1/session/challenge", json={"login": boss.login}).json
    opened.set_cookie(identity.COOKIE, program.post("/api/v1/session", json={
        "login": boss.login, "password": boss.password,
        "assertion": key.answer(told["publicKey"])}).json["token"], domain="localhost",
        secure=True)
    rt.clock.forward(minutes=5)
    page = opened.get(suspend.rpartition("/")[0]).text
    assert "data-on-submit" in page and 'name="_code"' not in page
