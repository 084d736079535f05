"""Asking the decision point, bounded in time and size. No answer, no permit.

One way of asking for both worlds: the awaited one asks, the blocking one runs it on a loop of its
own in a thread, so that a wait is bounded as a whole however slowly the other side speaks.
"""

import asyncio
import json
import os
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Overdue
from typing import Any, Coroutine, Dict, Mapping, Optional, Tuple, TypeVar

import httpx

from .answers import Answer, Refused, read_answer
from .cache import Cache, key_of
from .receipts import Receipt

EVALUATION, EPOCH = "/access/v1/evaluation", "/api/v1/epoch"
RECEIPTS = "/api/v1/decisions/{}/receipts"
LARGEST = 1_048_576
T = TypeVar("T")


class Asker:
    """A decision point and the credential it knows us by; for programs that await.

    Args:
        base_url: where the decision point is served.
        token: the credential, `hufu_…`.
        kinds: the kinds of obligation this enforcement point carries out; a question may name
            fewer, never more. `Point.kinds` lists them.
        wait_s: how long one answer may take as a whole.
        transport: for a proxy, client certificates or a test.
    """

    def __init__(self, base_url: str, token: str, kinds: "tuple[str, ...]", *,
                 wait_s: float = 2.0, cache: Optional[Cache] = None,
                 transport: Optional[httpx.AsyncBaseTransport] = None) -> None:
        self._base_url, self._token, self._transport = base_url.rstrip("/"), token, transport
        self._kinds, self._wait_s = tuple(kinds), wait_s
        self.cache = cache or Cache()
        self._client: Optional[httpx.AsyncClient] = None

    async def ask(self, question: Mapping[str, Any]) -> Answer:
        """The decision on an AuthZEN question; a permit may be one given a moment ago.

        Raises:
            Refused: no answer in time, not 200, or not to be read.
        """
        asked = supporting(question, self._kinds)
        key, at = key_of(asked), self.cache.now()
        kept = self.cache.get(key)
        if kept is not None:
            return kept
        answer = read_answer(_decoded(*await self._send("POST", EVALUATION, asked)))
        self.cache.put(key, answer, at)
        return answer

    async def acknowledge(self, receipt: Receipt) -> None:
        """Send a receipt.

        Raises:
            Refused: it was not taken; where it was ordered, nothing may be returned.
        """
        path = RECEIPTS.format(receipt.decision_id)
        status, _ = await self._send("POST", path, receipt.body())
        if not 200 <= status < 300:
            raise Refused("PEP.OBLIGATION_FAILED", receipt.decision_id)

    async def see_epoch(self) -> int:
        """Look whether a stop was made; call it as often as one should bite. Where it cannot be
        seen no permit is kept.

        Raises:
            Refused: no answer in time, not 200, or not to be read.
        """
        try:
            epoch = _decoded(*await self._send("GET", EPOCH))["epoch"]
            if type(epoch) is not int:
                raise Refused("PEP.UNREADABLE")
        except (Refused, KeyError, TypeError) as error:
            self.cache.clear()
            raise Refused(getattr(error, "code", "PEP.UNREADABLE")) from None
        self.cache.saw(epoch)
        return epoch

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
        self.forget()

    def forget(self) -> None:
        """Connections of another process or loop are not ours to use."""
        self._client = None

    async def _send(self, method: str, path: str,
                    body: Optional[Mapping[str, Any]] = None) -> Tuple[int, bytes]:
        try:
            return await asyncio.wait_for(self._sent(method, path, body), self._wait_s)
        except Exception:  # whatever went wrong, there is no answer
            raise Refused("PEP.NO_ANSWER") from None

    async def _sent(self, method: str, path: str,
                    body: Optional[Mapping[str, Any]]) -> Tuple[int, bytes]:
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=self._base_url, transport=self._transport, timeout=self._wait_s,
                headers={"Authorization": f"Bearer {self._token}"}, trust_env=False)
        read = bytearray()
        async with self._client.stream(method, path, json=body) as response:
            async for chunk in response.aiter_bytes():
                read += chunk
                if len(read) > LARGEST:
                    raise ValueError
        return response.status_code, bytes(read)


class BlockingAsker:
    """The same for programs with threads. The loop begins with the first question, so that a
    server may fork before it."""

    def __init__(self, asker: Asker, wait_s: float = 2.0) -> None:
        self.asker, self._wait_s = asker, wait_s
        self._lock = threading.Lock()
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._owner = 0

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """See `Asker.ask`."""
        return self._run(self.asker.ask(question))

    def acknowledge(self, receipt: Receipt) -> None:
        """See `Asker.acknowledge`."""
        self._run(self.asker.acknowledge(receipt))

    def see_epoch(self) -> int:
        """See `Asker.see_epoch`."""
        return self._run(self.asker.see_epoch())

    def close(self) -> None:
        if self._loop is not None and self._owner == os.getpid():
            self._run(self.asker.close())
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        waiting: Future[T] = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return waiting.result(self._wait_s + 1)
        except Overdue:
            waiting.cancel()
            raise Refused("PEP.NO_ANSWER") from None

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._owner != os.getpid():
                self._loop, self._owner = asyncio.new_event_loop(), os.getpid()
                self.asker.forget()
                threading.Thread(target=self._loop.run_forever, name="hufu-pep",
                                 daemon=True).start()
            return self._loop


def _decoded(status: int, body: bytes) -> Any:
    if status != 200:
        raise Refused("PEP.NO_ANSWER")
    try:
        return json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refused("PEP.UNREADABLE") from None


def _once(members: "list[tuple[str, Any]]") -> Dict[str, Any]:
    """An object none of whose members is said twice."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError
    return found


def supporting(question: Mapping[str, Any], kinds: Tuple[str, ...]) -> Dict[str, Any]:
    """The question, saying what this enforcement point carries out."""
    context = dict(question.get("context") or {})
    asked = context.get("supported_kinds")
    able = [kind for kind in kinds if asked is None or kind in asked]
    types = sorted({kind if kind == "step-up" else "custom" for kind in able})
    return {**question, "context": {**context, "supported_kinds": able,
                                    "supported_obligations": types}}
