"""Security keys beside codes: enrolled, asked, told apart from copies, never the last one lost."""

import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from app.commands import (
    accounts,
    challenges,
    delegations,
    links,
    own_account,
    security_keys,
    sign_in,
)
from app.commands.command import Empty, Reasoned
from app.domain.refusals import (
    FactorNeeded,
    GuardFailed,
    Invalid,
    NotAllowed,
    NotFound,
    Unidentified,
)
from app.domain.second_factors import CHALLENGE_LASTS, MOST_KEYS
from app.domain.sign_ins import LOCK
from app.engines import one_time_codes
from app.queries.sessions import factors_of, present
from app.store.security_keys import keys_of
from app.store.tables import TrailEntry
from app.store.tables_people import AccountSecret
from app.store.tables_security_keys import KeyChallenge, SecurityKey
from app.store.unit import begin, read
from tests import people
from tests.authenticator import Authenticator
from tests.conftest import caller

HOME = "192.0.2.10"
SYS, SEC, AUD = caller("sys", "SYS_ADMIN"), caller("sec", "SEC_ADMIN"), caller("aud", "AUD_ADMIN")
WHY = Reasoned(reason="人事变动通知")
GOOD = "Quiet-Harbour-27-Lamp"


@pytest.fixture
def ops(rt):
    """Somebody who may choose: codes are enrolled."""
    return people.enrolled(rt, "zhou", "OPS")


@pytest.fixture
def boss(rt):
    """An approver who has codes so far."""
    return people.enrolled(rt, "qian", "APPROVER")


def caller_of(rt, opened):
    return present(rt, opened.token, HOME).caller


def added(rt, account, key=None) -> Authenticator:
    """A key added on one's own page after signing in by code."""
    key = key or Authenticator()
    me = caller_of(rt, people.signed_in(rt, account))
    security_keys.add(rt, me, "蓝色密钥", key.make(challenges.to_add(rt, me)))
    return key


def asked(rt, login, key, password=people.PASSWORD, **lies):
    """Signing in with a key, from the challenge on."""
    answer = key.answer(challenges.to_sign_in(rt, login), **lies)
    return sign_in.sign_in(rt, login, password, "", HOME, assertion=answer)


def why(rt, kind="session.refuse") -> str:
    """Why the newest refusal happened, as sealed."""
    with read(rt) as session:
        body = session.exec(select(TrailEntry.body).where(TrailEntry.kind == kind).order_by(
            TrailEntry.seq.desc()).limit(1)).one()
    return json.loads(body)["facts"]["why"]


def refused(rt, *words, **named) -> Unidentified:
    with pytest.raises(Unidentified) as error:
        asked(rt, *words, **named)
    return error.value


def invited(rt, *roles) -> str:
    """The token of an invitation that can be accepted."""
    made = accounts.create(rt, SYS, accounts.NewAccount(login="wuli", name="吴某",
                                                        roles=list(roles)))
    accounts.grant_roles(rt, SEC, made.id, accounts.GrantRoles())
    return made.detail["link"].rsplit("/", 1)[1]


def test_a_key_and_the_password_sign_in_and_both_are_needed(rt, ops):
    key = added(rt, ops)
    opened = asked(rt, ops.login, key)
    assert caller_of(rt, opened).factor_fresh
    assert refused(rt, ops.login, key, password="wrong").code == "ID.SIGN_IN_REFUSED"
    assert why(rt) == "PASSWORD"
    assert people.signed_in(rt, ops)  # codes count beside the key for these roles


def test_A03_an_invitation_enrols_a_key_instead_of_codes(rt):
    token, key = invited(rt, "APPROVER"), Authenticator()
    own_account.accept(rt, token, own_account.Acceptance(
        GOOD, key=key.make(challenges.to_use_link(rt, token)), offers_keys=True), HOME)
    me = caller_of(rt, asked(rt, "wuli", key, GOOD))
    factors = factors_of(rt, me)
    assert not factors.codes_enrolled and [one.used_at != "" for one in factors.keys] == [True]
    with read(rt) as session:
        assert session.get(AccountSecret, me.account).totp_secret == ""


@pytest.mark.parametrize(("roles", "offered", "demo", "taken"), [
    (("APPROVER",), True, False, False), (("SYS_ADMIN",), True, False, False),
    (("APPROVER",), False, False, True), (("OPS",), True, False, True),
    (("APPROVER",), True, True, True)])
