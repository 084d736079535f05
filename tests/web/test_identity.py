"""Who is asking, over HTTP: cookies, tokens of forms, origins, hosts, redirects, step-up."""

import itertools
import re
from urllib.parse import urlsplit

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from app.commands import accounts, links
from app.commands.command import commands
from app.domain.sign_ins import IDLE
from app.engines import one_time_codes
from app.web import hosts, identity
from app.web.routes import action_of
from tests import people
from tests.conftest import caller

GOOD = "Quiet-Harbour-27-Lamp"
SYS, SEC = caller("s1", "SYS_ADMIN"), caller("s2", "SEC_ADMIN")


@pytest.fixture
def app(rt):
    return people.application(rt)


@pytest.fixture
def boss(rt):
    return people.enrolled(rt, "sysadm", "SYS_ADMIN")


@pytest.fixture
def session(rt, boss):
    return people.signed_in(rt, boss, "127.0.0.1")


@pytest.fixture
def client(app, session):
    return people.browser(app, session)


def form(rt, account, **changes) -> dict:
    return {"login": account.login, "password": account.password,
            "code": people.code(rt, account), **changes}


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def test_A03_no_page_but_the_entrance_opens_without_both_factors(app):
    stranger = people.browser(app)
    for rule in app.url_map.iter_rules():
        if action_of(app, rule.endpoint) == "public":
            continue
        address = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = stranger.open(address, method=method)
            assert answer.status_code in (303, 401, 404), (method, address, answer.status_code)
            if answer.status_code == 303:
                assert urlsplit(answer.location).path == "/sign-in"


def test_signing_in_leads_to_the_wanted_page_with_a_locked_cookie(rt, app, boss):
    browser = people.browser(app)
    assert browser.get("/accounts").location == "/sign-in?next=/accounts"
    answer = browser.post("/sign-in", data=form(rt, boss, next="/accounts"))
    assert (answer.status_code, answer.location) == (303, "/accounts")
    assert browser.get("/accounts").status_code == 200


def test_A11_every_cookie_is_secure_and_out_of_reach_of_scripts_and_other_sites(rt, app, boss):
    browser = people.browser(app)
    answers = [browser.get("/sign-in"), browser.post("/sign-in", data=form(rt, boss)),
               browser.get("/me")]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    session = [cookie for cookie in cookies if cookie.startswith("__Host-hufu=")]
    assert len(session) == 1
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_A06_the_page_says_the_same_to_unknown_and_wrong(rt, app, boss):
    browser = people.browser(app)
    wrong = browser.post("/sign-in", data=form(rt, boss, password="x"))
    unknown = browser.post("/sign-in", data=form(rt, boss, login="nobody"))
    hidden = re.compile(r'value="[^"]*"|nonce="[^"]*"')
    assert wrong.status_code == unknown.status_code == 401
    assert hidden.sub("", wrong.text) == hidden.sub("", unknown.text)
    assert "x" != boss.password and boss.password not in wrong.text


def test_A09_the_old_cookie_is_dead_after_sign_out(app, client, session):
    assert client.get("/me").status_code == 200
    client.post("/sign-out", data=people.token(session))
    assert people.browser(app, session).get("/me").status_code == 303


def test_A09_a_session_id_of_ones_own_choice_is_not_taken(rt, app, boss):
    browser = people.browser(app)
    browser.set_cookie(identity.COOKIE, "chosen-by-another", domain="localhost")
    chosen = {"csrf_token": identity.csrf_of("chosen-by-another")}
    answer = browser.post("/sign-in", data=form(rt, boss) | chosen)
    assert "chosen-by-another" not in answer.headers["Set-Cookie"]
    again = people.browser(app)
    again.set_cookie(identity.COOKIE, "chosen-by-another", domain="localhost")
    assert again.get("/me").status_code == 303


def test_A10_use_keeps_a_session_idleness_ends_it(rt, client):
    for _ in range(3):
        rt.clock.forward(seconds=IDLE.total_seconds() - 1)
        assert client.get("/me").status_code == 200
    rt.clock.forward(seconds=IDLE.total_seconds())
    assert client.get("/me").status_code == 303


