"""Signing in: one answer for every failure, five guesses, a code once, sessions that end."""

import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from app.commands import sign_in as verbs
from app.commands.accounts import RevokeRoles, revoke_roles, suspend
from app.commands.command import Reasoned
from app.domain.refusals import NotAllowed, TooMany, Unidentified
from app.domain.sign_ins import ABSOLUTE, FRESH, IDLE, LOCK
from app.engines import password_hashes
from app.queries.sessions import present
from app.store.tables import TrailEntry
from app.store.tables_people import AccountSecret, SignInSession
from app.store.unit import begin, read
from tests import people
from tests.conftest import caller

HOME = "192.0.2.10"
SEC = caller("sec", "SEC_ADMIN")


@pytest.fixture
def boss(rt):
    return people.enrolled(rt, "qian", "APPROVER")


def refused(rt, login, password, code, source=HOME) -> Unidentified:
    with pytest.raises(Unidentified) as error:
        verbs.sign_in(rt, login, password, code, source)
    return error.value


def fail(rt, account, times, source=HOME):
    for _ in range(times):
        refused(rt, account.login, "wrong", people.code(rt, account), source)


def entries(rt, kind):
    with read(rt) as session:
        return [json.loads(body) for body in session.exec(select(TrailEntry.body).where(
            TrailEntry.kind == kind).order_by(TrailEntry.seq))]


def test_A01_an_older_weaker_hash_is_made_anew_at_sign_in(rt, boss):
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(boss.password)
    with begin(rt, SEC) as act:
        act.find(AccountSecret, boss.id).password_hash = weak
        act.record("account.set_password", f"account/{boss.id}")
    people.signed_in(rt, boss)
    with read(rt) as session:
        stored = session.get(AccountSecret, boss.id).password_hash
    assert stored != weak and not password_hashes.is_weaker(stored)
    assert people.signed_in(rt, boss)


def test_A02_a_password_of_128_characters_signs_in_and_is_not_cut(rt):
    long = "符Ab1 " * 25 + "xyz"
    someone = people.enrolled(rt, "long", "OPS", password=long)
    assert len(long) == 128 and people.signed_in(rt, someone)
    refused(rt, "long", long[:-1], people.code(rt, someone))


def test_A04_a_code_works_once(rt, boss):
    code = people.code(rt, boss)
    assert verbs.sign_in(rt, boss.login, boss.password, code, HOME)
    assert refused(rt, boss.login, boss.password, code).code == "ID.SIGN_IN_REFUSED"
    assert entries(rt, "session.refuse")[-1]["facts"]["why"] == "REPLAY"


def test_A04_an_earlier_step_is_refused_after_a_later_one(rt, boss):
    earlier = people.code(rt, boss)
    rt.clock.forward(seconds=30)
    verbs.sign_in(rt, boss.login, boss.password, people.code(rt, boss), HOME)
    refused(rt, boss.login, boss.password, earlier)


@pytest.mark.parametrize(("late", "works"), [(30, True), (60, False)])
def test_A04_the_window_is_one_step(rt, boss, late, works):
    code = people.code(rt, boss)
    rt.clock.forward(seconds=late)
    if works:
        assert verbs.sign_in(rt, boss.login, boss.password, code, HOME)
    else:
        refused(rt, boss.login, boss.password, code)


def test_A04_of_two_parallel_uses_of_one_code_one_wins(rt, boss):
    code = people.code(rt, boss)

    def enter(_):
        try:
            return verbs.sign_in(rt, boss.login, boss.password, code, HOME).token
        except Unidentified:
            return None

    with ThreadPoolExecutor(4) as pool:
        won = [token for token in pool.map(enter, range(4)) if token]
    assert len(won) == 1


def test_A05_wrong_passwords_and_wrong_codes_count_together(rt, boss):
    for at in range(5):
        good = people.code(rt, boss)
        refused(rt, boss.login, boss.password if at % 2 else "wrong",
                people.wrong(good) if at % 2 else good)
    refused(rt, boss.login, boss.password, people.code(rt, boss))
    assert entries(rt, "session.refuse")[-1]["facts"]["why"] == "LOCKED"
    rt.clock.forward(seconds=LOCK.total_seconds() - 1)
    refused(rt, boss.login, boss.password, people.code(rt, boss))
    rt.clock.forward(seconds=1)
    assert verbs.sign_in(rt, boss.login, boss.password, people.code(rt, boss), HOME)


