"""Notes, checkpoints and cosignatures: published examples, round trips, one spelling only."""

from datetime import timedelta

import pytest

from audit import note, verify
from tests.audit.log import SERVER, START, WITNESS, Log, cosigned

# The example of the sumdb note documentation.
PUBLISHED = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def log() -> Log:
    made = Log()
    made.add("system", "zone.found")
    made.count()
    return made


def test_a_published_note_verifies():
    (key,) = verify.read_keys(PUBLISHED_KEY, verify.PLAIN)
    assert verify.read_note(PUBLISHED.encode()).signed_by(key) is True
    assert note.parse_key(PUBLISHED_KEY).text() == PUBLISHED_KEY
    assert str(note.parse_note(PUBLISHED)) == PUBLISHED


def test_a_published_cosignature_line_has_the_published_time():
    line = ("\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWX"
            "EhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==")  # fmt: skip
    assert note.cosigned_at(note.parse_signature(line)) == 1679315147


def test_a_checkpoint_survives_the_round_trip():
    head = log().head()
    assert note.parse_checkpoint(head.text()) == head
    assert verify.read_head(head.text()) == (head.origin, head.size, head.root)


def test_what_the_house_signs_the_verifier_accepts():
    (key,), (clock,) = SERVER.trusted(), SERVER.trusted(verify.COSIGNATURE)
    seen = verify.read_note(log().checkpoint().encode())
    assert seen.signed_by(key) is True
    assert seen.cosigned_at(clock) == int((START + timedelta(seconds=2)).timestamp())


def test_a_cosignature_carries_its_time_and_does_not_hold_with_another():
    (key,) = WITNESS.trusted(verify.COSIGNATURE)
    text = cosigned(log().checkpoint(), START)
    assert verify.read_note(text.encode()).cosigned_at(key) == int(START.timestamp())
    parsed = note.parse_note(text)
    last = parsed.signatures[-1]
    moved = (int(START.timestamp()) + 1).to_bytes(8, "big") + last.value[8:]
    forged = note.Note(parsed.text, (note.Signature(last.name, last.key_id, moved),))
    with pytest.raises(verify.Loose, match="does not hold"):
        verify.read_note(str(forged).encode()).cosigned_at(key)


def test_a_signature_by_a_key_of_the_same_name_is_not_by_that_key():
    (other,) = verify.read_keys(note.Key(SERVER.key.name, 1, WITNESS.public).text(), 1)
    assert verify.read_note(log().checkpoint().encode()).signed_by(other) is None


LOOSE = {
    "another dash": lambda text: text.replace("\u2014", "\u2013", 1),
    "a hyphen": lambda text: text.replace("\u2014", "-", 1),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "a line separator": lambda text: text.replace("\n\u2014", "\u2028\u2014", 1),
    "two spaces": lambda text: text.replace("\u2014 ", "\u2014  ", 1),
    "no last line feed": lambda text: text[:-1],
    "a spare line feed": lambda text: text + "\n",
    "no empty line": lambda text: text.replace("\n\n", "\n"),
    "spare bits in base64": lambda text: text[:-3] + chr(ord(text[-3]) + 1) + "=\n",
    "unpadded base64": lambda text: text.replace("=\n", "\n"),
    "a tab": lambda text: text.replace("\u2014 ", "\u2014\t", 1),
    "a key id alone": lambda text: text.split("\n\n")[0] + "\n\n\u2014 a AAAAAA==\n",
    "too many signatures": lambda text: text + text.split("\n\n")[1] * 16,
}


@pytest.mark.parametrize("spoil", LOOSE.values(), ids=LOOSE)
def test_a_note_has_one_spelling(spoil):
    spoiled = spoil(PUBLISHED)
    assert spoiled != PUBLISHED
    with pytest.raises(note.Malformed):
        note.parse_note(spoiled)
    with pytest.raises(verify.Loose):
        verify.read_note(spoiled.encode())


ROOT = "A" * 43 + "="


@pytest.mark.parametrize("text", [
    f"origin\n007\n{ROOT}\n", f"origin\n+7\n{ROOT}\n", f"\n7\n{ROOT}\n", "origin\n7\nAAAA\n",
    f"origin\n7\n{ROOT}\nextension\n", "origin\n7\n", f"origin\n\u0667\n{ROOT}\n",
])  # fmt: skip
def test_a_checkpoint_has_one_spelling(text):
    with pytest.raises(note.Malformed):
        note.parse_checkpoint(text)
    with pytest.raises(verify.Loose):
        verify.read_head(text)


@pytest.mark.parametrize("text", [
    "", "# only a remark\n", "name", PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
    PUBLISHED_KEY[:-1], PUBLISHED_KEY.replace("PeterNeumann", "Peter Neumann"),
    WITNESS.clock.text(),
])  # fmt: skip
def test_a_key_file_that_is_not_one_is_unusable(text):
    with pytest.raises(verify.Unusable):
        verify.read_keys(text, verify.PLAIN)


def test_a_malformed_key_is_refused_when_read_by_the_house():
    for text in ("name+00000000+AAAA", PUBLISHED_KEY.replace("c7", "c8"), "no key"):
        with pytest.raises(note.Malformed):
            note.parse_key(text)


def test_only_a_cosignature_key_cosigns():
    with pytest.raises(note.Malformed):
        note.cosign("text\n", 1, SERVER.key, SERVER.sign)
