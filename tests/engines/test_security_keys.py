"""WebAuthn answers: right ones are taken, every lie about one is not, and no bytes break it."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.relying_party import relying_party
from app.engines import security_keys as engine
from tests.authenticator import PRESENT, Authenticator, edwards, octets, text

PARTY = relying_party("https://localhost:8420", (), 8420)
CHALLENGE, OTHER = text(b"c" * 32), text(b"d" * 32)
TO_CREATE = engine.to_create(PARTY, CHALLENGE, ("acc-1", "qian", "钱某"), ())
TO_GET = engine.to_get(PARTY, CHALLENGE)


def enrolled(key: Authenticator) -> engine.NewKey:
    return engine.made(key.make(TO_CREATE), CHALLENGE, PARTY)


@pytest.mark.parametrize("kind", [Authenticator, edwards])
def test_a_key_that_was_made_answers(kind):
    key = kind()
    new = enrolled(key)
    assert (new.credential_id, new.sign_count) == (key.name, key.count)
    assert engine.count_of(key.answer(TO_GET), CHALLENGE, new.public_key, PARTY) == key.count


def test_options_ask_for_the_holder_and_name_no_key_to_a_stranger():
    assert TO_CREATE["authenticatorSelection"] == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert (TO_CREATE["rp"]["id"], TO_CREATE["attestation"]) == ("localhost", "none")
    assert octets(TO_CREATE["user"]["id"]) == b"acc-1"
    assert (TO_GET["userVerification"], TO_GET["allowCredentials"]) == ("required", [])


LIES = [{"origin": "https://evil.example"}, {"origin": "https://localhost:8420.evil.example"},
        {"origin": "http://localhost:81"}, {"rp_id": "evil.example"}, {"rp_id": "127.0.0.1"},
        {"challenge": OTHER}, {"flags": PRESENT}, {"flags": 0}, {"kind": "webauthn.other"}]


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_A03_a_wrong_origin_party_challenge_or_holder_is_not_taken(lie):
    key = Authenticator()
    new = enrolled(key)
    assert engine.count_of(key.answer(TO_GET, **lie), CHALLENGE, new.public_key, PARTY) is None
    assert engine.made(Authenticator().make(TO_CREATE, **lie), CHALLENGE, PARTY) is None


def test_A03_another_keys_signature_and_a_changed_one_are_not_taken():
    key, other = Authenticator(), Authenticator()
    new = enrolled(key)
    enrolled(other)
    assert engine.count_of(other.answer(TO_GET), CHALLENGE, new.public_key, PARTY) is None
    sent = key.answer(TO_GET)
    sent["response"]["signature"] = text(octets(sent["response"]["signature"])[:-1] + b"\x00")
    assert engine.count_of(sent, CHALLENGE, new.public_key, PARTY) is None


def test_a_page_inside_anothers_frame_is_not_answered():
    assert engine.answer_of(Authenticator().answer(TO_GET, cross_origin=True)) is None


@pytest.mark.parametrize("lie", [
    {"fmt": "packed", "statement": {"alg": -7, "sig": b"x", "x5c": [b"x"]}},
    {"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}}, {"fmt": "tpm"}, {"fmt": 5},
    {"statement": {"sig": b"x"}}, {"statement": 5}, {"statement": "sig"},
    {"public": {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}},  # no point of the curve
    {"public": {1: 2, 3: -7, -1: 1, -2: 5, -3: b"y" * 32}}, {"public": {1: 2}}, {"public": 5},
    {"public": {1: 3, 3: -37, -1: b"n" * 256, -2: b"\x01\x00\x01"}}, {"public": {1: 9, 3: -7}},
], ids=str)
def test_keys_of_unknown_or_broken_kinds_are_not_enrolled(lie):
    assert engine.made(Authenticator().make(TO_CREATE, **lie), CHALLENGE, PARTY) is None


SENT = Authenticator().answer(engine.to_get(PARTY, CHALLENGE), user=text(b"acc-1"))
MADE = Authenticator().make(TO_CREATE)


@settings(max_examples=300, deadline=None)
@given(part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature",
                             "attestationObject", "userHandle", "id"]), raw=st.binary(max_size=400))
def test_no_bytes_are_more_than_wrong(part, raw):
    for sent in (copy.deepcopy(SENT), copy.deepcopy(MADE)):
        (sent if part == "id" else sent["response"])[part] = text(raw)
        engine.answer_of(sent)
        assert engine.made(sent, OTHER, PARTY) is None
        assert engine.count_of(sent, CHALLENGE, text(raw or b"x"), PARTY) is None


@pytest.mark.parametrize("client", [b"[" * 8000, b'{"a":' * 4000, b"\xff", b"5", b"null", b"{}",
                                    b'{"challenge": 1}', b'{"challenge": "a", "challenge": "b"}'])
def test_client_data_of_hostile_shape_is_read_as_nothing_or_as_text(client):
    sent = copy.deepcopy(SENT)
    sent["response"]["clientDataJSON"] = text(client)
    found = engine.answer_of(sent)
    assert found is None or isinstance(found.challenge, str)
    assert engine.count_of(sent, CHALLENGE, text(b"x"), PARTY) is None


def test_the_library_is_loaded_with_the_first_answer_only():
    import subprocess
    import sys

    told = subprocess.run([sys.executable, "-c", "import app.web, sys; print('webauthn' in "
                           "sys.modules, 'cbor2' in sys.modules)"], capture_output=True, text=True,
                          check=True, timeout=60)
    assert told.stdout.split() == ["False", "False"]
