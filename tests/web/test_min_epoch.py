"""A caller names the epoch it knows of: it is answered at that one or a later, or denied as stale
after a bounded wait; who asks nothing of the kind does not wait for it."""

import asyncio
import json
import threading
import time
from types import SimpleNamespace

import pytest

from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.store.unit import begin
from app.web.front import Front
from app.web.lane import EVALUATION, Lane
from tests import zone
from tests.commands.test_decide import codes, question
from tests.decision_zone import LAW


async def heard(front: Front, scope: dict, body: bytes) -> list[dict]:
    """Every message the front sends to one call."""
    messages = [{"type": "http.disconnect"},
                {"type": "http.request", "body": body, "more_body": False}]
    said: list[dict] = []

    async def receive() -> dict:
        return messages.pop() if len(messages) > 1 else messages[0]

    async def send(message: dict) -> None:
        said.append(message)

    await front(scope, receive, send)
    return said


class Asker:
    """Asks the front of a process that hears of other processes' acts by its poll alone."""

    def __init__(self, rt, gate: Gate, z) -> None:
        self.rt, self.gate, self.zone = rt, gate, z
        self.front = Front(SimpleNamespace(wsgi_app=Lane(None, gate)))

    @property
    def epoch(self) -> int:
        return self.gate.picture.epoch

    async def ask(self, **context) -> tuple[dict, float]:
        """The answer, and the seconds it took."""
        body = json.dumps(question(self.zone, **context).entities).encode()
        headers = {b"host": b"localhost", b"content-type": b"application/json",
                   b"content-length": b"%d" % len(body),
                   b"authorization": f"Bearer {self.zone.secret}".encode()}
        scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": EVALUATION,
                 "scheme": "http", "server": ("localhost", 80), "client": ("203.0.113.8", 4711),
                 "query_string": b"", "headers": list(headers.items())}
        began = time.monotonic()
        said = await heard(self.front, scope, body)
        assert said[0]["status"] == 200
        text = b"".join(each.get("body", b"") for each in said[1:])
        return json.loads(text), time.monotonic() - began

    def raise_epoch(self) -> None:
        with begin(self.rt, SYSTEM) as act:
            act.record("zone.seed", "zone/1")
            act.affects("grant", self.zone.grant.id)


@pytest.fixture
def asker(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW).start()
    rt.listeners.clear()
    found = Asker(rt, gate, z)
    asyncio.run(found.ask())  # from here on nothing needs to be read before a decision
    yield found
    rt.listeners.append(gate.follower.refresh)
    gate.close()


def test_an_epoch_that_is_reached_is_answered_at_once(asker):
    answer, _ = asyncio.run(asker.ask(min_epoch=asker.epoch))
    assert answer["decision"] and answer["context"]["epoch"] >= asker.epoch


def test_an_epoch_that_comes_meanwhile_is_waited_for(asker):
    wanted = asker.epoch + 1
    later = threading.Timer(0.3, asker.raise_epoch)
    later.start()
    answer, took = asyncio.run(asker.ask(min_epoch=wanted))
    later.join()
    assert answer["decision"] and answer["context"]["epoch"] >= wanted
    assert took >= 0.25


def test_an_epoch_that_does_not_come_is_denied_as_stale_and_keeps_nobody_else_waiting(asker):
    async def both():
        waiting = asyncio.create_task(asker.ask(min_epoch=asker.epoch + 1))
        await asyncio.sleep(0.1)
        others = [await asker.ask() for _ in range(5)]
        assert not waiting.done(), "the others were heard while it waited"
        return await waiting, others

    (answer, took), others = asyncio.run(both())
    assert not answer["decision"] and codes(answer) == ["SYS.STALE"]
    bound = asker.rt.settings.decision_wait_s
    assert bound / 2 <= took <= bound + 1
    assert all(each["decision"] for each, _ in others)
