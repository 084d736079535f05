"""Pseudonyms: the same value of the same field under the same key gives the same token.

A token is a keyed digest. Who holds the key can try values until one fits, so the key belongs to
the enforcement point alone and is kept like a password file.
"""

import base64
import hashlib
import hmac
import re
from typing import NamedTuple

from .refused import CannotMask

SHORTEST_KEY = 32  # bytes
_NAME = re.compile(r"[a-z0-9]{1,8}")
_DOMAIN = b"hufu-mask token 1"


class Key(NamedTuple):
    """A secret of at least 32 random bytes and the short name its tokens begin with."""

    name: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key(name={self.name!r})"


def checked(key: object, field: str) -> Key:
    """The key, if it can be used for this field.

    Raises:
        CannotMask: there is no key, it is short or nameless, or no field is named.
    """
    if not isinstance(key, Key):
        raise CannotMask("`key` is a Key(name, secret)")
    if not isinstance(key.name, str) or not _NAME.fullmatch(key.name):
        raise CannotMask("a key's name is one to eight small letters and digits")
    if not isinstance(key.secret, bytes) or len(key.secret) < SHORTEST_KEY:
        raise CannotMask("a key's secret is at least 32 bytes")
    if len(set(key.secret)) < 8:
        raise CannotMask("a key's secret is random bytes; this one repeats a few")
    if not isinstance(field, str) or not field:
        raise CannotMask("`field` is the name a token is made for; tokens of two fields differ")
    return key


def digest(key: Key, *parts: str) -> bytes:
    """The keyed digest of several texts, each set off by its length."""
    found = hmac.new(key.secret, _DOMAIN, hashlib.sha256)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        found.update(len(raw).to_bytes(8, "big") + raw)
    return found.digest()


def token(key: Key, field: str, kind: str, value: str) -> str:
    """The key's name, a dot, and 26 letters and digits that stand for 128 bits of the digest."""
    raw = digest(key, "token", field, kind, value)[:16]
    return key.name + "." + base64.b32encode(raw).decode("ascii").rstrip("=")