def test_A03_codes_are_enrolled_where_the_role_or_the_browser_has_no_keys(rt, roles, offered,
                                                                          demo, taken):
    rt.settings = replace(rt.settings, demo=demo)
    token = invited(rt, *roles)
    shown = links.invitation(rt, token)
    assert shown.key_first is (roles != ("OPS",) and not demo)
    told = own_account.Acceptance(GOOD, one_time_codes.code_now(shown.secret, rt.clock()),
                                  offers_keys=offered)
    if taken:
        own_account.accept(rt, token, told, HOME)
        return
    with pytest.raises(Invalid) as error:
        own_account.accept(rt, token, told, HOME)
    assert error.value.code == "KEY.NEEDED"
    assert links.invitation(rt, token).login == "wuli"


def test_A03_an_approver_with_codes_gets_no_further_than_a_key_where_the_browser_has_them(
        rt, boss):
    rt.clock.forward(seconds=30)
    opened = sign_in.sign_in(rt, boss.login, boss.password, people.code(rt, boss), HOME,
                             offers_keys=True)
    assert present(rt, opened.token, HOME).key_is_due
    again = own_account.change_password(rt, caller_of(rt, opened), boss.password, GOOD)
    here = present(rt, again.token, HOME)
    assert here.key_is_due
    key = Authenticator()
    security_keys.add(rt, here.caller, "", key.make(challenges.to_add(rt, here.caller)))
    assert not present(rt, again.token, HOME).key_is_due
    elsewhere = people.enrolled(rt, "sun", "APPROVER")
    assert not present(rt, people.signed_in(rt, elsewhere).token, HOME).key_is_due


def test_A03_who_holds_a_key_in_these_roles_is_not_let_in_by_a_code(rt, boss):
    key = added(rt, boss)
    with pytest.raises(Unidentified) as error:
        people.signed_in(rt, boss)
    assert (error.value.code, why(rt)) == ("ID.SIGN_IN_REFUSED", "KEY_NEEDED")
    me = caller_of(rt, asked(rt, boss.login, key))
    rt.clock.forward(seconds=30)
    with pytest.raises(Unidentified) as error:
        sign_in.confirm_factor(rt, me, people.code(rt, boss))
    assert error.value.code == "ID.KEY_NEEDED"
    rt.settings = replace(rt.settings, demo=True)
    assert people.signed_in(rt, boss)


@pytest.fixture
def stand_in(rt, boss):
    """Somebody qualified to approve, and the number of the approver's delegation to them."""
    sun = people.enrolled(rt, "sun", "PRICE_REVIEW", qualified=("APPROVER",))
    made = delegations.create(rt, caller_of(rt, people.signed_in(rt, boss)),
                              delegations.NewDelegation(
        delegate="sun", roles=["APPROVER"], begins=date(2026, 11, 23), ends=date(2026, 11, 24),
        reason="年休假"))
    return sun, made.number


def test_A03_who_acts_for_an_approver_enrols_a_key_where_the_browser_has_them(rt, stand_in):
    sun, ref = stand_in
    rt.clock.forward(seconds=30)
    opened = sign_in.sign_in(rt, sun.login, sun.password, people.code(rt, sun), HOME,
                             offers_keys=True)
    me = caller_of(rt, opened)
    delegations.accept(rt, me, ref, Empty())
    assert not present(rt, opened.token, HOME).key_is_due
    acting = delegations.act_under(rt, me, ref)
    assert present(rt, acting.token, HOME).key_is_due
    own = delegations.act_under(rt, present(rt, acting.token, HOME).caller, "")
    assert not present(rt, own.token, HOME).key_is_due


def test_A03_who_acts_for_an_approver_and_holds_a_key_is_not_let_in_by_a_code(rt, stand_in):
    sun, ref = stand_in
    key = added(rt, sun)
    opened = people.signed_in(rt, sun)
    delegations.accept(rt, caller_of(rt, opened), ref, Empty())
    with pytest.raises(Unidentified):
        people.signed_in(rt, sun)
    assert why(rt) == "KEY_NEEDED"
    assert not factors_of(rt, caller_of(rt, opened)).codes
    rt.clock.forward(minutes=6)
    me = caller_of(rt, opened)
    with pytest.raises(FactorNeeded):
        delegations.act_under(rt, me, ref)
    shown = sign_in.confirm_factor(rt, me, "", assertion=key.answer(
        challenges.to_confirm(rt, me)))
    assert delegations.act_under(rt, caller_of(rt, shown), ref).token