def test_A12_a_high_act_asks_for_the_factor_again_and_returns(rt, app, client, session, boss):
    other = people.enrolled(rt, "zhou", "OPS")
    act = {"reason": "离岗", **people.token(session)}
    rt.clock.forward(minutes=5)
    asked = client.post(f"/accounts/{other.id}/suspend", data=act)
    assert asked.status_code == 403 and 'name="_code"' in asked.text
    api = client.post(f"/api/v1/accounts/{other.id}/suspend", json={"reason": "离岗"},
                      headers=bearer(session.token))
    assert (api.status_code, api.json["code"]) == (403, "ID.FACTOR_NEEDED")
    wrong = client.post("/step-up", data={"code": "0", **people.token(session)})
    assert wrong.status_code == 401
    right = client.post("/step-up", data={"code": people.code(rt, boss), **people.token(session),
                                          "next": f"/accounts/{other.id}#do-suspend"})
    assert right.location == f"/accounts/{other.id}#do-suspend"
    token = right.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert token != session.token
    renewed = {"reason": "离岗", "csrf_token": identity.csrf_of(token)}
    assert client.post(f"/accounts/{other.id}/suspend", data=renewed).location.startswith(
        "/accounts")


UNSAFE = ["/sign-out", "/me/password", "/me/acting", "/step-up", "/accounts/x/suspend",
          "/accounts/new", "/delegations/x/accept", "/api/v1/accounts", "/api/v1/session/factor"]


def test_W01_without_the_token_of_the_session_nothing_is_done(client):
    wrong = ({}, {"csrf_token": ""}, {"csrf_token": identity.csrf_of("another")})
    for address, data in itertools.product(UNSAFE, wrong):
        answer = client.post(address, data=data, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (403, "REQ.CSRF"), address
    assert client.get("/me").status_code == 200


FOREIGN = (
    {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    {"Origin": "https://localhost.evil.example"}, {"Origin": "http://[bad"},
    {"Origin": "http://localhost:81"}, {"Origin": "ftp://localhost"},
)


def test_W01_a_foreign_origin_is_refused_even_with_the_token(app, session):
    client = people.browser(app, session)
    for headers in FOREIGN:
        answer = client.post("/sign-out", data=people.token(session),
                             headers={"Accept": "application/json", **headers})
        assert (answer.status_code, answer.json["code"]) == (403, "REQ.CROSS_SITE"), headers
    assert client.get("/me").status_code == 200


def test_W01_a_cookie_without_any_word_on_its_origin_is_refused(app, session):
    bare = app.test_client()
    bare.set_cookie(identity.COOKIE, session.token, domain="localhost")
    answer = bare.post("/sign-out", data=people.token(session))
    assert answer.status_code == 403


def test_W01_a_foreign_page_cannot_sign_its_visitor_in(rt, app, boss):
    answer = people.browser(app).post("/sign-in", data=form(rt, boss),
                                      headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers


def test_W01_our_own_forms_work_where_the_browser_hides_their_origin(app, session):
    client = people.browser(app, session)
    answer = client.post("/sign-out", data=people.token(session), headers={"Origin": "null"})
    assert answer.status_code == 303


def test_W01_the_header_carries_the_token_where_there_is_no_form(client, session):
    token = people.token(session)["csrf_token"]
    answer = client.post("/api/v1/session/acting", json={"delegation": ""},
                         headers={"X-CSRF-Token": token})
    assert (answer.status_code, answer.json["token"]) == (201, "")
    assert identity.COOKIE in answer.headers["Set-Cookie"]


def test_W01_a_bearer_is_judged_by_its_token_alone(app, session):
    program = app.test_client()
    assert program.post("/api/v1/session/acting", json={"delegation": ""},
                        headers=bearer(session.token)).status_code == 201
    cookie = people.browser(app, session)
    assert cookie.get("/api/v1/session", headers=bearer("wrong")).status_code == 401


def test_W04_an_unknown_host_is_refused(app):
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "[::bad"):
        assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 400
    for host in ("localhost", "localhost:8420", "127.0.0.1:8420"):
        assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("hops", "forwarded", "seen"), [
    (0, "203.0.113.9", "127.0.0.1"), (1, "203.0.113.9", "203.0.113.9"),
    (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"), (2, "6.6.6.6, 203.0.113.9, 10.0.0.1",
                                                "203.0.113.9"),
    (2, "203.0.113.9", "127.0.0.1"), (1, "not an address", "127.0.0.1"), (1, "", "127.0.0.1"),
])
def test_W04_a_forged_forwarded_address_is_ignored(hops, forwarded, seen):
    asked = Request(EnvironBuilder(headers={"X-Forwarded-For": forwarded}, environ_base={
        "REMOTE_ADDR": "127.0.0.1"}).get_environ())
    assert hosts.source_of(asked, hops) == seen


ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/no/such",
    "javascript:alert(1)", "/\t/evil.example", "/sign-out", "", "///evil.example", "/%0d%0aX: y",
)


