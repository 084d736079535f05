"""Connections: the short way says what the long one says, and nobody holds one open."""

import asyncio
import contextlib
import json
import re
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.commands.decide import Gate
from app.domain.wire import BODY_LIMIT
from app.web import connections
from app.web.connections import HEAD_LIMIT, HEADERS_LIMIT, LONG
from app.web.ending import Ending
from app.web.front import Front, read, sent
from app.web.heads import Heads
from app.web.lane import EVALUATION, PROVED, Lane, Said
from app.web.questions import Asked
from tests import zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW
from tests.web.over_http import connected, is_closed, received, served

NUMBER = re.compile(r"dec_[0-9a-z]+")
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")


class Echo:
    """Hears `/short` the short way and all else by ASGI, and says each body backwards; a call that
    is kept is answered when it is told to."""

    def __init__(self) -> None:
        self.short, self.heads, self.is_ending = frozenset({b"/short"}), Heads(), False
        self.hears, self.keeps = True, False
        self.ways: list[str] = []
        self.fields: list[list] = []
        self.kept: list = []

    def hear(self, environ, then) -> bool:
        if not self.hears:
            return False
        self.ways.append("short")
        environ[PROVED].picture = self
        said = Said(200, environ["wsgi.input"].read()[::-1])
        if self.keeps:
            self.kept.append((asyncio.get_running_loop(), then, said))
        else:
            then(said)
        return True

    async def __call__(self, scope, receive, send) -> None:
        body = await read(receive)
        self.ways.append("asgi")
        self.fields.append(scope["headers"])
        await sent(send, 200, [(b"content-length", b"%d" % len(body))], body[::-1])

    def answer(self) -> None:
        loop, then, said = self.kept.pop(0)
        loop.call_soon_threadsafe(then, said)


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def port(echo):
    with served(echo) as port:
        yield port


