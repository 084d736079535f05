"""Strict JSON at the speed of the lane: what is plain is read at once, the rest strictly.

`app.domain.wire.read_json` is the law of what may be read and of what is said about the rest. Here
a body is read only where nothing of it could be refused there; a test holds both alike.
"""

import math
import re

import msgspec

from app.domain.wire import BODY_LIMIT, DEEPEST, LARGEST_INTEGER, read_json

_decode = msgspec.json.Decoder().decode
_STRING = re.compile(rb'"[^"]*"(\s*:)?')  # a name of a member is followed by its colon


class _Unplain(Exception):
    """Something the strict reader has to look at."""


def read(body: bytes, limit: int = BODY_LIMIT) -> object:
    """The one value in ``body``.

    Raises:
        app.domain.wire.Malformed: as the strict reader says it.
    """
    if len(body) <= limit and b"\\" not in body:
        try:
            value = _decode(body)
            if _members(value, 1) == sum(map(bool, _STRING.findall(body))):
                return value  # no name stands twice: as many members were kept as were written
        except (ValueError, RecursionError, _Unplain):
            pass
    return read_json(body, limit)


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
        raise _Unplain
    if depth > DEEPEST:
        raise _Unplain
    count = len(value) if kind is dict else 0
    for each in inner:
        if type(each) is not str:
            count += _members(each, depth + 1)
    return count
