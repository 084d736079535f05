"""Secrets at rest: Argon2id that only grows, codes of one step, sealed fields, keys in files."""

import base64
import itertools
import os
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher, Type
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engines import one_time_codes as codes
from app.engines import password_hashes as hashes
from app.engines.field_box import FieldBox, Unreadable, load, open_box
from app.engines.key_files import kept

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def token(size: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(size)).decode().rstrip("=")


def test_A01_passwords_are_argon2id_with_at_least_the_least_parameters():
    assert hashes.hashed("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(("kind", "memory", "passes", "weaker"), [
    (Type.ID, 19456, 2, False), (Type.ID, 65536, 3, False), (Type.ID, 19455, 2, True),
    (Type.ID, 19456, 1, True), (Type.I, 19456, 2, True)])
def test_A01_only_weaker_hashes_are_made_anew(kind, memory, passes, weaker):
    stored = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1,
                            type=kind).hash("x")
    assert hashes.is_weaker(stored) is weaker


@pytest.mark.parametrize("password", ["", "x", "符" * 128, "a\x00b", "\ud800"])
def test_A02_a_password_matches_itself_alone(password):
    stored = hashes.hashed(password)
    assert hashes.matches(stored, password) and not hashes.matches(stored, password + "x")


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$broken"])
def test_a_missing_or_broken_hash_matches_nothing(stored):
    assert not hashes.matches(stored, "") and not hashes.matches(stored, "\x00nobody")


def test_A04_a_code_belongs_to_one_of_three_steps_and_no_other():
    secret, now = codes.new_secret(token), int(AT.timestamp()) // 30
    found = {step: codes.step_of(secret, codes.code_at(secret, step), AT)
             for step in range(now - 3, now + 4)}
    assert [step for step, seen in found.items() if seen == step] == [now - 1, now, now + 1]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\n"])
def test_a_text_that_is_no_code_belongs_to_no_step(code):
    assert codes.step_of(codes.new_secret(token), code, AT) is None
    assert codes.step_of("", "123456", AT) is None


def test_codes_are_those_of_the_standard():
    """RFC 6238 appendix B, SHA-1, the last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [codes.code_at(secret, step) for step in (1, 37037036)] == ["287082", "081804"]


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_K04_a_sealed_field_opens_again_and_differs_each_time(text):
    box = load(f"f1 {KEY}")
    first, second = box.seal(text, "a", token), box.seal(text, "a", token)
    assert first != second and first.startswith("aes-256-gcm.f1.")
    assert box.open(first, "a") == box.open(second, "a") == text


def test_K04_a_sealed_field_opens_nowhere_else_and_not_after_any_change():
    box = load(f"f1 {KEY}")
    sealed = box.seal("value", "account/1/totp", token)
    with pytest.raises(Unreadable):
        box.open(sealed, "account/2/totp")
    for at, sign in itertools.product(range(len(sealed)), "A."):
        changed = sealed[:at] + sign + sealed[at + 1:]
        if changed == sealed:
            continue
        try:
            assert box.open(changed, "account/1/totp") == "value"  # spare bits of base64
            assert base64.urlsafe_b64decode(changed.split(".")[-1]) == \
                base64.urlsafe_b64decode(sealed.split(".")[-1])
        except Unreadable:
            pass


def test_K06_an_old_key_reads_and_the_newest_writes():
    old = load(f"f1 {KEY}")
    sealed = old.seal("value", "p", token)
    rotated = load(f"f1 {KEY}\nf2 {base64.urlsafe_b64encode(b'n' * 32).decode()}")
    assert rotated.open(sealed, "p") == "value"
    assert ".f2." in rotated.seal("value", "p", token)
    with pytest.raises(Unreadable):
        old.open(rotated.seal("value", "p", token), "p")


@pytest.mark.parametrize("text", ["", "f1", f"f1 {KEY[:20]}", "f1 AAAA"])
def test_a_key_file_that_is_no_list_of_keys_is_refused(text):
    with pytest.raises(ValueError):
        load(text)


def test_a_box_shows_no_key():
    assert KEY not in repr(load(f"f1 {KEY}")) and "kkkk" not in repr(FieldBox({"a": b"kkkk"}, "a"))


def test_K01_a_key_file_is_its_owners_alone_and_the_first_one_stays(tmp_path):
    box = open_box(tmp_path, token)
    path = tmp_path / "keys" / "field.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_box(tmp_path, token).open(box.seal("v", "p", token), "p") == "v"
    assert kept(path, "another") == path.read_text()
    path.chmod(0o640)
    with pytest.raises(ValueError, match="600"):
        open_box(tmp_path, token)
