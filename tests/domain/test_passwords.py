"""Passwords by profile: every rule on both sides of its bound."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.passwords import PROFILES, faults, is_due
from app.engines.common_passwords import common_passwords

MLPS, ASVS = PROFILES["mlps"], PROFILES["asvs"]
AT = datetime(2026, 11, 23, tzinfo=UTC)


def codes(password, profile=MLPS, **more):
    return [fault.code for fault in faults(password, profile, common=common_passwords(), **more)]


@pytest.mark.parametrize(("password", "profile", "administrator", "expected"), [
    ("Vx7-kdq", MLPS, False, ["SHORT"]), ("Vx7-kdqm", MLPS, False, []),
    ("Vx7-kdqm-Vx7-k", MLPS, True, ["SHORT"]), ("Vx7-kdqm-Vx7-kd", MLPS, True, []),
    ("V" + "x7-" * 42 + "q", MLPS, False, []), ("V" + "x7-" * 42 + "qq", MLPS, False, ["LONG"]),
    ("vxkdqmwpz", MLPS, False, ["PLAIN"]), ("vxkdqm77", MLPS, False, ["PLAIN"]),
    ("vxkdqm77", ASVS, False, []), ("山水有相逢一二三", ASVS, False, []),
    ("山水有相逢Ab一二", MLPS, False, []),
])
def test_A02_length_and_kinds_of_characters(password, profile, administrator, expected):
    assert codes(password, profile, administrator=administrator) == expected


@pytest.mark.parametrize("password", ["Password123", "PASSWORD123", "P@ssw0rd", "Admin@123",
                                      "Qwerty123!", "Zhang@2026", "1qaz2wsx", "88888888",
                                      "Summer2025!", "Huawei@123", "woaini1314"])
def test_A02_common_passwords_are_refused_in_their_usual_disguises(password):
    assert "COMMON" in codes(password)


def test_A02_the_list_holds_three_thousand_and_each_is_refused():
    common = common_passwords()
    assert len(common) >= 3000
    assert all("COMMON" in codes(entry) for entry in sorted(common)[::40])


@pytest.mark.parametrize(("password", "leans"), [
    ("Hufu-2026!", True), ("li.ming-77A", True), ("李明李明Ab12345", True),
    ("Hufu stands on two halves 7", False)])
def test_A02_house_words_do_not_carry_a_password(password, leans):
    found = codes(password, words=("hufu", "li.ming", "李明"))
    assert ("HOUSE_WORD" in found) is leans


@given(st.text(min_size=128, max_size=128))
def test_A02_any_128_characters_are_long_enough_and_not_too_long(password):
    assert not {"SHORT", "LONG"} & set(codes(password, MLPS, administrator=True))


@pytest.mark.parametrize(("profile", "age", "due"), [
    (MLPS, timedelta(days=90) - timedelta(seconds=1), False), (MLPS, timedelta(days=90), True),
    (ASVS, timedelta(days=3650), False)])
def test_a_change_is_due_by_profile(profile, age, due):
    assert is_due(profile, AT - age, AT) is due
    assert is_due(profile, None, AT)
