"""A security key in a real browser: enrolled at the invitation, signing in, confirming, replaced.

Chromium's virtual authenticator stands for the key; what it answers, the browser itself made.
"""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app import runtime
from app.commands.first_administrators import FirstAdministrators, create_first
from app.domain.sign_ins import FRESH
from app.engines.one_time_codes import STEP_S, code_at
from app.queries.trail_check import recompute
from app.runtime import utc_now
from app.store.tables_people import SignInSession
from tests.journeys.processes import zone
from tests.web.browser import chromium, complaints, open_browser, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow,
              pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")]
PASSWORD = "Quiet-Harbour-27-Lamp"
KEY = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal",
       "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
       "automaticPresenceSimulation": True}
FIRST = FirstAdministrators(sys_login="li.sys", sys_name="李某", sec_login="wang.sec",
                            sec_name="王某", aud_login="zhao.aud", aud_name="赵某")


class Person:
    """Somebody at a browser with keys that can be plugged in and out."""

    def __init__(self, browser, url: str, without: bool = False):
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.set_default_timeout(20_000)
        if without:
            context.add_init_script("delete window.PublicKeyCredential")
        self.url, self.page = url, context.new_page()
        self.seen = watch(self.page)
        self.cdp = context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")

    def plug(self) -> str:
        return self.cdp.send("WebAuthn.addVirtualAuthenticator",
                             {"options": KEY})["authenticatorId"]

    def unplug(self, key: str) -> None:
        self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})

    def copied(self, key: str) -> None:
        """The key's counter falls behind, as that of a copy would."""
        held = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": key})
        for one in held:
            self.cdp.send("WebAuthn.addCredential", {
                "authenticatorId": key, "credential": one | {"signCount": 0}})

    def visit(self, path: str) -> None:
        self.page.goto(self.url + path)

    def signs_in(self, login: str, code: str = "") -> None:
        self.visit("/sign-in")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", PASSWORD)
        if code:
            self.page.fill("[name=code]", code)
            self.page.click("main form button:has-text('登录'):not([data-key])")
        else:
            self.page.click("button[data-key]")

    def sets_password(self) -> None:
        self.page.fill("[name=password]", PASSWORD)
        self.page.fill("[name=again]", PASSWORD)


def time_passes(running) -> None:
    """Every session last confirmed its factor too long ago for a high act."""
    rt = runtime.build(running.settings)
    with rt.db.writing() as connection:
        connection.execute(update(SignInSession).values(factor_at=utc_now() - FRESH))
    rt.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A zone whose first administrators are named, their links, and a browser."""
    links = {}

    def fill(rt):
        for one in create_first(rt, FIRST):
            links[one.login] = "/invitations/" + one.link.rsplit("/", 1)[1]

    folder = tmp_path_factory.mktemp("keys")
    with zone(folder / "zone", fill=fill) as running, open_browser(folder) as browser:
        yield running, links, browser


def test_A03_an_administrator_walks_with_a_key_from_invitation_to_replacement(world):
    running, links, browser = world
    me = Person(browser, running.url)
    page, first = me.page, me.plug()
    me.visit(links["li.sys"])
    expect(page.locator("button[data-key]")).to_be_visible()
    expect(page.locator("[name=code]")).to_be_hidden()
    expect(page.locator("img")).to_be_hidden()
    assert not complaints(page)
    me.sets_password()
    page.click("button[data-key]")
    expect(page.locator("h1")).to_have_text("已就绪")

    me.signs_in("li.sys")
    page.wait_for_url(f"{me.url}/")
    me.visit("/step-up?next=/accounts")
    expect(page.locator("[name=code]")).to_have_count(0)
    assert not complaints(page)
    page.click("button[data-key]")
    page.wait_for_url(f"{me.url}/accounts")

    me.visit("/me")
    expect(page.get_by_text("唯一的第二因素")).to_be_visible()
    assert not complaints(page)
    page.fill("[name=name]", "办公电脑")
    page.click("button[data-key]")
    expect(page.get_by_text("此安全密钥已登记过")).to_be_visible()
    me.unplug(first)
    second = me.plug()
    page.click("button[data-key]")
    expect(page.get_by_text("安全密钥已登记", exact=True)).to_be_visible()
    page.locator("tr", has_not_text="办公电脑").get_by_role("button", name="移除").click()
    expect(page.get_by_text("安全密钥已移除")).to_be_visible()

    page.click("details:has(form[action='/sign-out']) > summary")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url(f"{me.url}/sign-in")
    me.signs_in("li.sys")
    page.wait_for_url(f"{me.url}/")
    time_passes(running)
    me.visit("/accounts/new")
    expect(page.get_by_text("提交时按浏览器提示以安全密钥验证")).to_be_visible()
    assert not complaints(page)
    page.fill("[name=login]", "sun.ops")
    page.fill("[name=name]", "孙某某")
    page.check("[name=roles][value=OPS]")
    page.click("main form button.primary")
    expect(page.get_by_text("启用链接", exact=True)).to_be_visible()
    me.visit("/step-up?next=/me")
    me.copied(second)
    page.click("button[data-key]")
    expect(page.get_by_text("计数倒退")).to_be_visible()
    assert [line for line in me.seen if "401" not in line] == []
    page.context.close()


def test_A03_codes_are_for_a_browser_without_keys_and_a_key_is_due_with_the_next(world):
    running, links, browser = world
    old, step = Person(browser, running.url, without=True), int(utc_now().timestamp()) // STEP_S
    old.visit(links["wang.sec"])
    expect(old.page.locator("button[data-key]")).to_be_hidden()
    secret = old.page.locator("#totp-secret").inner_text().strip()
    old.sets_password()
    old.page.fill("[name=code]", code_at(secret, step - 1))
    old.page.click("main form button.primary")
    expect(old.page.locator("h1")).to_have_text("已就绪")
    old.signs_in("wang.sec", code_at(secret, step))
    old.page.wait_for_url(f"{old.url}/")

    new = Person(browser, running.url)
    new.plug()
    new.signs_in("wang.sec", code_at(secret, step + 1))
    new.page.wait_for_url(f"{new.url}/me")
    expect(new.page.get_by_text("须先登记安全密钥")).to_be_visible()
    new.visit("/accounts")
    assert new.page.url == f"{new.url}/me"
    assert not complaints(new.page)
    new.page.click("button[data-key]")
    expect(new.page.get_by_text("动态口令不再有效")).to_be_visible()
    new.visit("/accounts")
    assert new.page.url == f"{new.url}/accounts"
    assert not [*old.seen, *new.seen]
    old.page.context.close()
    new.page.context.close()
    rt = runtime.build(running.settings)
    assert not recompute(rt).findings
    rt.close()


def test_a_cancelled_or_foreign_key_is_told_and_leaves_the_form_as_it_was(world):
    running, _, browser = world
    stranger = Person(browser, running.url)
    key = stranger.plug()
    stranger.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": key,
                                                   "isUserVerified": False})
    stranger.signs_in("nobody")
    expect(stranger.page.get_by_role("alert")).to_contain_text("未完成验证")
    assert stranger.page.input_value("[name=login]") == "nobody"
    assert not complaints(stranger.page)
    stranger.page.context.close()
