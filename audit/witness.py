"""The witness's side: see a checkpoint, check that it follows the last one seen, cosign it.

A witness is run by a regulator, a source department or an auditor, on a machine of their own,
with Python and nothing else. It refuses what does not extend what it already signed; its memory
is one small file. Signing here is not in constant time: run it where nobody else measures.

Source: C2SP tlog-witness (request and answer), tlog-cosignature (Ed25519).
"""

import hashlib
import json
import os
from pathlib import Path

from audit import note, verify

SEED_BYTES = 32


class Declined(Exception):
    """The witness does not sign, and says why."""


def make_key(name: str, seed: bytes) -> tuple[str, str]:
    """Private and public key lines of a witness, from 32 bytes of good randomness."""
    if not note.name_is_plain(name) or len(seed) != SEED_BYTES:
        raise Declined("a witness has a plain name and a seed of 32 bytes")
    key = note.Key(name, note.COSIGNATURE, _public(seed))
    material = note.encode(bytes([note.COSIGNATURE]) + seed)
    return f"PRIVATE+KEY+{name}+{key.id.hex()}+{material}", key.text()


def read_private(text: str) -> tuple[note.Key, bytes]:
    """Key and seed behind a private key line."""
    words = text.strip().removeprefix("PRIVATE+KEY+").split("+", 2)
    if not text.startswith("PRIVATE+KEY+") or len(words) != 3:
        raise Declined("a private key reads `PRIVATE+KEY+name+id+base64`")
    raw = note.decode(words[2])
    if len(raw) != 1 + SEED_BYTES or raw[0] != note.COSIGNATURE:
        raise Declined("not the private key of a witness (type 4)")
    key = note.Key(words[0], note.COSIGNATURE, _public(raw[1:]))
    if key.id.hex() != words[1]:
        raise Declined("the id of the private key does not belong to it")
    return key, raw[1:]


def sign(seed: bytes, message: bytes) -> bytes:
    """An Ed25519 signature.

    Source: RFC 8032 section 5.1.6.
    """
    scalar, prefix = _expanded(seed)
    public = _public(seed)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % verify.ORDER
    point = verify.encoded_point(verify.combined(r, 0, verify.BASE))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little")
    return point + ((r + k * scalar) % verify.ORDER).to_bytes(32, "little")


def answer(
    request: bytes,
    log_keys: tuple[verify.Key, ...],
    key: tuple[note.Key, bytes],
    state: dict[str, tuple[int, bytes]],
    at: int,
) -> str:
    """The signature line for a request; ``state`` is brought up to date.

    Raises:
        Declined: the checkpoint is not the log's, or does not extend what was signed before.
    """
    try:
        old, path, text, origin, size, root = _request(request, log_keys)
    except ValueError as error:
        raise Declined(str(error)) from None
    seen, seen_root = state.get(origin, (0, b""))
    if old != seen:
        raise Declined(f"the last checkpoint signed here has size {seen}; send a proof from there")
    if size < seen:
        raise Declined(f"rewind: size {size} is below {seen}, which was signed before")
    if not verify.consistent(seen, size, seen_root, root, path):
        raise Declined(f"fork: the tree of {size} does not extend the one of {seen}")
    public, seed = key
    line = note.cosign(text, at, public, lambda message: sign(seed, message)).line()
    state[origin] = (size, root)
    return line


def _request(request: bytes, log_keys: tuple[verify.Key, ...]):
    """Old size, proof, text and head of a request, or of a bare checkpoint (old size 0)."""
    old, path = 0, []
    if request.startswith(b"old "):
        head, _, request = request.partition(b"\n\n")
        first, *hashes = head.decode("ascii").split("\n")
        old, path = int(first.removeprefix("old ")), [verify.exact_base64(x, 32) for x in hashes]
    seen = verify.read_note(request)
    origin, size, root = verify.read_head(seen.text)
    if not any(seen.signed_by(key) for key in log_keys if key.name == origin):
        raise ValueError("no key this witness was given for the log signed the checkpoint")
    return old, path, seen.text, origin, size, root


def load_state(path: Path) -> dict[str, tuple[int, bytes]]:
    """What this witness signed last, by log."""
    if not path.exists():
        return {}
    rows = json.loads(path.read_text())
    return {name: (row["size"], note.decode(row["root"])) for name, row in rows.items()}


def save_state(path: Path, state: dict[str, tuple[int, bytes]]) -> None:
    """Keep what was signed, durable before the signature leaves."""
    rows = {name: {"size": size, "root": note.encode(root)} for name, (size, root) in state.items()}
    beside = path.with_name(path.name + ".new")
    with beside.open("w") as file:
        file.write(json.dumps(rows, sort_keys=True, indent=1))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _expanded(seed: bytes) -> tuple[int, bytes]:
    """Secret scalar and nonce prefix of a seed."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return scalar & (1 << 254) - 8 | 1 << 254, digest[32:]


def _public(seed: bytes) -> bytes:
    """The public key of a seed."""
    return verify.encoded_point(verify.combined(_expanded(seed)[0], 0, verify.BASE))