def call(body: bytes = b"abc", *more: str, first: str = "POST /short HTTP/1.1",
         length: int | None = None) -> bytes:
    told = [first, "Host: localhost", *more,
            f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join(told).encode() + b"\r\n\r\n" + body


WAYS = {
    "brief": (call(), "short", b"cba"),
    "nothing": (call(b""), "short", b""),
    "as long as an answer in one piece": (call(b"x" * (LONG - 1)), "short", b"x" * (LONG - 1)),
    "longer": (call(b"x" * LONG), "short", b"x" * LONG),
    "as long as may be": (call(b"x" * BODY_LIMIT), "short", b"x" * BODY_LIMIT),
    "too long": (call(b"x" * (BODY_LIMIT + 1)), "asgi", b"x" * (BODY_LIMIT + 1)),
    "a query": (call(first="POST /short?a=b HTTP/1.1"), "asgi", b"cba"),
    "a fragment of the path": (call(first="POST /shor HTTP/1.1"), "asgi", b"cba"),
    "an escaped path": (call(first="POST /%73hort HTTP/1.1"), "asgi", b"cba"),
    "another method": (call(first="PUT /short HTTP/1.1"), "asgi", b"cba"),
    "HTTP/1.0": (call(first="POST /short HTTP/1.0"), "asgi", b"cba"),
    "no length": (b"POST /short HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "asgi", b"cba"),
}


@pytest.mark.parametrize("case", WAYS)
def test_what_is_brief_and_plain_goes_the_short_way(echo, port, case):
    asked, way, said = WAYS[case]
    with connected(port) as line:
        line.sendall(asked)
        assert received(line)[::2] == (200, said)
    assert echo.ways == [way]


def test_a_call_in_pieces_is_heard_whole(echo, port):
    with connected(port) as line:
        for byte in call(b"in pieces"):
            line.sendall(bytes([byte]))
        assert received(line)[2] == b"seceip ni"
    assert echo.ways == ["short"]


def test_a_caller_that_waits_to_go_on_is_told_to(echo, port):
    with connected(port) as line:
        line.sendall(call(b"", "Expect: 100-continue", length=3))
        assert line.recv(64) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"abc")
        assert received(line)[2] == b"cba"


def test_what_a_thread_has_to_hear_is_handed_on_whole(echo, port):
    echo.hears = False
    with connected(port) as line:
        for _ in range(2):
            line.sendall(call())
            assert received(line)[2] == b"cba"
    assert echo.ways == ["asgi", "asgi"]


def test_calls_that_do_not_wait_are_answered_in_their_order(echo, port):
    echo.keeps = True
    with connected(port) as line:
        line.sendall(call(b"first") + call(b"second") + call(b"third", first="POST / HTTP/1.1"))
        wait_for(lambda: echo.kept)
        time.sleep(0.05)
        assert echo.ways == ["short"]  # the others wait for the first
        echo.answer()
        heard = b""
        while heard.count(b"HTTP/1.1 200") < 3 or not heard.endswith(b"driht"):
            heard += line.recv(65_536)
    assert heard.index(b"tsrif") < heard.index(b"dnoces") < heard.index(b"driht")


def test_a_caller_who_went_leaves_the_others_undisturbed(echo, port):
    echo.keeps = True
    with connected(port) as line:
        line.sendall(call())
        wait_for(lambda: echo.kept)
    time.sleep(0.05)
    echo.answer()
    echo.keeps = False
    with connected(port) as line:
        line.sendall(call())
        assert received(line)[0] == 200


def test_a_connection_that_is_to_be_closed_is_closed_with_its_answer(port):
    with connected(port) as line:
        line.sendall(call(b"abc", "Connection: close"))
        status, headers, _ = received(line)
        assert (status, headers["connection"]) == (200, "close") and is_closed(line)


def test_a_process_that_ends_hears_nothing_the_short_way(echo, port):
    echo.is_ending = True
    with connected(port) as line:
        line.sendall(call())
        assert received(line)[0] == 200
    assert echo.ways == ["asgi"]


OFFER = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA")


@pytest.mark.parametrize("first", ["POST /short HTTP/1.1", "POST / HTTP/1.1"])
def test_an_offer_of_another_protocol_is_not_taken_up_and_the_body_is_heard(port, first):
    with connected(port) as line:
        for _ in range(2):
            line.sendall(call(b"abc", *OFFER, first=first))
            assert received(line)[::2] == (200, b"cba")


def test_the_body_after_an_offer_that_comes_in_pieces_is_no_call_of_its_own(echo, port):
    asked = call(call(b"hidden"), *OFFER)
    cut = asked.index(b"pgrade: h2c") + 3
    with connected(port) as line:
        line.sendall(asked[:cut])
        time.sleep(0.05)
        line.sendall(asked[cut:])
        assert received(line)[0] == 400 and is_closed(line)
    assert not echo.ways


TRAILED = (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
           b"3\r\nabc\r\n0\r\n")


def test_a_field_that_trails_the_body_is_heard_by_nobody(echo, port):
    with connected(port) as line:
        line.sendall(TRAILED + b"X-Forwarded-For: 203.0.113.8\r\nAuthorization: x\r\n\r\n")
        assert received(line)[2] == b"cba"
    assert {name for name, _ in echo.fields[0]} == {b"host", b"transfer-encoding"}


def test_W09_fields_without_end_after_a_body_are_refused(port):
    with connected(port) as line:
        line.sendall(TRAILED)
        went = 0
        with contextlib.suppress(OSError):
            while went < 64 * HEAD_LIMIT:
                line.sendall(b"X: " + b"x" * 8_000 + b"\r\n")
                went += 8_000
                time.sleep(0.001)
    assert went < 64 * HEAD_LIMIT


def test_a_head_that_begins_behind_a_long_call_is_not_too_long(port):
    long = call(b"x" * HEAD_LIMIT, first="POST / HTTP/1.1")
    last = call(b"abc", first="POST / HTTP/1.1")
    with connected(port) as line:
        line.sendall(long[:40])
        time.sleep(0.05)
        line.sendall(long[40:] + last[:30])
        time.sleep(0.05)
        line.sendall(last[30:])
        heard = b""
        while not heard.endswith(b"cba"):
            heard += line.recv(65_536) or pytest.fail("the connection was closed")
    assert heard.count(b"HTTP/1.1 200") == 2


REFUSED = {
    "no HTTP": (b"\x00\x01 nothing\r\n\r\n", 400),
    "two lengths": (call(b"abc", "Content-Length: 4"), 400),
    "a length and chunks": (call(b"0\r\n\r\n", "Transfer-Encoding: chunked"), 400),
    "a long name": (call(b"", "X: " + "x" * HEAD_LIMIT), 431),
    "a long target": (call(first=f"GET /{'x' * HEAD_LIMIT} HTTP/1.1"), 431),
    "many headers": (call(b"", *[f"X-{each}: x" for each in range(HEADERS_LIMIT)]), 431),
}


@pytest.mark.parametrize("case", REFUSED)
def test_W09_a_head_that_no_caller_needs_is_refused_and_the_connection_closed(echo, port, case):
    asked, status = REFUSED[case]
    with connected(port) as line:
        line.sendall(asked)
        assert received(line)[0] == status and is_closed(line)
    assert not echo.ways


def test_W09_a_head_without_end_is_refused_before_it_fills_the_memory(port):
    with connected(port) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: ")
        sent_bytes = 0
        with pytest.raises(OSError):  # noqa: PT011 (reset or broken pipe, as it comes)
            while sent_bytes < 64 * HEAD_LIMIT:
                line.sendall(b"x" * 8_192)
                sent_bytes += 8_192
                time.sleep(0.001)
    assert sent_bytes < 64 * HEAD_LIMIT


SLOW = {
    "a head": (b"POST /short HTTP/1.1\r\nHost: lo", "HEAD_S", 408),
    "a body": (call(b"ab", length=3), "BLOCK_S", 0),
    "nothing": (b"", "KEPT_S", 0),
}


@pytest.mark.parametrize("case", SLOW)
def test_W09_who_is_slow_does_not_hold_a_connection(echo, monkeypatch, case):
    begun, bound, status = SLOW[case]
    monkeypatch.setattr(connections, "LOOKS_S", 0.05)
    monkeypatch.setattr(connections, bound, 0.2)
    with served(echo) as port, connected(port) as line:
        line.sendall(begun)
        if status:
            assert received(line)[0] == status
        assert is_closed(line)


def test_a_connection_that_is_used_stays_and_one_that_rests_is_closed(echo, monkeypatch):
    monkeypatch.setattr(connections, "LOOKS_S", 0.05)
    monkeypatch.setattr(connections, "KEPT_S", 0.4)
    with served(echo) as port, connected(port) as line:
        for _ in range(8):
            time.sleep(0.1)
            line.sendall(call())
            assert received(line)[0] == 200
        assert is_closed(line)


def test_an_answer_that_takes_long_is_waited_for(echo, monkeypatch):
    monkeypatch.setattr(connections, "LOOKS_S", 0.05)
    for bound in ("HEAD_S", "BLOCK_S", "KEPT_S"):
        monkeypatch.setattr(connections, bound, 0.1)
    echo.keeps = True
    with served(echo) as port, connected(port) as line:
        line.sendall(call())
        wait_for(lambda: echo.kept)
        time.sleep(0.4)
        echo.answer()
        assert received(line)[0] == 200


@pytest.mark.parametrize("more", [(), ("X-Request-ID: req-1",), ("X-Request-ID: a,b",),
                                  ("Authorization: Bearer hufu_none_x",), ("Host: evil.test",)])
def test_both_ways_say_the_same_of_a_decision(rt, more):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW).start()
    front = Front(SimpleNamespace(wsgi_app=Lane(None, gate)))
    front.lane.settings = replace(rt.settings, proxy_hops=1)
    asked = json.dumps(question(z).entities).encode()
    told = ["Content-Type: application/json", "X-Forwarded-For: 203.0.113.8", *more]
    if not any(each.startswith("Authorization") for each in more):
        told.append(f"Authorization: Bearer {z.secret}")
    try:
        with served(Ending(front, lambda: None)) as port, connected(port) as line:
            line.sendall(call(asked, *told, first=f"POST {EVALUATION} HTTP/1.1"))
            short = received(line)
            line.sendall(call(asked, *told, first=f"POST {EVALUATION}? HTTP/1.1"))
            by_asgi = received(line)
    finally:
        gate.close()
    assert unnumbered(short) == unnumbered(by_asgi)
    assert more or (short[0] == 200 and b'"decision":true' in short[2])


def test_a_defect_after_the_decision_is_told_and_the_connection_goes_on(rt, monkeypatch):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW).start()
    front = Front(SimpleNamespace(wsgi_app=Lane(None, gate)))
    asked = call(json.dumps(question(z).entities).encode(), "Content-Type: application/json",
                 f"Authorization: Bearer {z.secret}", first=f"POST {EVALUATION} HTTP/1.1")
    try:
        with served(Ending(front, lambda: None)) as port, connected(port) as line:
            line.sendall(asked)
            assert received(line)[0] == 200
            with monkeypatch.context() as broken:
                broken.setattr(Asked, "answer", lambda *_: 1 / 0)
                line.sendall(asked)
                assert received(line)[0] == 500
            line.sendall(asked)
            assert received(line)[0] == 200
    finally:
        gate.close()


def unnumbered(answer: tuple) -> tuple:
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name != "date"}, TIMES.sub(
        "", NUMBER.sub("", body.decode()))


def wait_for(happened) -> None:
    ends = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)
