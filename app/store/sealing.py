"""Canonical bytes at the speed of the lane, for values that are ours.

`app.domain.canonical` refuses what has no canonical form and is slow for it. A decision's facts are
made here of text, whole numbers, booleans, lists and objects only; a test holds both alike.
"""

import hashlib

import msgspec

sealed_bytes = msgspec.json.Encoder(order="sorted").encode


def sha256(text: bytes) -> str:
    """The digest of bytes as the house writes it."""
    return "sha256:" + hashlib.sha256(text).hexdigest()
