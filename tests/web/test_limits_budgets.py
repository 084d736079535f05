"""Budgets of requests over HTTP: who spent one is told when to come back, and nobody else is."""

import io
import json
from dataclasses import replace

import pytest

from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.store.tables_people import RateCounter
from app.store.unit import begin
from app.web.budgets import network_of
from tests import people, zone
from tests.commands.test_decide_faults import full
from tests.conftest import START
from tests.decision_zone import LAW
from tests.web.test_acknowledging import Point

FEW = 20


def bounded(rt, **rates: int) -> None:
    rt.settings = replace(rt.settings, **rates)
    rt.clock.at = START


class Desk:
    """Somebody signed in, by browser and by program."""

    def __init__(self, rt, login: str = "business", *roles: str, **values) -> None:
        self.app = people.application(rt)
        self.opened = people.signed_in(rt, people.enrolled(rt, login, *(roles or ("BIZ_REVIEW",)),
                                                           **values))
        self.browser = people.browser(self.app, self.opened)
        self.headers = {"Authorization": f"Bearer {self.opened.token}", "Host": "localhost",
                        "Accept": "application/json"}

    def calls(self, path: str = "/api/v1/session", source: str = "127.0.0.1", **options):
        return self.app.test_client().get(path, headers=self.headers | options.pop("headers", {}),
                                          environ_base={"REMOTE_ADDR": source}, **options)

    def spends(self, most: int = FEW) -> None:
        for _ in range(most):
            assert self.calls().status_code == 200


def require_told(answer, whose: str, seconds: int) -> None:
    """Refused with the time to wait, in words and as a header."""
    assert answer.status_code == 429, answer.get_data(as_text=True)[:300]
    assert answer.headers["Retry-After"] == str(seconds)
    assert (answer.json["limited"], answer.json["code"]) == (whose, "RATE.LIMITED")
    assert f"请在 {seconds} 秒后再试" in answer.json["messages"]["zh"]
    assert f"come back in {seconds} s" in answer.json["messages"]["en"]


def test_an_account_that_asks_too_often_is_told_when_to_come_back(rt):
    desk, other = Desk(rt), Desk(rt, "colleague")
    bounded(rt, account_rate=FEW)
    desk.spends()
    rt.clock.forward(seconds=19, milliseconds=500)
    require_told(desk.calls(), "account", 41)
    other.spends()
    rt.clock.forward(seconds=40)
    require_told(desk.calls(), "account", 1)
    rt.clock.forward(seconds=1)
    desk.spends()


def test_pages_and_calls_of_an_account_are_one_budget(rt):
    desk = Desk(rt)
    bounded(rt, account_rate=FEW)
    desk.spends(FEW - 1)
    assert desk.browser.get("/me").status_code == 200
    page = desk.browser.get("/me")
    assert page.status_code == 429 and page.headers["Retry-After"] == "60"
    assert "本账号的请求过于频繁，请在 60 秒后再试" in page.get_data(as_text=True)
    english = desk.browser.get("/me", headers={"Accept-Language": "en"})
    assert english.status_code == 429
    assert desk.browser.get("/static/favicon.svg").status_code != 429


def test_refused_requests_of_a_stranger_count_for_the_source(rt):
    app = people.application(rt)
    bounded(rt, source_rate=FEW)

    def asks(source: str, path: str = "/departments", **headers: str):
        return app.test_client().get(path, headers={"Accept": "application/json", **headers},
                                     environ_base={"REMOTE_ADDR": source})

    for _ in range(FEW):
        answer = asks("198.51.100.7", Authorization="Bearer guessed")
        assert answer.status_code == 401
    require_told(asks("198.51.100.7", Authorization="Bearer guessed"), "source", 60)
    require_told(asks("198.51.100.7", "/nowhere"), "source", 60)
    page = asks("198.51.100.7", "/sign-in", Accept="text/html")
    assert page.status_code == 429
    assert "本网络地址的请求过于频繁，请在 60 秒后再试" in page.get_data(as_text=True)
    assert asks("198.51.100.8").status_code == 401
    assert asks("198.51.100.7", "/healthz").status_code == 200