def test_W06_a_redirect_leads_to_a_page_of_ours_or_home(rt, app, boss):
    for target in ELSEWHERE:
        rt.clock.forward(seconds=30)
        answer = people.browser(app).post("/sign-in", data=form(rt, boss, next=target))
        assert (answer.status_code, answer.location) == (303, "/"), target


def test_W06_a_page_of_ours_keeps_its_query_and_its_place(app):
    with app.test_request_context("/"):
        assert identity.own_page("/accounts?q=%E5%BC%A0&page=2#do-x") == \
            "/accounts?q=%E5%BC%A0&page=2#do-x"


def test_an_invitation_is_walked_from_link_to_session(rt, app):
    made = accounts.create(rt, SYS, accounts.NewAccount(login="qian", name="钱某",
                                                        roles=["APPROVER"]))
    accounts.grant_roles(rt, SEC, made.id, accounts.GrantRoles())
    address = urlsplit(made.detail["link"]).path
    browser = people.browser(app)
    page = browser.get(address)
    assert page.status_code == 200 and "data:image/svg+xml" in page.text
    secret = links.invitation(rt, address.rsplit("/", 1)[1]).secret
    assert secret in page.text

    def answer(**changes):
        return browser.post(address, data={
            "password": GOOD, "again": GOOD,
            "code": one_time_codes.code_now(secret, rt.clock()), **changes})

    for changes in ({"again": "other"}, {"password": "password1", "again": "password1"},
                    {"code": "000000"}):
        refused = answer(**changes)
        assert refused.status_code == 422 and GOOD not in refused.text
    assert answer().status_code == 200
    assert browser.get(address).status_code == 404
    rt.clock.forward(seconds=30)
    entered = browser.post("/sign-in", data={
        "login": "qian", "password": GOOD, "code": one_time_codes.code_now(secret, rt.clock())})
    assert entered.status_code == 303


def test_A08_the_first_administrators_are_named_in_a_page_once(rt, app):
    from app.commands.first_administrators import first_link

    address = urlsplit(first_link(rt)).path
    browser = people.browser(app)
    assert browser.get(address).status_code == 200
    told = {f"{seat}_{part}": value for seat, name in (("sys", "李某"), ("sec", "王某"),
                                                       ("aud", "赵某"))
            for part, value in (("login", f"{seat}.one"), ("name", name))}
    assert browser.post(address, data=told | {"sys_login": "!"}).status_code == 422
    named = browser.post(address, data=told)
    assert named.status_code == 200 and named.text.count("/invitations/") == 3
    assert browser.post(address, data=told).status_code in (403, 404)
    assert browser.get(address).status_code == 404


def test_a_due_password_lets_nothing_through_but_its_change(rt, app, boss):
    rt.clock.forward(days=90)
    opened = people.signed_in(rt, boss)
    client = people.browser(app, opened)
    assert client.get("/accounts").location == "/me"
    api = client.get("/api/v1/accounts", headers=bearer(opened.token))
    assert (api.status_code, api.json["code"]) == (403, "ID.PASSWORD_DUE")
    answer = client.post("/me/password", data={"present": boss.password, "password": GOOD,
                                               "again": GOOD, **people.token(opened)})
    assert answer.status_code == 303 and client.get("/accounts").status_code == 200


