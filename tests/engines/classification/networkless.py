"""A process in which no connection can be opened; used to show that a scan needs none."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Called(AssertionError):
    """Something tried to open a connection."""


@contextmanager
def blocked() -> Iterator[None]:
    """Every way to open a connection or ask for an address raises."""

    def refuse(*args, **kwargs):
        raise Called(f"a connection was tried: {args!r}")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, refuse)
        for name in ("create_connection", "getaddrinfo", "gethostbyname"):
            patch.setattr(socket, name, refuse)
        yield