def test_many_addresses_of_one_network_are_one_source():
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::4") == "2001:db8:1:3::/64"
    assert network_of("192.0.2.7") == "192.0.2.7" and network_of("") == ""


def test_people_of_an_institution_share_its_budget(rt):
    with begin(rt, SYSTEM) as act:
        bank, other = zone.institution(act), zone.institution(act)
    makers = [Desk(rt, f"maker{at}", "INST_MAKER", institution=bank.id) for at in range(2)]
    outside = Desk(rt, "outside", "INST_MAKER", institution=other.id)
    bounded(rt, institution_rate=FEW)
    for maker in makers:
        maker.spends(FEW // 2)
    for maker in makers:
        require_told(maker.calls(), "institution", 60)
    outside.spends()


def test_what_was_asked_keeps_nobody_from_an_emergency_stop(rt):
    officer = Desk(rt, "officer", "SEC_REVIEW")
    bounded(rt, account_rate=FEW, source_rate=FEW)
    officer.spends()
    assert officer.calls().status_code == 429
    for _ in range(FEW):
        assert officer.calls("/emergency-stop").status_code != 429
    require_told(officer.calls("/emergency-stop"), "source", 60)


def test_a_store_that_takes_nothing_still_answers_as_often_as_one_process_may(rt):
    desk = Desk(rt)
    bounded(rt, account_rate=FEW)
    lift = full(rt)
    try:
        desk.spends()
        assert desk.calls().status_code == 429
    finally:
        lift()


def test_who_asks_little_is_not_counted_in_the_store(rt):
    desk = Desk(rt)
    bounded(rt)
    desk.spends(30)
    with rt.db.reading() as connection:
        keys = set(connection.execute(RateCounter.__table__.select()).scalars())
    assert not {key for key in keys if key.startswith("budget/")}


# -- credentials ----------------------------------------------------------------------------------

@pytest.fixture
def point(rt):
    gate = Gate(rt, LAW)
    yield Point(rt, gate)
    gate.close()


def calls(point, path: str = "/api/v1/epoch", method: str = "GET", secret: str = ""):
    """Status, headers and body of what a credential is told."""
    started = []
    answer = point.app({
        "PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": "localhost",
        "wsgi.input": io.BytesIO(), "HTTP_AUTHORIZATION": f"Bearer {secret or point.zone.secret}",
    }, lambda status, headers: started.append((int(status[:3]), dict(headers))))
    return *started[0], json.loads(b"".join(answer))


@pytest.mark.parametrize("whose", ["credential", "institution"])
def test_a_credential_that_calls_too_often_is_told_when_to_come_back(rt, point, whose):
    bounded(rt, **{f"{whose}_rate": FEW})
    for _ in range(FEW):
        assert calls(point)[0] == 200
    rt.clock.forward(seconds=18)
    status, headers, said = calls(point, "/api/v1/receipts", "POST")
    assert (status, said["title"], headers["Retry-After"]) == (429, "Too Many Requests", "42")
    assert "请在 42 秒后再试 / " in said["detail"] and "come back in 42 s" in said["detail"]
    rt.clock.forward(seconds=42)
    assert calls(point)[0] == 200


def test_a_call_without_a_valid_credential_spends_nobodys_budget(rt, point):
    bounded(rt, credential_rate=FEW)
    for _ in range(2 * FEW):
        assert calls(point, secret=point.zone.secret + "0")[0] == 401
    assert calls(point)[0] == 200


def test_people_and_credentials_of_an_institution_share_its_budget(rt, point):
    desk = Desk(rt, "maker", "INST_MAKER", institution=point.zone.institution.id)
    bounded(rt, institution_rate=FEW)
    desk.spends(FEW - 1)
    assert [calls(point)[0] for _ in range(2)] == [200, 429]
    require_told(desk.calls(), "institution", 60)


def test_decisions_have_a_budget_of_their_own(rt, point):
    bounded(rt, credential_rate=1, institution_rate=1)
    for _ in range(3):
        point.permit()
    assert calls(point)[0] == 200, "decisions spend nothing of calls"
    assert calls(point)[0] == 429
    point.permit()