def test_A07_the_links_of_who_may_act_for_an_approver_ask_for_a_key(rt, stand_in):
    sun, ref = stand_in
    key = added(rt, sun)
    me = caller_of(rt, people.signed_in(rt, sun))
    token = accounts.reset_password(rt, SYS, sun.id, WHY).detail["link"].rsplit("/", 1)[1]
    assert links.invitation(rt, token).codes
    delegations.accept(rt, me, ref, Empty())
    asked_for = links.invitation(rt, token)
    assert (asked_for.codes, asked_for.keys) == (False, True)
    rt.clock.forward(seconds=30)
    with pytest.raises(Unidentified) as error:
        own_account.accept(rt, token, own_account.Acceptance(GOOD, people.code(rt, sun)), HOME)
    assert error.value.code == "ID.KEY_NEEDED"
    own_account.accept(rt, token, own_account.Acceptance(
        GOOD, key=key.answer(challenges.to_use_link(rt, token))), HOME)


def test_A07_who_may_act_for_an_approver_enrols_a_key_after_a_reset(rt, stand_in):
    sun, ref = stand_in
    delegations.accept(rt, caller_of(rt, people.signed_in(rt, sun)), ref, Empty())
    accounts.reset_factor(rt, SYS, sun.id, WHY)
    done = accounts.reset_factor(rt, SEC, sun.id, WHY)
    token = done.detail["link"].rsplit("/", 1)[1]
    shown = links.invitation(rt, token)
    assert shown.key_first
    with pytest.raises(Invalid) as error:
        own_account.accept(rt, token, own_account.Acceptance(
            GOOD, one_time_codes.code_now(shown.secret, rt.clock()), offers_keys=True), HOME)
    assert error.value.code == "KEY.NEEDED"


def test_A12_a_key_confirms_again_and_each_challenge_is_of_one_session(rt, ops):
    key = added(rt, ops)
    me = caller_of(rt, opened := asked(rt, ops.login, key))
    other = caller_of(rt, asked(rt, ops.login, key))
    rt.clock.forward(minutes=5)
    with pytest.raises(Unidentified):
        sign_in.confirm_factor(rt, me, "", assertion=key.answer(challenges.to_confirm(rt, other)))
    assert (why(rt), present(rt, opened.token, HOME).caller.factor_fresh) == ("CHALLENGE", False)
    options = challenges.to_confirm(rt, me)
    assert [one["id"] for one in options["allowCredentials"]] == [key.name]
    renewed = sign_in.confirm_factor(rt, me, "", assertion=key.answer(options))
    assert present(rt, renewed.token, HOME).caller.factor_fresh


def test_A03_a_replayed_answer_is_refused(rt, ops):
    key = added(rt, ops)
    answer = key.answer(challenges.to_sign_in(rt, ops.login))
    sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=answer)
    with pytest.raises(Unidentified):
        sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=answer)
    assert why(rt) == "CHALLENGE"


def test_A03_a_refused_answer_uses_its_challenge_up_too(rt, ops):
    key = added(rt, ops)
    options = challenges.to_sign_in(rt, ops.login)
    for lie, reason in (({"origin": "https://evil.example"}, "KEY"), ({}, "CHALLENGE")):
        with pytest.raises(Unidentified):
            sign_in.sign_in(rt, ops.login, ops.password, "", HOME,
                            assertion=key.answer(options, **lie))
        assert why(rt) == reason


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"},
                                 {"challenge": "A" * 43}, {"flags": 1}, {"user": "YWNjLXg"}],
                         ids=str)
def test_A03_a_lie_about_page_party_challenge_or_holder_is_refused(rt, ops, lie):
    key = added(rt, ops)
    refused(rt, ops.login, key, **lie)
    assert why(rt) == ("CHALLENGE" if "challenge" in lie else "KEY")
    assert asked(rt, ops.login, key)


def test_A03_a_challenge_made_for_another_login_or_ceremony_is_foreign(rt, ops, boss):
    key = added(rt, ops)
    me = caller_of(rt, people.signed_in(rt, ops))
    for options in (challenges.to_sign_in(rt, boss.login), challenges.to_confirm(rt, me)):
        with pytest.raises(Unidentified):
            sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=key.answer(options))
        assert why(rt) == "CHALLENGE"


