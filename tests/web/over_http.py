"""An ASGI application on a socket, served by the connections of the web process."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from uvicorn import Config, Server

from app.web.connections import Connection

WAIT_S = 10.0


@contextmanager
def served(application) -> Iterator[int]:
    """The port it is heard at; everything of it is over when the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(Config(application, http=Connection, ws="none", lifespan="off",
                           interface="asgi3", log_config=None, access_log=False,
                           proxy_headers=False, server_header=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(WAIT_S)
        listening.close()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as line:
        yield line


def received(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer of told length: status, headers and body."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += line.recv(65_536) or closed()
    head, _, body = text.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = dict(each.split(": ", 1) for each in rest)
    while len(body) < int(headers["content-length"]):
        body += line.recv(65_536) or closed()
    assert len(body) == int(headers["content-length"]), "more than one answer came"
    return int(first.split()[1]), headers, body


def closed() -> bytes:
    raise ConnectionError("the connection was closed before the answer was whole")


def is_closed(line: socket.socket) -> bool:
    """Whether the other side ends the connection within the wait."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
