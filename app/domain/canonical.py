"""One text for one value: the form that is hashed, sealed and signed.

RFC 8785 restricted to what needs no rounding: ASCII keys, strings, integers within 2^53-1,
booleans, null, lists and objects. Floats are refused, so two writers can never differ.
"""

import hashlib
import json
from datetime import UTC, datetime

LARGEST = 2**53 - 1


def checked(value: object, depth: int = 0) -> object:
    """The same value, or ValueError naming what canonical JSON cannot carry."""
    if depth > 32:
        raise ValueError("nested deeper than 32 levels")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError("integer beyond 2^53-1")
        return value
    if isinstance(value, (list, tuple)):
        return [checked(item, depth + 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"key `{key}` is not ASCII text")
        return {key: checked(item, depth + 1) for key, item in value.items()}
    raise ValueError(f"`{type(value).__name__}` has no canonical form")


def canonical(value: object) -> bytes:
    """The canonical UTF-8 bytes of a value.

    Source: RFC 8785, restricted as the module says.
    """
    return json.dumps(
        checked(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8")


def digest(value: object) -> str:
    """The SHA-256 of the canonical bytes, as `sha256:<64 hex>`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def instant(at: datetime) -> str:
    """An aware instant as fixed-width UTC text, `2026-11-22T02:15:04.118000Z`."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def parse_instant(text: str) -> datetime:
    """The aware instant behind the fixed-width text; ValueError for any other form."""
    if len(text) != 27 or not text.endswith("Z"):
        raise ValueError("not a fixed-width UTC instant")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
