"""Ending in order: a process told to stop says so, answers what it has taken in, and goes.

For a moment it still hears calls, says at `/readyz` that it is not ready and closes each connection
with its answer, so that callers and gateways go elsewhere; then the server takes no more calls,
answers those it has, and ends.
"""

import asyncio
import signal
from collections.abc import Callable

from app.web.front import Front, Message, Receive, Send

NOTICE_S = 1.0
NOT_READY = b'{"ready":false,"ending":true}'


class Ending:
    """An ASGI application that ends in order; `close` is called when the last call is answered."""

    def __init__(self, behind: Front, close: Callable[[], None]) -> None:
        self.behind, self.close = behind, close
        self.is_ending = False
        self.short, self.heads, self.hear = behind.short, behind.heads, behind.hear

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif not self.is_ending:
            await self.behind(scope, receive, send)
        elif scope["path"] == "/readyz":
            await refuse(parting(send))
        else:
            await self.behind(scope, receive, parting(send))

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its end. The server ends at SIGINT as at SIGTERM: both are
        heard here first, and it is told when the notice is over."""
        await receive()
        loop, ends = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end, loop, ends)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    def end(self, loop: asyncio.AbstractEventLoop, ends: Callable) -> None:
        """Begin to end; told twice, it is told once. `ends` is how the server hears a signal."""
        if not self.is_ending:
            self.is_ending = True
            loop.call_later(NOTICE_S, ends, signal.SIGINT, None)


def parting(send: Send) -> Send:
    """Answers after which the connection is closed."""
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()),
                                              (b"connection", b"close")]}
        await send(message)

    return sent


async def refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": [
        (b"content-type", b"application/json"), (b"cache-control", b"no-store"),
        (b"content-length", b"%d" % len(NOT_READY))]})
    await send({"type": "http.response.body", "body": NOT_READY})
