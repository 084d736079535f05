"""The key that signs checkpoints and packs: made, held and used by the jobs process alone.

A key that follows waits beside it until a checkpoint carries both signatures; then the old secret
is gone and its public half stays published. Source: GB/T 22239-2019 8.1.10.9.a; the web process
refuses to start where it can read this key.
"""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.settings import Settings
from audit import note

PREFIX = "PRIVATE+KEY+"


class KeyUnusable(Exception):
    """The signing key cannot be read, or too many may read it; nothing is signed."""


class Signer:
    """The zone's signing key. `key` signs notes, `clock` dates checkpoints."""

    def __init__(self, name: str, secret: Ed25519PrivateKey):
        public = secret.public_key().public_bytes_raw()
        self.key = note.Key(name, note.ED25519, public)
        self.clock = note.Key(name, note.COSIGNATURE, public)
        self.sign = secret.sign


def load(settings: Settings) -> Signer:
    """The key of this zone, made on the first start; its public half is published beside.

    Raises:
        KeyUnusable
    """
    signer = _own(settings.signing_key_file, settings.origin)
    _publish(settings.public_key_file, signer)
    return signer


def successor(settings: Settings) -> Signer:
    """The key that is to follow, made when it is first asked for.

    Raises:
        KeyUnusable
    """
    return _own(_beside(settings), settings.origin)


def succeed(settings: Settings) -> Signer:
    """Put the waiting key in the place of the old, whose secret is gone by that."""
    _beside(settings).replace(settings.signing_key_file)
    return load(settings)


def _beside(settings: Settings) -> Path:
    path = settings.signing_key_file
    return path.with_name(f"{path.name}.next")


def _own(path: Path, origin: str) -> Signer:
    if not path.exists():
        make(path, origin)
    signer = read(path)
    if signer.key.name != origin:
        raise KeyUnusable(f"the signing key is of `{signer.key.name}`, not `{origin}`")
    return signer


def read(path: Path) -> Signer:
    """The key in a file only its owner can read.

    Raises:
        KeyUnusable
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyUnusable(f"the signing key has mode {mode:04o}; it must be 0600")
        text = path.read_text().strip()
    except OSError as error:
        raise KeyUnusable(f"the signing key cannot be read: {error.strerror}") from None
    try:
        name, key_id, material = text.removeprefix(PREFIX).split("+", 2)
        raw = note.decode(material)
        signer = Signer(name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
    except ValueError:
        raise KeyUnusable("the signing key file is not one") from None
    if not text.startswith(PREFIX) or raw[0] != note.ED25519 or signer.key.id.hex() != key_id:
        raise KeyUnusable("the signing key file is not one")
    return signer


def make(path: Path, name: str) -> None:
    """A new key; two processes that start at once end with one."""
    secret = Ed25519PrivateKey.generate()
    signer = Signer(name, secret)
    material = note.encode(bytes([note.ED25519]) + secret.private_bytes_raw())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{PREFIX}{name}+{signer.key.id.hex()}+{material}\n")
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _publish(path: Path, signer: Signer) -> None:
    """The verifier key where auditors and the web find it, the keys it followed below it."""
    known = path.read_text().splitlines() if path.exists() else []
    own = signer.key.text()
    if known[:1] != [own]:
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.write_text("\n".join([own, *(line for line in known if line != own)]) + "\n")
        beside.replace(path)
