"""Texts are read here without any way out: a socket that is not local ends the test."""

import socket

import pytest


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch):
    """Connecting or resolving anything but a local socket fails."""
    connect = socket.socket.connect

    def only_local(self, address):
        assert self.family == socket.AF_UNIX, f"something connects to {address}"
        return connect(self, address)

    def refuse(*names, **_):
        raise AssertionError(f"something resolves {names[0]}")

    monkeypatch.setattr(socket.socket, "connect", only_local)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