def test_A05_four_failures_do_not_lock_and_success_forgets_them(rt, boss):
    fail(rt, boss, 4)
    assert people.signed_in(rt, boss)
    fail(rt, boss, 4)
    assert people.signed_in(rt, boss)


def test_A05_the_lock_survives_a_restart(rt, boss):
    from app import runtime

    fail(rt, boss, 5)
    again = runtime.build(rt.settings, durable=False)
    again.clock = rt.clock
    refused(again, boss.login, boss.password, people.code(rt, boss))
    again.close()


def test_A05_fifty_failures_slow_the_source_whoever_it_asks_for(rt, boss):
    for at in range(50):
        refused(rt, f"nobody-{at}", "x", "000000", "203.0.113.7")
    with pytest.raises(TooMany) as slow:
        verbs.sign_in(rt, boss.login, boss.password, people.code(rt, boss), "203.0.113.7")
    assert slow.value.facts["retry_after"] == 30
    assert verbs.sign_in(rt, boss.login, boss.password, people.code(rt, boss), HOME)


def test_A05_of_twenty_parallel_guesses_at_most_five_are_judged(rt, boss):
    def guess(at):
        refused(rt, boss.login, f"guess-{at}", "000000", f"198.51.100.{at}")

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(guess, range(20)))
    judged = [item for item in entries(rt, "session.refuse") if item["facts"]["why"] != "LOCKED"]
    assert len(judged) == 5
    assert len(entries(rt, "session.refuse")) == 20


def test_A06_unknown_wrong_and_locked_answer_in_the_same_words(rt, boss):
    fail(rt, boss, 5)
    locked = refused(rt, boss.login, boss.password, people.code(rt, boss))
    unknown = refused(rt, "nobody", "x", "000000")
    other = people.enrolled(rt, "other", "OPS")
    wrong = refused(rt, "other", "x", people.code(rt, other))
    odd = refused(rt, "no\x00body'--", "x", "０００")
    assert {(error.code, error.zh, error.en, tuple(error.facts))
            for error in (locked, unknown, wrong, odd)} == {
        (locked.code, locked.zh, locked.en, ())}


@pytest.mark.slow
def test_A06_unknown_and_known_accounts_take_as_long(rt, boss):
    spent = {"nobody": [], boss.login: []}
    for at in range(200):
        rt.clock.forward(minutes=16)
        for login, times in spent.items():
            began = time.perf_counter()
            refused(rt, login, "wrong", "000000", f"198.51.100.{at}")
            times.append(time.perf_counter() - began)
    medians = [statistics.median(times) for times in spent.values()]
    assert abs(medians[0] - medians[1]) < 0.020


def test_A09_the_session_is_stored_hashed_and_new_at_every_sign_in(rt, boss):
    first, second = people.signed_in(rt, boss), people.signed_in(rt, boss)
    assert first.token != second.token and len(first.token) >= 43
    with read(rt) as session:
        stored = session.exec(select(SignInSession.id_hash)).all()
    assert len(stored) == 2 and not {first.token, second.token} & set(stored)
    assert all(value.startswith("sha256:") for value in stored)


def test_A09_a_stolen_cookie_is_dead_after_sign_out(rt, boss):
    opened = people.signed_in(rt, boss)
    verbs.sign_out(rt, present(rt, opened.token, HOME).caller)
    assert present(rt, opened.token, HOME) is None


def test_A10_a_session_idles_fifteen_minutes_and_not_one_second_more(rt, boss):
    opened = people.signed_in(rt, boss)
    rt.clock.forward(seconds=IDLE.total_seconds() - 1)
    here = present(rt, opened.token, HOME)
    verbs.note_seen(rt, here.caller.session, here.seen_at)
    rt.clock.forward(seconds=IDLE.total_seconds() - 1)
    assert present(rt, opened.token, HOME)
    rt.clock.forward(seconds=1)
    assert present(rt, opened.token, HOME) is None


def test_A10_a_session_in_use_ends_after_eight_hours(rt, boss):
    opened = people.signed_in(rt, boss)
    began = rt.clock.at
    while rt.clock.at < began + ABSOLUTE - timedelta(minutes=10):
        rt.clock.forward(minutes=10)
        here = present(rt, opened.token, HOME)
        verbs.note_seen(rt, here.caller.session, here.seen_at)
    rt.clock.at = began + ABSOLUTE - timedelta(seconds=1)
    assert present(rt, opened.token, HOME)
    rt.clock.forward(seconds=1)
    assert present(rt, opened.token, HOME) is None


