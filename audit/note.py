"""Signed notes, checkpoints and cosignatures, written and read in their one exact form.

Signing goes through a callable that is handed in, so this file holds no key and needs no
cryptography. What it parses it does not trust: `audit/verify.py` is what checks signatures.

Source: C2SP signed-note, tlog-checkpoint, tlog-cosignature (Ed25519), tlog-witness.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 16
EM_DASH = "\u2014"

Sign = Callable[[bytes], bytes]
"""Message to Ed25519 signature (64 bytes)."""


class Malformed(ValueError):
    """Text that is not a note in its exact form; says what to mend."""


@dataclass(frozen=True)
class Key:
    """A public key under a name; ``kind`` is the signature type byte."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    def text(self) -> str:
        """The key as a verifier is given it: name, id and key on one line."""
        return f"{self.name}+{self.id.hex()}+{encode(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True)
class Signature:
    """One signature line: who, which key, and the bytes that key left."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """The line as it stands in a note, its line feed included."""
        return f"{EM_DASH} {self.name} {encode(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """Text (ending in a line feed) and its signatures in the order they stand."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(each.line() for each in self.signatures)


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: whose log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


def encode(raw: bytes) -> str:
    """Standard base64, padded, on one line."""
    return base64.b64encode(raw).decode()


def decode(text: str) -> bytes:
    """The bytes behind canonical base64; Malformed for any other spelling of them."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed("not base64") from None
    if encode(raw) != text:
        raise Malformed("base64 is not in its canonical spelling")
    return raw


def parse_key(text: str) -> Key:
    """The key behind ``name+id+base64``."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not name_is_plain(parts[0]):
        raise Malformed("a verifier key reads `name+id+base64`")
    raw = decode(parts[2])
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise Malformed("only Ed25519 keys of type 1 and 4 are known")
    key = Key(parts[0], raw[0], raw[1:])
    if key.id.hex() != parts[1]:
        raise Malformed(f"the id of key `{parts[0]}` does not belong to it")
    return key


def sign_note(text: str, key: Key, sign: Sign) -> Signature:
    """A plain note signature over the text."""
    return Signature(key.name, key.id, sign(text.encode()))


def cosign(text: str, at: int, key: Key, sign: Sign) -> Signature:
    """A statement that this was the largest consistent head seen at ``at`` (POSIX seconds)."""
    if key.kind != COSIGNATURE:
        raise Malformed(f"key `{key.name}` is not a cosignature key")
    message = f"cosignature/v1\ntime {at}\n{text}".encode()
    return Signature(key.name, key.id, at.to_bytes(8, "big") + sign(message))


def cosigned_at(signature: Signature) -> int:
    """The POSIX seconds a cosignature states, unchecked."""
    if len(signature.value) != 72:
        raise Malformed("a cosignature has 72 bytes after the key id")
    return int.from_bytes(signature.value[:8], "big")


def parse_note(text: str) -> Note:
    """The note, or Malformed: only line feeds, only em dashes, only canonical base64."""
    body, blank, signed = text.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise Malformed("a note is text, an empty line and signature lines")
    if any(ord(letter) < 32 and letter != "\n" for letter in text):
        raise Malformed("a note holds no control characters but line feeds")
    lines = signed[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed(f"more than {MAX_SIGNATURES} signature lines")
    return Note(body + "\n", tuple(parse_signature(line) for line in lines))


def parse_signature(line: str) -> Signature:
    """The signature behind one line without its line feed."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != EM_DASH or not name_is_plain(parts[1]):
        raise Malformed("a signature line reads: em dash, space, name, space, base64")
    raw = decode(parts[2])
    if len(raw) < 5:
        raise Malformed("a signature line holds a key id and a signature")
    return Signature(parts[1], raw[:4], raw[4:])


def parse_checkpoint(text: str) -> Checkpoint:
    """The tree head behind the text of a note; extension lines are refused."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] != "" or not lines[0]:
        raise Malformed("a checkpoint has three lines: origin, size, root")
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1])) != lines[1]:
        raise Malformed("the size is a decimal without leading zeroes")
    root = decode(lines[2])
    if len(root) != 32:
        raise Malformed("the root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def request_text(old: int, proof: list[bytes], checkpoint: str) -> str:
    """What a witness is sent: the size it knows, the proof from there, the new checkpoint."""
    return f"old {old}\n" + "".join(encode(each) + "\n" for each in proof) + "\n" + checkpoint


def name_is_plain(name: str) -> bool:
    """Whether a key may carry this name: no white space, no plus, not empty."""
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)
