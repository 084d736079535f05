"""The canonical form as the auditor's side writes it.

Kept apart from the app's own copy on purpose: what audits shares nothing with what is audited.
"""

import base64
import hashlib
import json

LARGEST = 2**53 - 1


def canonical(value: object) -> bytes:
    """The one UTF-8 text of a value; ValueError for floats, wide integers, non-ASCII keys.

    Source: RFC 8785, restricted to values that need no rounding.
    """
    _carried(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def commitment(salt: str, name: str, value: object) -> str:
    """What stands in an entry for a private value: base64 of SHA-256 over salt, name and value."""
    return base64.b64encode(hashlib.sha256(canonical([salt, name, value])).digest()).decode()


def lines(rows: list[dict]) -> bytes:
    """JSON lines, each canonical, each ended by a line feed."""
    return b"".join(canonical(row) + b"\n" for row in rows)


def _carried(value: object) -> None:
    """Refuse what two writers could write differently."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise ValueError(f"key `{key}` is not ASCII text")
            _carried(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _carried(item)
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError("integer beyond 2^53-1")
    elif value is not None and not isinstance(value, str):
        raise ValueError(f"`{type(value).__name__}` has no canonical form")
