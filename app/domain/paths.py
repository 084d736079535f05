"""Hosts, paths and queries as gateways pass them on: what can be read in two ways is not read.

A gateway, this house and the service behind must see the same path. Encoded separators, dot
segments, empty segments and parameters of segments are read differently by different servers, so
a path that holds one is refused, not mended. Source: RFC 3986 §2.2, §3.3, §5.2.4.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

PATH_LIMIT = 2048
SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,=:@ -]+")
PARAMETER = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,30})\}")
HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::[0-9]{1,5})?")
ENCODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")


class Ambiguous(ValueError):
    """The text can be read in more than one way, or in none."""


def host_of(text: str) -> str:
    """The host without its port, in small letters.

    Raises:
        Ambiguous
    """
    found = HOST.fullmatch(text.strip().lower())
    if found is None or ".." in found[1]:
        raise Ambiguous("host")
    return found[1]


def path_of(raw: str) -> tuple[str, ...]:
    """The segments of a path as it stood in the request line, without its query.

    Raises:
        Ambiguous: an encoding that is none, or one that hides a separator or another encoding.
    """
    if not raw.isascii() or not ENCODED.fullmatch(raw):
        raise Ambiguous("path")
    return _segments(raw, [unquote_to_bytes(each).decode("latin-1") for each in raw.split("/")])


def decoded_path(path: str) -> tuple[str, ...]:
    """The segments of a path somebody has decoded already; nothing in it is decoded again.

    Raises:
        Ambiguous
    """
    return _segments(path, path.split("/"))


def _segments(path: str, parts: list[str]) -> tuple[str, ...]:
    if not path.startswith("/") or len(path) > PATH_LIMIT:
        raise Ambiguous("path")
    if path == "/":
        return ()
    if any(each in (".", "..") or not SEGMENT.fullmatch(each) for each in parts[1:]):
        raise Ambiguous("path")
    return tuple(parts[1:])


@lru_cache(maxsize=4096)
def pattern_of(text: str) -> tuple[str, ...]:
    """The segments of a route's pattern, `{name}` standing for one segment; there is no `*`.

    Raises:
        Ambiguous: no path could match it, or a name stands twice.
    """
    if not text.startswith("/"):
        raise Ambiguous("pattern")
    segments = () if text == "/" else tuple(text[1:].split("/"))
    names = [found[1] for each in segments if (found := PARAMETER.fullmatch(each))]
    literal = [each for each in segments if not PARAMETER.fullmatch(each)]
    if "*" in text or len(set(names)) != len(names) or any(
            each in (".", "..") or not SEGMENT.fullmatch(each) for each in literal):
        raise Ambiguous("pattern")
    return segments


def query_of(raw: str) -> dict[str, str]:
    """The arguments of a query. One that is given twice, or cannot be read, has no value here
    but the NUL, which no source accepts."""
    found: dict[str, str] = {}
    for part in filter(None, raw.split("&")):
        name, _, value = part.partition("=")
        try:
            key, text = (unquote_to_bytes(each.replace("+", " ")).decode()
                         for each in (name, value))
        except UnicodeDecodeError:
            continue
        found[key] = "\0" if key in found else text
    return found