@pytest.mark.parametrize(("late", "works"), [(-1, True), (0, False)])
def test_A03_a_challenge_lives_five_minutes(rt, ops, late, works):
    key = added(rt, ops)
    options = challenges.to_sign_in(rt, ops.login)
    rt.clock.forward(seconds=CHALLENGE_LASTS.total_seconds() + late)
    answer = key.answer(options)
    if works:
        assert sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=answer)
        return
    with pytest.raises(Unidentified):
        sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=answer)
    assert why(rt) == "CHALLENGE"


def test_A03_a_counter_that_went_back_is_refused_and_sealed(rt, ops):
    key = added(rt, ops)
    key.count = 40
    asked(rt, ops.login, key)
    for back in (40, 12, -1):
        key.count = back if back < 0 else back - 1
        refused(rt, ops.login, key)
        assert why(rt) == "SIGN_COUNT"
    me = caller_of(rt, people.signed_in(rt, ops))
    key.count = 7
    with pytest.raises(Unidentified) as error:
        sign_in.confirm_factor(rt, me, "", assertion=key.answer(challenges.to_confirm(rt, me)))
    assert "copied" in error.value.en
    key.count = 2**32 - 2
    assert asked(rt, ops.login, key)


def test_a_key_of_somebody_else_is_refused(rt, ops, boss):
    added(rt, ops)
    other = added(rt, boss)
    refused(rt, ops.login, other)
    assert why(rt) == "KEY"


def test_A05_wrong_answers_and_wrong_codes_count_together(rt, ops):
    key = added(rt, ops)
    for at in range(5):
        if at % 2:
            refused(rt, ops.login, key, origin="https://evil.example")
        else:
            with pytest.raises(Unidentified):
                sign_in.sign_in(rt, ops.login, ops.password, "000000", HOME)
    refused(rt, ops.login, key)
    assert why(rt) == "LOCKED"
    rt.clock.forward(seconds=LOCK.total_seconds())
    assert asked(rt, ops.login, key)


def test_A06_by_key_unknown_wrong_and_locked_answer_in_the_same_words(rt, ops, boss):
    key, stranger = added(rt, ops), Authenticator()
    wrong = refused(rt, ops.login, stranger)
    unknown = refused(rt, "nobody", stranger)
    without = refused(rt, boss.login, stranger)
    back = refused(rt, ops.login, key, password="x")
    for _ in range(3):
        refused(rt, ops.login, key, origin="https://evil.example")
    locked = refused(rt, ops.login, key)
    assert why(rt) == "LOCKED"
    assert {(error.code, error.zh, error.en, tuple(error.facts)) for error in (
        wrong, unknown, without, back, locked)} == {(wrong.code, wrong.zh, wrong.en, ())}


def test_A06_the_challenge_tells_nothing_about_the_login(rt, ops):
    added(rt, ops)
    known, unknown = (challenges.to_sign_in(rt, login) for login in (ops.login, "nobody"))
    assert known.keys() == unknown.keys() and known["challenge"] != unknown["challenge"]
    assert {**known, "challenge": ""} == {**unknown, "challenge": ""}
    assert known["allowCredentials"] == []


@pytest.mark.slow
def test_A06_by_key_unknown_and_known_accounts_take_as_long(rt, ops):
    key = added(rt, ops)
    spent: dict[str, list[float]] = {"nobody": [], ops.login: []}
    for at in range(100):
        rt.clock.forward(minutes=16)
        for login, times in spent.items():
            answer = key.answer(challenges.to_sign_in(rt, login))
            began = time.perf_counter()
            with pytest.raises(Unidentified):
                sign_in.sign_in(rt, login, "wrong", "", f"198.51.100.{at}", assertion=answer)
            times.append(time.perf_counter() - began)
    medians = [statistics.median(times) for times in spent.values()]
    assert abs(medians[0] - medians[1]) < 0.020


def test_A03_of_four_parallel_uses_of_one_answer_one_wins(rt, ops):
    key = added(rt, ops)
    answer = key.answer(challenges.to_sign_in(rt, ops.login))

    def enter(_):
        try:
            return sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=answer)
        except Unidentified:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert len([one for one in pool.map(enter, range(4)) if one]) == 1


