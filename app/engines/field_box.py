"""Field values sealed with AES-256-GCM; each stored text names its algorithm and its key.

The key file lies in the data folder, never in the database. Its last line writes, the lines
above are kept for reading (requirements K04 and K06). Source: ASVS 5.0 11.3.2 and 13.3.4.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.engines.key_files import kept

ALGORITHM = "aes-256-gcm"
Token = Callable[[int], str]


class Unreadable(Exception):
    """The stored text was not sealed for this place, by a known key, or was changed."""


@dataclass(frozen=True)
class FieldBox:
    """Keys by id; `writes` is the id new values are sealed with."""

    keys: Mapping[str, bytes] = field(repr=False)
    writes: str

    def seal(self, text: str, place: str, token: Token) -> str:
        """The text sealed for one place (`account/<id>/totp`), so that it opens nowhere else."""
        nonce = base64.urlsafe_b64decode(token(12))
        body = AESGCM(self.keys[self.writes]).encrypt(nonce, text.encode(), place.encode())
        return ".".join((ALGORITHM, self.writes, _text(nonce), _text(body)))

    def open(self, sealed: str, place: str) -> str:
        """The text again.

        Raises:
            Unreadable
        """
        try:
            algorithm, key_id, nonce, body = sealed.split(".")
            if algorithm != ALGORITHM:
                raise Unreadable(f"`{algorithm}` is not an algorithm of this box")
            opened = AESGCM(self.keys[key_id]).decrypt(
                base64.urlsafe_b64decode(nonce), base64.urlsafe_b64decode(body), place.encode())
        except (ValueError, KeyError, InvalidTag) as error:
            raise Unreadable("the sealed value cannot be opened here") from error
        return opened.decode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


@cache
def load(text: str) -> FieldBox:
    """The box of a key file's text: a line `id key` for each key.

    Raises:
        ValueError: it is not such a list.
    """
    keys = {}
    for line in text.splitlines():
        key_id, encoded = line.split()
        keys[key_id] = base64.urlsafe_b64decode(encoded)
    if not keys or any(len(key) != 32 for key in keys.values()):
        raise ValueError("the field key file holds a key that is not 256 bits")
    return FieldBox(keys, list(keys)[-1])


def open_box(folder: Path, token: Token) -> FieldBox:
    """The box of a data folder; a new folder gets a key."""
    return load(kept(folder / "keys" / "field.key", f"f1 {token(32)}=\n"))