def test_a_program_signs_in_acts_and_signs_out_with_a_bearer_token(rt, app, boss):
    program = app.test_client()
    opened = program.post("/api/v1/session", json={
        "login": boss.login, "password": boss.password, "code": people.code(rt, boss)})
    assert opened.status_code == 201 and "Set-Cookie" not in opened.headers
    headers = bearer(opened.json["token"])
    assert program.get("/api/v1/session", headers=headers).json["roles"] == ["SYS_ADMIN"]
    assert program.get("/api/v1/accounts", headers=headers).json["total"] == 1
    assert program.delete("/api/v1/session", headers=headers).status_code == 204
    assert program.get("/api/v1/session", headers=headers).status_code == 401


def test_a_malformed_sign_in_says_what_to_mend_and_shows_no_value(app):
    whole = {"login": "a", "password": "hidden", "code": "c"}
    for body in ({}, {"login": 5}, whole | {"more": 1}, whole | {"code": "c" * 9}, [], "x", None):
        answer = app.test_client().post("/api/v1/session", json=body)
        assert answer.status_code in (400, 422)
        assert answer.content_type == "application/problem+json" and "hidden" not in answer.text


def test_Z09_an_auditor_can_use_no_command_but_their_own(rt):
    own = {"finding", "audit_run", "audit_plan", "evidence_pack", "exit_case", "export"}
    used = {noun for noun, action in commands() if rt.staff.covers({"AUDITOR"}, noun, action)}
    assert used <= own


def test_Z09_every_writing_address_refuses_an_auditor(rt, app):
    opened = people.signed_in(rt, people.enrolled(rt, "auditor", "AUDITOR"))
    program = app.test_client()
    for (noun, action), command in commands().items():
        if rt.staff.covers({"AUDITOR"}, noun, action):
            continue
        from app.web.routes import plural

        tail = "" if action == "create" else f"/{action.replace('_', '-')}"
        address = f"/api/v1/{plural(noun)}" + (tail if command.creates else f"/x{tail}")
        answer = program.post(address, json={}, headers=bearer(opened.token))
        assert answer.status_code in (403, 422), (address, answer.status_code)


def test_K01_no_answer_repeats_a_password_a_secret_or_a_token(rt, app, client, session, boss):
    for address in ("/me", "/accounts", f"/accounts/{boss.id}", "/roles", "/persons",
                    "/api/v1/accounts", f"/api/v1/accounts/{boss.id}", "/api/v1/session"):
        text = client.get(address).text
        for hidden in (boss.password, boss.secret, session.token, "argon2", "aes-256-gcm"):
            assert hidden not in text, address


def test_K01_a_one_time_link_is_shown_in_the_answer_and_kept_in_no_cookie(rt, app, client, session):
    made = client.post("/accounts/new", data={"login": "zhou", "name": "周某", "roles": "OPS",
                                              **people.token(session)})
    assert made.status_code == 200 and made.text.count("/invitations/") == 1
    assert not made.headers.getlist("Set-Cookie")
    again = client.post("/accounts/zhou/invite", data={"reason": "链接遗失",
                                                       **people.token(session)})
    assert again.status_code == 200 and again.text.count("/invitations/") == 1
    assert "/invitations/" not in client.get("/accounts/zhou").text


def test_ones_own_page_declares_interests_and_says_what_is_unknown(rt, app, client, session):
    refused = client.post("/me/interests", data={"interests": "nowhere\n",
                                                 **people.token(session)})
    assert refused.status_code == 422 and "nowhere" not in refused.text
    assert client.post("/me/interests", data={"interests": "", **people.token(session)}
                       ).status_code == 303
    program = app.test_client()
    assert program.put("/api/v1/session/interests", json={"interests": []},
                       headers=bearer(session.token)).json == {"interests": []}


def test_the_one_who_confirms_reads_by_name_who_signed(rt, app):
    accounts.create(rt, SYS, accounts.NewAccount(login="qian", name="钱某", roles=["OPS"]))
    second = people.enrolled(rt, "secadm", "SEC_ADMIN")
    client = people.browser(app, people.signed_in(rt, second, "127.0.0.1"))
    page = client.get("/accounts/qian").text
    assert re.search("已签署：[^，:<]+[<。]", page.replace("\n", "")), page
    assert "已签署：make" not in page
