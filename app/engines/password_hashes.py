"""Argon2id: passwords hashed and compared; at most two at a time, since each takes 19 MiB.

Source: ASVS 5.0 11.4.2; requirement A01.
"""

import hmac
import threading
from functools import cache

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES,
                         type=Type.ID)
_places = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """The password as an Argon2id string that names its own parameters."""
    with _places:
        return _hasher.hash(_bytes(password))


def matches(stored: str, password: str) -> bool:
    """Whether the password is the stored one. A missing hash costs as much as a wrong one."""
    known = stored or _nobody()
    with _places:
        try:
            return _hasher.verify(known, _bytes(password)) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def same(first: str, second: str) -> bool:
    """Whether two secret texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_bytes(first), _bytes(second))


def is_weaker(stored: str) -> bool:
    """Whether the stored hash was made with less than today's parameters."""
    try:
        had = extract_parameters(stored)
    except InvalidHashError:
        return True
    return (had.type is not Type.ID or had.memory_cost < MEMORY_KIB or had.time_cost < PASSES)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    """A hash nobody's password has, to spend the same time on unknown accounts."""
    return _hasher.hash(b"\x00nobody")