def test_A10_an_administrator_has_one_session_others_may_have_more(rt, boss):
    admin = people.enrolled(rt, "sys", "SYS_ADMIN")
    first, second = people.signed_in(rt, admin), people.signed_in(rt, admin)
    assert present(rt, first.token, HOME) is None and present(rt, second.token, HOME)
    mine, more = people.signed_in(rt, boss), people.signed_in(rt, boss)
    assert present(rt, mine.token, HOME) and present(rt, more.token, HOME)


def test_A10_a_role_change_ends_the_sessions_at_once(rt, boss):
    opened = people.signed_in(rt, boss)
    revoke_roles(rt, SEC, boss.id, RevokeRoles(roles=["APPROVER"], reason="转岗"))
    assert present(rt, opened.token, HOME) is None


def test_A10_a_suspended_account_neither_stays_nor_signs_in(rt, boss):
    opened = people.signed_in(rt, boss)
    suspend(rt, SEC, boss.id, Reasoned(reason="离岗"))
    assert present(rt, opened.token, HOME) is None
    rt.clock.forward(seconds=30)
    refused(rt, boss.login, boss.password, people.code(rt, boss))


def test_A12_the_factor_is_fresh_for_five_minutes_and_confirmed_by_a_new_code(rt, boss):
    opened = people.signed_in(rt, boss)
    used = people.code(rt, boss)
    rt.clock.forward(seconds=FRESH.total_seconds() - 1)
    assert present(rt, opened.token, HOME).caller.factor_fresh
    rt.clock.forward(seconds=1)
    here = present(rt, opened.token, HOME).caller
    assert not here.factor_fresh
    with pytest.raises(Unidentified):
        verbs.confirm_factor(rt, here, used)
    again = verbs.confirm_factor(rt, here, people.code(rt, boss))
    assert present(rt, again.token, HOME).caller.factor_fresh


def test_A09_confirming_the_factor_gives_the_session_a_new_id_and_no_longer_life(rt, boss):
    opened = people.signed_in(rt, boss)
    rt.clock.forward(seconds=30)
    again = verbs.confirm_factor(rt, present(rt, opened.token, HOME).caller,
                                 people.code(rt, boss))
    assert present(rt, opened.token, HOME) is None
    assert present(rt, again.token, HOME).caller.account == boss.id
    assert again.ends_at == opened.ends_at


def test_A12_wrong_codes_at_the_step_up_lock_the_account_too(rt, boss):
    here = present(rt, people.signed_in(rt, boss).token, HOME).caller
    rt.clock.forward(seconds=30)
    for _ in range(5):
        with pytest.raises(Unidentified):
            verbs.confirm_factor(rt, here, people.wrong(people.code(rt, boss)))
    with pytest.raises(Unidentified):
        verbs.confirm_factor(rt, here, people.code(rt, boss))


def test_L02_sign_ins_and_refusals_are_sealed_without_names_or_secrets(rt, boss):
    opened = people.signed_in(rt, boss)
    fail(rt, boss, 1)
    verbs.sign_out(rt, present(rt, opened.token, HOME).caller)
    with read(rt) as session:
        rows = session.exec(select(TrailEntry).where(
            TrailEntry.kind.like("session.%")).order_by(TrailEntry.seq)).all()
    assert [row.kind for row in rows] == ["session.open", "session.refuse", "session.close"]
    text = b"".join(row.body for row in rows).decode()
    for hidden in (boss.login, boss.password, opened.token, boss.secret, HOME, "人员"):
        assert hidden not in text


def test_personas_are_entered_in_a_demonstration_zone_from_this_machine_only(rt, boss):
    from dataclasses import replace

    with pytest.raises(NotAllowed):
        verbs.enter_as(rt, boss.id, "127.0.0.1")
    rt.settings = replace(rt.settings, demo=True)
    for source in ("192.0.2.1", "", "unknown"):
        with pytest.raises(NotAllowed):
            verbs.enter_as(rt, boss.id, source)
    here = present(rt, verbs.enter_as(rt, boss.id, "127.0.0.1").token, "127.0.0.1").caller
    assert here.roles == {"APPROVER"}
    verbs.confirm_factor(rt, here, verbs.code_for_demo(rt, here))
