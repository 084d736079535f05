"""The front of the web process: decisions on the event loop, everything else in threads.

A decision waits for its batch to be sealed. A task that waits costs a fraction of a thread that
does, so evaluations and the adapters of gateways are heard here; pages, interfaces and whatever
would have to wait for the store first go to the WSGI application, which hears decisions as well.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from io import BytesIO
from itertools import chain
from typing import Any
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

from app.commands.heard import Answer
from app.domain.wire import BODY_LIMIT
from app.web.gateways import Gateways, adapter_of
from app.web.heads import Heads
from app.web.lane import HEADERS, Lane, Said, own_headers
from app.web.questions import Asked

THREADS = 64  # each may wait for a commit
PLAIN = bytes(range(33, 127)).decode()  # stays as it is in a query
# The headers the lane reads, under the names WSGI gives them.
READ = {b"host": "HTTP_HOST", b"authorization": "HTTP_AUTHORIZATION",
        b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH",
        b"x-request-id": "HTTP_X_REQUEST_ID", b"x-forwarded-for": "HTTP_X_FORWARDED_FOR"}
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Front:
    """An ASGI application over a WSGI application whose outermost part is a lane."""

    def __init__(self, app) -> None:
        self.lane: Lane = app.wsgi_app
        self.short = frozenset(path.encode() for path in self.lane.evaluations)
        self.heads = Heads()
        self.behind = WSGIMiddleware(ended(app.wsgi_app), workers=THREADS)
        behind = getattr(app.wsgi_app, "behind", None)
        self.gateways = behind if isinstance(behind, Gateways) else None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] in self.lane.evaluations:
            soon = self.evaluated
        elif self.gateways and adapter_of(scope["path"]):
            soon = self.passed
        else:
            await self.behind(tidied(scope), in_coroutine(receive), send)
            return
        body = await read(receive)
        if not await soon(scope, body, send):
            await self.behind(tidied(scope), again(body), send)

    async def passed(self, scope: Message, body: bytes, send: Send) -> bool:
        """Whether a gateway's call was answered; not, where a thread has to hear it."""
        said = await self.gateways.said_soon(build_environ(tidied(scope), None), body)
        if said is not None:
            await sent(send, said.status, map(travelling, said.headers), said.body)
        return said is not None

    async def evaluated(self, scope: Message, body: bytes, send: Send) -> bool:
        """The same for an evaluation or several."""
        environ = environ_of(scope, body)
        said = await self.said(environ)
        if said is not None:
            is_head = environ["REQUEST_METHOD"] == "HEAD"
            await sent(send, said.status, chain(STANDING, map(
                travelling, own_headers(said, environ))), b"" if is_head else said.body)
        return said is not None

    async def said(self, environ: dict[str, Any]) -> Said | None:
        """What is answered to a call; None where a thread has to wait before it may be heard."""
        told = asyncio.get_running_loop().create_future()
        is_heard = self.hear(environ, lambda said: told.done() or told.set_result(said))
        return await told if is_heard else None

    def hear(self, environ: dict[str, Any], then: Callable[[Said], object]) -> bool:
        """Call back in the running loop with what is answered to an evaluation or several; False,
        and nobody is called, where a thread has to wait before it may be heard."""
        try:
            asked = self.lane.asked(environ)
            return self.lane.gate.told_then(
                asked.questions, asked.semantic,
                lambda answers: then(self._said(asked, answers)))
        except Exception as problem:
            then(self.lane.refused(problem))
            return True

    def _said(self, asked: Asked, answers: Callable[[], list[Answer]]) -> Said:
        """What goes back, whatever goes wrong with it: who waits must hear something."""
        try:
            return Said(200, asked.answer(answers()))
        except Exception as problem:
            return self.lane.refused(problem)


def ended(application: Callable) -> Callable:
    """A WSGI application that is told that its input ends where the body does."""
    def with_end(environ: dict[str, Any], start_response: Callable):
        environ["wsgi.input_terminated"] = True
        return application(environ, start_response)

    return with_end


def tidied(scope: Message) -> Message:
    """A call as WSGI may hear it.

    A name with an underscore would be taken for the one with a hyphen, which a proxy guards, so it
    is not heard; crumbs of a cookie (RFC 9113 8.2.3) are one cookie; a query holds ASCII only.
    """
    crumbs = [value for name, value in scope["headers"] if name == b"cookie"]
    headers = [(name, value) for name, value in scope["headers"]
               if b"_" not in name and name != b"cookie"]
    if crumbs:
        headers.append((b"cookie", b"; ".join(crumbs)))
    query = quote_from_bytes(scope["query_string"], safe=PLAIN)
    return {**scope, "headers": headers, "query_string": query.encode()}


async def read(receive: Receive) -> bytes:
    """The body, read no further than the block that passes the limit."""
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body") and len(body) <= BODY_LIMIT:
        message = await receive()
        body += message.get("body", b"")
    return body


def in_coroutine(receive: Receive) -> Receive:
    """The server gives an awaitable where the bridge to WSGI insists on a coroutine."""
    async def received() -> Message:
        return await receive()

    return received


def again(body: bytes) -> Receive:
    """A body that was read, to be read once more."""
    messages = iter(({"type": "http.request", "body": body, "more_body": False},))

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive


def environ_of(scope: Message, body: bytes) -> dict[str, Any]:
    """What the lane reads of a call."""
    environ = headed(scope["method"], scope["path"], scope["client"], scope["headers"])
    environ["wsgi.input"] = BytesIO(body)
    return environ


def headed(method: str, path: str, client: tuple[str, int] | None,
           headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
    """The same, before its body is read. A header sent twice is one with both, as in WSGI."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path,
                               "REMOTE_ADDR": client[0] if client else ""}
    for name, value in headers:
        known = READ.get(name)
        if known:
            text = value.decode("latin-1")
            environ[known] = f"{environ[known]},{text}" if known in environ else text
    return environ


def travelling(header: tuple[str, str]) -> tuple[bytes, bytes]:
    return header[0].lower().encode(), header[1].encode("latin-1")


STANDING = [travelling(header) for header in HEADERS]


async def sent(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]],
               body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