def test_A07_the_last_second_factor_is_never_removed(rt):
    token, first, second = invited(rt, "OPS"), Authenticator(), Authenticator()
    own_account.accept(rt, token, own_account.Acceptance(
        GOOD, key=first.make(challenges.to_use_link(rt, token))), HOME)
    me = caller_of(rt, asked(rt, "wuli", first, GOOD))
    kept = factors_of(rt, me).keys[0].id
    with pytest.raises(GuardFailed) as error:
        security_keys.remove(rt, me, kept)
    assert error.value.code == "KEY.LAST"
    security_keys.add(rt, me, "", second.make(challenges.to_add(rt, me)))
    security_keys.remove(rt, me, kept)
    refused(rt, "wuli", first, GOOD)
    assert asked(rt, "wuli", second, GOOD)


def test_A07_of_two_keys_removed_at_once_one_stays(rt):
    token, first, second = invited(rt, "OPS"), Authenticator(), Authenticator()
    own_account.accept(rt, token, own_account.Acceptance(
        GOOD, key=first.make(challenges.to_use_link(rt, token))), HOME)
    me = caller_of(rt, asked(rt, "wuli", first, GOOD))
    security_keys.add(rt, me, "", second.make(challenges.to_add(rt, me)))

    def drop(key_id):
        try:
            security_keys.remove(rt, me, key_id)
        except GuardFailed:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(drop, [one.id for one in factors_of(rt, me).keys])) == 1


def test_a_key_beside_codes_can_go_and_only_its_holder_removes_it(rt, ops, boss):
    added(rt, ops)
    added(rt, boss)
    me = caller_of(rt, people.signed_in(rt, ops))
    with read(rt) as session:
        mine, theirs = (keys_of(session, one.id)[0].id for one in (ops, boss))
    for foreign in (theirs, "nothing", "a\x00b"):
        with pytest.raises(NotFound):
            security_keys.remove(rt, me, foreign)
    security_keys.remove(rt, me, mine)
    assert factors_of(rt, me).keys == () and factors_of(rt, me).codes


def test_A12_keys_are_added_and_removed_with_a_fresh_factor_only(rt, ops):
    added(rt, ops)
    opened = people.signed_in(rt, ops)
    options = challenges.to_add(rt, caller_of(rt, opened))
    rt.clock.forward(minutes=5)
    me = caller_of(rt, opened)
    for act in (lambda: challenges.to_add(rt, me),
                lambda: security_keys.add(rt, me, "", Authenticator().make(options)),
                lambda: security_keys.remove(rt, me, factors_of(rt, me).keys[0].id)):
        with pytest.raises(FactorNeeded):
            act()
    assert len(factors_of(rt, me).keys) == 1


def test_A07_a_lost_key_needs_two_persons_and_everything_is_enrolled_anew(rt, boss):
    key = added(rt, boss)
    assert accounts.reset_factor(rt, SYS, boss.id, WHY).waiting == ("check",)
    assert asked(rt, boss.login, key)
    link = accounts.reset_factor(rt, AUD, boss.id, WHY).detail["link"].rsplit("/", 1)[1]
    with read(rt) as session:
        assert keys_of(session, boss.id) == []
    refused(rt, boss.login, key)
    anew = Authenticator()
    own_account.accept(rt, link, own_account.Acceptance(
        GOOD, key=anew.make(challenges.to_use_link(rt, link))), HOME)
    assert asked(rt, boss.login, anew, GOOD)


def test_A07_a_lost_password_is_renewed_with_the_key_and_not_around_it(rt, boss):
    key = added(rt, boss)
    link = accounts.reset_password(rt, SYS, boss.id, WHY).detail["link"].rsplit("/", 1)[1]
    shown = links.invitation(rt, link)
    assert (shown.codes, shown.keys) == (False, True)
    wrongs = (own_account.Acceptance(GOOD, people.code(rt, boss)),
              own_account.Acceptance(GOOD, key=Authenticator().answer(
                  challenges.to_use_link(rt, link))),
              own_account.Acceptance(GOOD, key=key.answer(
                  challenges.to_sign_in(rt, boss.login))))
    for told in wrongs:
        rt.clock.forward(seconds=30)
        with pytest.raises(Unidentified):
            own_account.accept(rt, link, told, HOME)
    own_account.accept(rt, link, own_account.Acceptance(
        GOOD, key=key.answer(challenges.to_use_link(rt, link))), HOME)
    assert asked(rt, boss.login, key, GOOD)


