"""Connections of the web process: uvicorn's, with bounds on heads and a short way to a decision.

An evaluation of told length, or several, on a connection with nothing else to answer, is heard as
soon as it is read and answered in one write; every other call is heard as ASGI has it. A head that
was read before is not read again. All ways say the same, which a test holds.

Source: RFC 9112; OWASP ASVS 5.0 4.2.1 and 15.2.2; requirement W09.
"""

import asyncio
from io import BytesIO
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.domain.wire import BODY_LIMIT
from app.web.front import headed, travelling
from app.web.heads import Head
from app.web.lane import HEADERS, PROVED, Proved, Said, own_headers

HEAD_LIMIT = 65_536  # bytes of names, values and target
HEADERS_LIMIT = 100
HEAD_S = 10.0  # within which a head must have come
BLOCK_S = 30.0  # within which the next block of a body must come
KEPT_S = 75.0  # how long a connection stays open without a call
LOOKS_S = 5.0
LONG = 65_536  # bytes of an answer that are not copied to stand behind its head
STANDING = b"".join(b"%b: %b\r\n" % travelling(header) for header in HEADERS)


class TooLong(Exception):
    """A head is larger than any caller of ours needs."""


class Unreadable(Exception):
    """Where the body of a call ends cannot be told."""


class Unheard:
    """Nobody waits for what arrives."""

    def set(self) -> None:
        pass


class Evaluation:
    """A call on the short way: what uvicorn's connection reads and sets of a call."""

    __slots__ = ("body", "disconnected", "environ", "keep_alive", "more_body", "response_complete")
    message_event = Unheard()

    def __init__(self, environ: dict[str, Any], keep_alive: bool) -> None:
        self.environ, self.keep_alive = environ, keep_alive
        self.body = bytearray()
        self.more_body = True
        self.response_complete = self.disconnected = False


