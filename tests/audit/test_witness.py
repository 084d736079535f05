"""A witness cosigns what extends what it cosigned before, and nothing else."""

import os
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit import note, verify, witness
from audit.__main__ import main
from tests.audit.log import BANK, SERVER, Signer, packed, report, zone

NAME = "regulator.example/w2"
NOW = 1_800_000_000


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_our_signatures_are_those_of_a_known_library(seed, message):
    known = Ed25519PrivateKey.from_private_bytes(seed)
    public = known.public_key().public_bytes_raw()
    assert witness.sign(seed, message) == known.sign(message)
    assert verify.ed25519_holds(public, message, known.sign(message))
    assert not verify.ed25519_holds(public, message + b".", known.sign(message))


def test_a_scalar_beyond_the_order_is_not_a_second_signature():
    signature = SERVER.sign(b"text")
    beyond = int.from_bytes(signature[32:], "little") + verify.ORDER
    second = signature[:32] + beyond.to_bytes(32, "little")
    assert verify.ed25519_holds(SERVER.public, b"text", signature)
    assert not verify.ed25519_holds(SERVER.public, b"text", second)


@pytest.fixture
def key():
    private, _ = witness.make_key(NAME, b"w" * 32)
    return witness.read_private(private)


def ask(log, key, state, old: int, size: int | None = None, signer=SERVER):
    new = len(log.bodies) if size is None else size
    hashes = list(log.consistency(old, new).hashes)
    text = note.request_text(old, hashes, log.checkpoint(new)).encode()
    return witness.answer(text, signer.trusted(), key, state, NOW)


def test_an_extension_is_cosigned_and_remembered(key):
    log, state = zone(), {}
    ask(log, key, state, 0, 10)
    line = ask(log, key, state, 10)
    assert state[SERVER.key.name][0] == len(log.bodies)
    (trusted,) = verify.read_keys(key[0].text(), verify.COSIGNATURE)
    cosigned = verify.read_note((log.checkpoint() + line).encode())
    assert cosigned.cosigned_at(trusted) == NOW


def test_what_a_witness_cosigned_anchors_a_pack(key):
    log = zone()
    line = ask(log, key, {}, 0)
    keys = verify.read_keys(key[0].text(), verify.COSIGNATURE)
    raw = packed(log, anchors=(log.checkpoint() + line,))
    assert report(raw, witnesses=keys).verdict == verify.TRUSTED


def test_a_bare_checkpoint_is_enough_the_first_time(key):
    log, state = zone(), {}
    assert witness.answer(log.checkpoint().encode(), SERVER.trusted(), key, state, NOW)
    with pytest.raises(witness.Declined, match="send a proof"):
        witness.answer(log.checkpoint().encode(), SERVER.trusted(), key, state, NOW)


def test_the_same_head_may_be_cosigned_again(key):
    log, state = zone(), {}
    ask(log, key, state, 0)
    assert ask(log, key, state, len(log.bodies))


@pytest.mark.parametrize("attack", ["rewind", "fork", "no proof", "forger", "same size"])
def test_nothing_else_is_cosigned(key, attack):
    log, state = zone(), {}
    ask(log, key, state, 0, 20)
    other = log.copy(12)
    for _ in range(16):
        other.add(BANK, "grant.revoke")
    before = dict(state)
    with pytest.raises(witness.Declined):
        if attack == "rewind":
            ask(log, key, state, 12, 12)
        elif attack == "fork":
            ask(other, key, state, 20)
        elif attack == "same size":
            ask(other, key, state, 20, 20)
        elif attack == "no proof":
            text = note.request_text(20, [], log.checkpoint()).encode()
            witness.answer(text, SERVER.trusted(), key, state, NOW)
        else:
            log.signer = Signer(SERVER.key.name, 9)
            ask(log, key, state, 20)
    assert state == before


@pytest.mark.parametrize("text", [
    "", "PRIVATE+KEY+a+b", "PRIVATE+KEY+a+00000000+AAAA",
    witness.make_key(NAME, b"w" * 32)[0].replace(NAME, "other"),
])  # fmt: skip
def test_a_private_key_that_is_not_one_is_declined(text):
    with pytest.raises((witness.Declined, note.Malformed)):
        witness.read_private(text)


def test_the_command_makes_a_key_and_cosigns_twice(tmp_path, capsys):
    secret, log_key = tmp_path / "w.key", tmp_path / "log.vkey"
    log_key.write_text(SERVER.key.text() + "\n")
    assert main(["witness-key", "--name", NAME, "--out", str(secret)]) == 0
    public = capsys.readouterr().out
    assert stat.S_IMODE(os.stat(secret).st_mode) == 0o600
    log = zone()
    asked, line = tmp_path / "asked", tmp_path / "line"
    for old, new in ((0, 10), (10, len(log.bodies))):
        hashes = list(log.consistency(old, new).hashes)
        asked.write_text(note.request_text(old, hashes, log.checkpoint(new)))
        words = ["--key", str(secret), "--log-key", str(log_key), "--out", str(line)]
        assert main(["cosign", str(asked), *words]) == 0
    cosigned = verify.read_note((log.checkpoint() + line.read_text()).encode())
    assert cosigned.cosigned_at(verify.read_keys(public, verify.COSIGNATURE)[0])
    assert main(["cosign", str(asked), *words]) == 1
    assert main(["witness-key", "--name", NAME, "--out", str(secret)]) == 1