def test_a_key_is_enrolled_once_and_an_account_holds_ten_at_most(rt, ops):
    key = added(rt, ops)
    me = caller_of(rt, people.signed_in(rt, ops))
    options = challenges.to_add(rt, me)
    assert [one["id"] for one in options["excludeCredentials"]] == [key.name]
    with pytest.raises(Invalid):
        security_keys.add(rt, me, "", key.make(options))
    for _ in range(MOST_KEYS - 1):
        security_keys.add(rt, me, "", Authenticator().make(challenges.to_add(rt, me)))
    with pytest.raises(Invalid) as error:
        security_keys.add(rt, me, "", Authenticator().make(challenges.to_add(rt, me)))
    assert error.value.code == "KEY.TOO_MANY" and len(factors_of(rt, me).keys) == MOST_KEYS


def test_a_key_made_for_another_session_or_page_is_not_enrolled(rt, ops):
    me, other = (caller_of(rt, people.signed_in(rt, ops)) for _ in range(2))
    for options, lie in ((challenges.to_add(rt, other), {}), (challenges.to_confirm(rt, me) | {
            "rp": {"id": "localhost"}, "user": {"id": ""}}, {}),
            (challenges.to_add(rt, me), {"origin": "https://evil.example"})):
        with pytest.raises(Invalid):
            security_keys.add(rt, me, "", Authenticator().make(options, **lie))
    assert factors_of(rt, me).keys == ()


def test_where_the_public_address_is_a_number_there_are_no_keys(rt, ops):
    rt.settings = replace(rt.settings, base_url="https://192.0.2.7")
    with pytest.raises(NotAllowed) as error:
        challenges.to_sign_in(rt, ops.login)
    assert error.value.code == "KEY.NOT_OFFERED"
    with read(rt) as session:
        assert session.exec(select(KeyChallenge)).all() == []


def test_challenges_are_stored_hashed_and_swept(rt, ops):
    options = challenges.to_sign_in(rt, ops.login)
    with read(rt) as session:
        row = session.exec(select(KeyChallenge)).one()
    assert options["challenge"] not in str(row) and ops.login not in str(row)
    rt.clock.forward(seconds=CHALLENGE_LASTS.total_seconds() - 1)
    sign_in.sweep(rt)
    with read(rt) as session:
        assert session.exec(select(KeyChallenge)).one()
    rt.clock.forward(seconds=1)
    sign_in.sweep(rt)
    with read(rt) as session:
        assert session.exec(select(KeyChallenge)).all() == []


def test_L02_what_is_done_with_keys_is_sealed_without_what_proves_it(rt, ops):
    key = added(rt, ops)
    me = caller_of(rt, asked(rt, ops.login, key))
    me = caller_of(rt, sign_in.confirm_factor(
        rt, me, "", assertion=key.answer(challenges.to_confirm(rt, me))))
    security_keys.remove(rt, me, factors_of(rt, me).keys[0].id)
    with read(rt) as session:
        rows = session.exec(select(TrailEntry).order_by(TrailEntry.seq)).all()
        assert session.exec(select(SecurityKey)).all() == []
    facts = [(row.kind, json.loads(row.body)["facts"]) for row in rows[-4:]]
    assert [kind for kind, _ in facts] == ["account.add_key", "session.open",
                                           "session.confirm_factor", "account.remove_key"]
    assert facts[1][1]["factor"] == facts[2][1]["factor"] == "WEBAUTHN"
    body = b"".join(row.body for row in rows).decode()
    for hidden in (key.name, "蓝色密钥", ops.login, HOME):
        assert hidden not in body


def test_Z06_a_key_removed_between_challenge_and_answer_does_not_count(rt, ops):
    key = added(rt, ops)
    answer = key.answer(challenges.to_sign_in(rt, ops.login))
    with begin(rt, SEC) as act:
        act.session.delete(act.find(SecurityKey, keys_of(act.session, ops.id)[0].id))
        act.record("account.remove_key", f"account/{ops.id}")
    with pytest.raises(Unidentified):
        sign_in.sign_in(rt, ops.login, ops.password, "", HOME, assertion=answer)
