"""An ASGI middleware in front of a data service: the same as `wsgi`, awaited."""

import logging
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional

from .answers import Refused
from .asking import Asker
from .enforcing import Point
from .passing import KEPT_BACK, LARGEST, Reply, denied, passed, refusal

log = logging.getLogger("hufu_pep")
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Dict[str, Any]], Awaitable[None]]


class Guarded:
    """The service behind, guarded. See `wsgi.Guarded`; ``question`` is given the scope. What is no
    HTTP call is refused; the start and end of the server pass."""

    def __init__(self, behind: Callable, asker: Asker, point: Point,
                 question: Callable[[Mapping[str, Any]], Optional[Mapping[str, Any]]]) -> None:
        self.behind, self.asker, self.point, self.question = behind, asker, point, question

    async def __call__(self, scope: Dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.behind(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            reply = await self._reply(scope, receive)
            if reply.receipt is not None:
                await self.asker.acknowledge(reply.receipt)
        except Refused as refused:
            reply = refusal(refused)
        except Exception:
            log.exception("a call could not be guarded")
            reply = refusal(Refused("PEP.FAILED"))
        await send({"type": "http.response.start", "status": reply.status, "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers]})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Dict[str, Any], receive: Receive) -> Reply:
        question = self.question(scope)
        if question is None:
            raise Refused("PEP.NO_ROUTE")
        answer = await self.asker.ask(question)
        if not answer.permits:
            return denied(answer, self.point)
        headers = [(name, value) for name, value in scope["headers"]
                   if name.decode("latin-1").replace("_", "-").lower() not in KEPT_BACK]
        clean = {**scope, "headers": [*headers, (b"x-decision-id", answer.decision.encode())]}
        told: Dict[str, Any] = {"status": 502, "kind": "", "body": bytearray()}

        async def hear(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kinds = [value.decode("latin-1") for name, value in message.get("headers", ())
                         if name.lower() == b"content-type"]
                told.update(status=message["status"], kind="".join(kinds))
            elif message["type"] == "http.response.body":
                told["body"] += message.get("body", b"")
                if len(told["body"]) > LARGEST:
                    raise Refused("PEP.TOO_LARGE", answer.decision)

        await self.behind(clean, receive, hear)
        return passed(answer, self.point, told["status"], told["kind"], bytes(told["body"]))
