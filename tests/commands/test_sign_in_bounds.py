"""Signing in at its bounds: any password of full length; a locked account that tells nothing."""

import statistics
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.commands import own_account
from app.commands import sign_in as verbs
from app.domain.refusals import NotFound, Unidentified
from app.queries.sessions import present
from tests import people

HOME = "192.0.2.10"
LONG = st.text(st.characters(exclude_categories=["Cs"]), min_size=128, max_size=128)


@settings(max_examples=8, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(password=LONG)
@example(password="\x00" + "符" * 126 + " ")
@example(password="\U0001f42f" * 128)
def test_A02_any_128_characters_sign_in_and_none_of_them_is_cut(rt, password):
    rt.clock.forward(minutes=16)
    someone = people.enrolled(rt, f"any{rt.new_id()}", "OPS", password=password)
    for other in (password[:-1], password[1:], password + "x"):
        with pytest.raises(Unidentified):
            verbs.sign_in(rt, someone.login, other, people.code(rt, someone), HOME)
    assert people.signed_in(rt, someone)


@pytest.mark.slow
def test_A06_a_locked_account_answers_as_late_as_any_other(rt):
    locked = people.enrolled(rt, "locked", "OPS")
    spent = {"nobody": [], locked.login: []}

    def ask(login: str, at: int) -> float:
        began = time.perf_counter()
        with pytest.raises(Unidentified):
            verbs.sign_in(rt, login, locked.password, "000000", f"198.51.100.{at % 250}")
        return time.perf_counter() - began

    for at in range(5):
        ask(locked.login, at)
    for at in range(100):
        rt.clock.forward(seconds=1)
        for login, times in spent.items():
            times.append(ask(login, at))
    medians = [statistics.median(times) for times in spent.values()]
    assert abs(medians[0] - medians[1]) < 0.020, medians


def test_A09_a_password_change_gives_no_successor_to_a_session_that_has_ended(rt):
    me = people.enrolled(rt, "wuli", "OPS")
    opened = people.signed_in(rt, me)
    here = present(rt, opened.token, HOME).caller
    verbs.sign_out(rt, here)
    with pytest.raises(NotFound):
        own_account.change_password(rt, here, me.password, "Quiet-Harbour-27-Lamp")
