"""Strict JSON at the speed of the lane: what is plain is read at once, the rest strictly.

`app.domain.wire.read_json` is the law of what may be read and of what is said about the rest. Here
a body is read only where nothing of it could be refused there; a test holds both alike.
"""

import math
import re

import msgspec

from app.domain.wire import BODY_LIMIT, DEEPEST, LARGEST_INTEGER, read_json

_decode = msgspec.json.Decoder().decode
_texts = msgspec.json.Decoder(list[msgspec.Raw]).decode
_STRING = re.compile(rb'"[^"]*"(\s*:)?')  # a name of a member is followed by its colon


class Unplain(Exception):
    """Something the strict reader has to look at."""


class _Batch(msgspec.Struct):
    evaluations: msgspec.Raw


_batch = msgspec.json.Decoder(_Batch).decode


def read(body: bytes, limit: int = BODY_LIMIT) -> object:
    """The one value in ``body``.

    Raises:
        app.domain.wire.Malformed: as the strict reader says it.
    """
    if len(body) <= limit:
        try:
            return plain(body)
        except Unplain:
            pass
    return read_json(body, limit)


def plain(text: bytes, depth: int = 1) -> object:
    """The one value in a text that stands so deep in a body.

    Raises:
        Unplain: the strict reader has to look at it.
    """
    if b"\\" not in text:
        try:
            value = _decode(text)
            if _members(value, depth) == sum(map(bool, _STRING.findall(text))):
                return value  # no name stands twice: as many members were kept as were written
        except (ValueError, RecursionError):
            pass
    raise Unplain


def apart(body: bytes, limit: int = BODY_LIMIT) -> tuple[object, list[bytes]]:
    """A batch with its `evaluations` left empty, and the text of each of them, unread.

    Raises:
        Unplain: the strict reader has to look at it.
    """
    if len(body) > limit or b"\\" in body:
        raise Unplain
    try:
        listed = bytes(_batch(body).evaluations)
        rest, texts = plain(body.replace(listed, b"[]", 1)), _texts(listed)
    except (ValueError, RecursionError):
        raise Unplain from None
    if not isinstance(rest, dict) or rest.get("evaluations") != []:
        raise Unplain  # the same text stood somewhere before
    return rest, [bytes(text) for text in texts]


def _members(value: object, depth: int) -> int:
    """How many members all objects hold together; numbers a browser would round are not plain."""
    kind = type(value)
    if kind is dict:
        inner = value.values()
    elif kind is list:
        inner = value
    elif kind is str or value is None or kind is bool:
        return 0
    elif kind is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return 0
    elif kind is float and math.isfinite(value):
        return 0
    else:
        raise Unplain
    if depth > DEEPEST:
        raise Unplain
    count = len(value) if kind is dict else 0
    for each in inner:
        if type(each) is not str:
            count += _members(each, depth + 1)
    return count
