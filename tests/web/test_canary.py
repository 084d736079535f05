"""K01 and L02: what must stay secret is in no answer, address, log line or trail entry, however
often is asked; each act leaves its entry, and no entry holds a person's data."""

import io
import json
import logging
import re

import pytest
from sqlmodel import select

from app import logs
from app.commands import accounts
from app.commands.command import Reasoned
from app.domain.refusals import Refusal
from app.store.tables import TrailEntry
from app.store.tables_people import Account
from app.store.unit import read
from app.web import create_app
from app.web.lane import EVALUATION, mount
from tests import people
from tests.conftest import caller
from tests.decision_zone import body
from tests.web import everything

CANARIES = {"password": "Canary-Password-71-Xq", "subject": "11010119900101999X",
            "business": "CANARY-LOAN-0001", "reason": "卡纳里理由甲乙丙", "name": "卡纳里某"}
ASKED = 1_000


@pytest.fixture
def heard():
    """Everything logged, by any library, while the test runs."""
    stream = io.StringIO()
    logs.configure(stream)
    logging.getLogger("hufu").setLevel(logging.DEBUG)
    yield stream
    logs.configure()


class Watched:
    """The whole stack, and every answer it gave."""

    def __init__(self, rt, whole) -> None:
        self.app = mount(create_app(rt), rt)
        self.whole, self.count, self.leaks = whole, 0, []
        self.hidden = {"password": CANARIES["password"], "subject": CANARIES["subject"],
                       "credential": whole.zone.secret}
        self.account = people.enrolled(rt, "canary", "BIZ_REVIEW", password=CANARIES["password"])
        self.hidden["totp"] = self.account.secret
        self.opened = people.signed_in(rt, self.account, "127.0.0.1")
        self.hidden["session"] = self.opened.token

    def ask(self, client, method: str, address: str, **more) -> None:
        answer = client.open(address, method=method, **more)
        self.count += 1
        said = answer.get_data().decode("utf-8", "replace") + answer.headers.get("Location", "")
        self.leaks += [(address, name) for name, value in self.hidden.items() if value in said]

    def walk(self) -> None:
        """A round: every readable address, wrong sign-ins, decisions, refused and broken acts."""
        browser = people.browser(self.app, self.opened)
        for rule in self.app.url_map.iter_rules():
            if "GET" in rule.methods and rule.endpoint != "static":
                self.ask(browser, "GET", re.sub(r"<[^>]+>", "x", re.sub(
                    r"<any[^>]+>", "csv", rule.rule)))
        for secret in ("password", "totp", "session", "credential"):
            self.ask(browser, "POST", "/sign-in", data={
                "login": "canary", "password": self.hidden[secret], "code": "000000"})
            self.ask(self.app.test_client(), "POST", "/api/v1/session", json={
                "login": "canary", "password": self.hidden[secret], "code": "000000", "more": 1})
            self.ask(self.app.test_client(), "GET", "/api/v1/departments", headers={
                "Authorization": f"Bearer {self.hidden[secret]}x"})
        z = self.whole.zone
        asked = body(app=z.app.number, product=z.product.number, grant=z.grant.number,
                     business_ref=CANARIES["business"], purpose="X.MKT",
                     data_subject={"kind": "PERSON", "id": CANARIES["subject"]})
        for _ in range(40):
            self.ask(self.app.test_client(), "POST", EVALUATION, json=asked,
                     headers={"Authorization": f"Bearer {z.secret}"},
                     environ_base={"REMOTE_ADDR": "203.0.113.8"})


@pytest.mark.slow
def test_K01_no_secret_appears_in_a_thousand_answers_nor_in_the_logs(rt, heard, monkeypatch):
    watched = Watched(rt, everything.whole(rt))
    try:
        while watched.count < ASKED * 0.8:
            watched.walk()
        # The same while the product itself fails: traces are the place secrets leak from.
        monkeypatch.setattr(type(rt.staff), "permits", lambda *a: 1 / 0)
        while watched.count < ASKED:
            watched.walk()
    finally:
        watched.app.extensions["gate"].close()
    logged = heard.getvalue()
    assert watched.count >= ASKED and not watched.leaks, watched.leaks[:5]
    assert '"kind": "ZeroDivisionError"' in logged
    assert [json.loads(line) for line in logged.split("\n") if line]
    assert not [name for name, value in watched.hidden.items() if value in logged]


def test_L02_each_act_on_people_leaves_its_entry_and_no_personal_data(rt):
    sys, sec = caller("s1", "SYS_ADMIN"), caller("s2", "SEC_ADMIN")
    why = Reasoned(reason=CANARIES["reason"])
    made = accounts.create(rt, sys, accounts.NewAccount(
        login="canary", name=CANARIES["name"], roles=["OPS"]))
    accounts.grant_roles(rt, sec, made.id, accounts.GrantRoles())
    active = people.enrolled(rt, "canary.two", "OPS")
    accounts.suspend(rt, sec, active.id, why)
    with pytest.raises(Refusal):
        accounts.suspend(rt, caller("x", "OPS"), active.id, why)
    with read(rt) as session:
        entries = session.exec(select(TrailEntry).order_by(TrailEntry.seq)).all()
        assert session.get(Account, made.id).name == CANARIES["name"]
    told = b"".join(entry.body for entry in entries).decode()
    assert {"account.create", "account.grant_roles", "account.suspend"} <= {
        entry.kind for entry in entries}
    assert not [value for value in CANARIES.values() if value in told]


def test_L02_every_walk_of_the_zone_is_on_the_trail_without_what_people_wrote(rt):
    """Names, reasons and free texts of a whole zone: none stands in an entry."""
    whole = everything.whole(rt)
    with read(rt) as session:
        told = b"".join(session.exec(select(TrailEntry.body))).decode()
        kinds = set(session.exec(select(TrailEntry.kind)).all())
    for wrote in ("异常调用", "小微企业首贷审批", "核验纳税信用", "专网接入", whole.zone.secret,
                  "已核对", "年休假", "人员walker", "周某"):
        assert wrote not in told, wrote
    assert {"grant_case.create", "grant_case.submit", "grant_case.approve", "hold.place",
            "credential.create", "account.accept", "delegation.create", "evidence_pack.create",
            "session.open", "department.create", "onboarding_case.submit"} <= kinds