class Letterhead:
    """What every answer of the short way begins with after its status; uvicorn makes a new list of
    its own headers once a second."""

    def __init__(self) -> None:
        self._of: list[tuple[bytes, bytes]] | None = None
        self._text = b""

    def text(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        if headers is not self._of:
            self._of = headers
            self._text = b"".join(b"%b: %b\r\n" % each for each in headers) + STANDING
        return self._text


class Connection(HttpToolsProtocol):
    """One connection of a caller."""

    letterhead: ClassVar = Letterhead()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._reads = self._in_head = self._in_fields = False
        self._opens = b""  # the block that may be a call as a whole
        self.headers = []
        self._peer = self.client[0] if self.client else ""
        self._block = self._came = 0  # bytes: of this block; of blocks with nothing but fields
        self._moved = self.loop.time()  # when something came or was answered; in a head, its begin
        self._watch = self.loop.call_later(LOOKS_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._reads:
            known = self._is_free() and self.app.heads.find(self._peer, data)
            if known:
                self._hear_again(*known)
                return
            if b"pgrade:" in data:
                data = without_upgrade(data)
            self._opens = data
        else:
            self._opens = b""
        self._block = len(data)
        if self._in_fields:
            self._came += self._block
        else:
            self._moved = self.loop.time()
        super().data_received(data)
        if self._in_fields and self._came > HEAD_LIMIT:
            self.refuse(431)

    def on_message_begin(self) -> None:
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._reads = self._in_head = self._in_fields = True
        self._came = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head; one that trails the body is heard by nobody (RFC 9110 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_chunk_header(self) -> None:
        self._in_fields, self._came = True, 0  # unless a body follows, fields may

    def on_body(self, body: bytes) -> None:
        self._in_fields = False
        if isinstance(self.cycle, Evaluation):
            self.cycle.body += body  # its length was told and is small enough to be read at once
        else:
            super().on_body(body)

    def on_headers_complete(self) -> None:
        self._in_head = self._in_fields = False
        if self._is_too_long():
            raise TooLong
        if self.parser.should_upgrade() and self._has_body():
            raise Unreadable  # the parser takes what follows for another protocol
        if self.url in self.app.short and self._is_plain():
            environ = headed("POST", self.url.decode("ascii"), self.client, self.headers)
            environ[PROVED] = Proved()
            length = environ.get("CONTENT_LENGTH", "")
            if length.isdecimal() and int(length) <= BODY_LIMIT:
                self.cycle: Any = Evaluation(environ, self.parser.should_keep_alive())
                return
        self._describe()
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # what follows in this block is not read

    def _is_plain(self) -> bool:
        """Whether a call may be heard the short way, but for the length of its body."""
        return (self.parser.get_method() == b"POST" and not self.expect_100_continue
                and self.parser.get_http_version() == "1.1" and not self.parser.should_upgrade()
                and self._is_free())

    def _is_free(self) -> bool:
        """Whether nothing else is to be answered on this connection, and it may be."""
        return (not self.app.is_ending and not self.flow.write_paused
                and (self.cycle is None or self.cycle.response_complete))

    def _has_body(self) -> bool:
        return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
                   for name, value in self.headers)

    def _describe(self) -> None:
        """Describe the call as ASGI does."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)

    def on_message_complete(self) -> None:
        self._reads = self._in_fields = False
        call = self.cycle
        if not isinstance(call, Evaluation):
            super().on_message_complete()
            return
        head = Head(dict(call.environ), call.keep_alive, len(call.body), self.url, self.headers)
        self._hear(call)
        self.app.heads.keep(self._peer, self._opens, call.body, head)

    def _hear_again(self, head: Head, body: bytes) -> None:
        """Hear a call whose head was read before."""
        self._moved = self.loop.time()
        self.url, self.headers, self.expect_100_continue = head.url, head.headers, False
        call = self.cycle = Evaluation(dict(head.environ), head.keep_alive)
        call.body, call.more_body = bytearray(body), False
        self._hear(call)

    def _hear(self, call: Evaluation) -> None:
        call.environ["wsgi.input"] = BytesIO(call.body)
        if not self.app.hear(call.environ, lambda said: self._answer(call, said)):
            self._hand_on(call)

    def _hand_on(self, call: Evaluation) -> None:
        """Let a call that a thread has to hear go the way of all others."""
        self._describe()
        path = call.environ["PATH_INFO"]
        self.scope |= {"method": "POST", "path": path, "raw_path": self.url, "query_string": b""}
        self.cycle = RequestResponseCycle(
            self.scope, self.transport, self.flow, self.logger, self.access_logger, self.access_log,
            self.server_state.default_headers, asyncio.Event(), False, call.keep_alive,
            self.on_response_complete)
        self.cycle.body, self.cycle.more_body = call.body, False
        self.cycle.message_event.set()
        self._start_asgi_task(self.cycle, self.app)

    def _answer(self, call: Evaluation, said: Said) -> None:
        if call.response_complete or self.transport.is_closing():
            return
        call.response_complete = True
        own = "".join([f"{name.lower()}: {value}\r\n"
                       for name, value in own_headers(said, call.environ)])
        head = b"".join((
            STATUS_LINE[said.status], self.letterhead.text(self.server_state.default_headers),
            own.encode("latin-1"), b"\r\n" if call.keep_alive else b"connection: close\r\n\r\n"))
        if len(said.body) < LONG:
            self.transport.write(head + said.body)
        else:
            self.transport.writelines((head, said.body))
        if not call.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """Go on with what was asked meanwhile; `_look` closes a connection that rests."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._moved = self.loop.time()
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _look(self) -> None:
        """Close what waits too long for a caller; where we stopped reading, the caller does."""
        if self.flow.read_paused:
            self._moved = self.loop.time()
        rested = self.loop.time() - self._moved
        is_answered = self.cycle is None or self.cycle.response_complete
        if self._reads and rested > (HEAD_S if self._in_fields else BLOCK_S):
            self.refuse(408)
        elif not self._reads and is_answered and rested > KEPT_S:
            self.transport.close()
        else:
            self._watch = self.loop.call_later(LOOKS_S, self._look)

    def send_400_response(self, msg: str) -> None:
        """What cannot be read is refused and the connection closed."""
        self.refuse(431 if self._is_too_long() else 400)

    def _is_too_long(self) -> bool:
        return len(self.headers) > HEADERS_LIMIT or (
            self._came + self._block > HEAD_LIMIT and len(self.url) + sum(
                len(name) + len(value) for name, value in self.headers) > HEAD_LIMIT)

    def refuse(self, status: int) -> None:
        """Answer nothing but a status, and close; one that is being answered is only closed."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(STATUS_LINE[status]
                                 + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()


def without_upgrade(data: bytes) -> bytes:
    """A block in which a call begins, without its offer of another protocol: it is not taken up,
    and some callers make it with every call (RFC 9110 7.8)."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return data
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"upgrade:")]
    return b"\r\n".join(lines) + end + rest
