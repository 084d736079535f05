"""Headers of a WSGI request under their own names."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.paths import Ambiguous


class Headers(Mapping[str, str]):
    """The headers of a request by their name in small letters, read only when asked for."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return self._environ["HTTP_" + name.upper().replace("-", "_")]

    def __iter__(self) -> Iterator[str]:
        return (name[5:].lower().replace("_", "-") for name in self._environ
                if name.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def only(headers: Mapping[str, str], *names: str) -> str:
    """The one value these headers agree on.

    Raises:
        Ambiguous: none is there, one has several values, or two differ.
    """
    return _agreed(headers, names, ",")


def target(headers: Mapping[str, str], *names: str) -> tuple[str, str]:
    """The path and the query these headers agree on. A query may hold commas; a second target
    joined to the first is seen by its slash.

    Raises:
        Ambiguous
    """
    path, _, query = _agreed(headers, names, ",/").partition("?")
    return path, query


def _agreed(headers: Mapping[str, str], names: tuple[str, ...], joint: str) -> str:
    found = {headers[name].strip() for name in names if name in headers}
    value = found.pop() if len(found) == 1 else ""
    if not value or joint in value or " " in value:
        raise Ambiguous(names[0])
    return value
