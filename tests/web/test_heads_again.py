"""A head sent again is not read again, and nothing is heard otherwise for it."""

import json
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.store.tables_institutions import Credential
from app.store.unit import begin
from app.web import heads
from app.web.connections import Connection
from app.web.ending import Ending
from app.web.front import Front
from app.web.lane import EVALUATION, Lane
from tests import zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW
from tests.web.over_http import connected, received, served
from tests.web.test_connections import Echo, call, unnumbered, wait_for


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def again(monkeypatch):
    """How many calls were heard by a head read before."""
    heard = []
    hears = Connection._hear_again

    def counted(connection, head, block):
        heard.append(head)
        hears(connection, head, block)

    monkeypatch.setattr(Connection, "_hear_again", counted)
    return heard


@pytest.fixture
def port(echo, again):
    with served(echo) as port:
        yield port


def test_a_head_sent_again_is_not_read_again(echo, port, again):
    with connected(port) as line:
        for body in (b"abc", b"def", b"ghi"):
            line.sendall(call(body))
            assert received(line)[2] == body[::-1]
    assert echo.ways == ["short"] * 3 and len(again) == 2


# Blocks behind a call whose head is known, each with what is answered in all, and how many of the
# calls were heard by that head.
KNOWN = call(b"abc")
BLOCKS = {
    "another head": ([call(b"abcd")], [b"dcba"], 0),
    "the same again behind another": ([call(b"abcd"), KNOWN, KNOWN], [b"dcba", b"cba", b"cba"], 2),
    "two at once": ([KNOWN + KNOWN], [b"cba", b"cba"], 0),
    "two at once and one": ([KNOWN + KNOWN, KNOWN], [b"cba", b"cba", b"cba"], 1),
    "more behind": ([KNOWN + b"\r\n", KNOWN], [b"cba", b"cba"], 1),
    "in pieces": ([KNOWN[:30], KNOWN[30:-2], KNOWN[-2:]], [b"cba"], 0),
    "in pieces and whole": ([KNOWN[:-2], KNOWN[-2:], KNOWN, KNOWN], [b"cba"] * 3, 2),
    "a body that is a call": ([call(KNOWN), KNOWN], [KNOWN[::-1], b"cba"], 1),
    "a body with an end of head": ([call(b"\r\n\r\nx"), call(b"a\r\n\r\n")],
                                   [b"x\n\r\n\r", b"\n\r\n\ra"], 1),
    "another case": ([KNOWN.replace(b"Host", b"host")], [b"cba"], 0),
    "another way": ([call(b"abc", first="POST / HTTP/1.1"), KNOWN], [b"cba", b"cba"], 1),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_whatever_comes_behind_is_heard_as_it_is(echo, port, again, case):
    blocks, answers, known = BLOCKS[case]
    with connected(port) as line:
        line.sendall(KNOWN)
        assert received(line)[2] == b"cba"
        heard = b""
        for block in blocks:
            line.sendall(block)
            time.sleep(0.03)  # so that it is read as a block of its own
        while heard.count(b"HTTP/1.1 200") < len(answers) or not heard.endswith(answers[-1]):
            heard += line.recv(65_536) or pytest.fail("the connection was closed")
    for answer in answers:
        assert answer in heard
        heard = heard[heard.index(answer) + len(answer):]
    assert not heard and len(again) == known


def test_a_call_behind_one_that_waits_is_read(echo, port, again):
    with connected(port) as line:
        line.sendall(KNOWN)
        assert received(line)[2] == b"cba"
        echo.keeps = True
        line.sendall(KNOWN)
        wait_for(lambda: echo.kept)
        line.sendall(KNOWN)
        time.sleep(0.05)
        assert len(again) == 1
        echo.answer()
        heard = b""
        while heard.count(b"HTTP/1.1 200") < 2 or not heard.endswith(b"cba"):
            heard += line.recv(65_536)


def test_what_a_thread_has_to_hear_is_handed_on_by_a_known_head_too(echo, port, again):
    with connected(port) as line:
        for hears in (True, False, False, True):
            echo.hears = hears
            line.sendall(call(b"whole"))
            assert received(line)[2] == b"elohw"
    assert echo.ways == ["short", "asgi", "asgi", "short"] and again


def test_a_head_is_known_on_every_connection_of_the_same_caller(echo, port, again):
    for _ in range(3):
        with connected(port) as line:
            line.sendall(KNOWN)
            assert received(line)[2] == b"cba"
    assert len(again) == 2


def test_a_head_that_proved_nothing_is_not_kept(decides, again):
    with connected(decides) as line:
        for _ in range(3):
            line.sendall(call(b"{}", "Content-Type: application/json", "Authorization: Bearer x",
                              first=f"POST {EVALUATION} HTTP/1.1"))
            assert received(line)[0] == 401
    assert not again


def test_no_more_heads_are_kept_than_may_be(echo, port, monkeypatch):
    monkeypatch.setattr(heads, "KEPT", 3)
    with connected(port) as line:
        for number in range(9):
            line.sendall(call(b"abc", f"X: {number}"))
            assert received(line)[2] == b"cba"
    assert len(echo.heads._known) == 3


def test_a_long_head_is_heard_and_not_kept(echo, port, again):
    with connected(port) as line:
        for _ in range(2):
            line.sendall(call(b"abc", "X: " + "x" * heads.LONGEST))
            assert received(line)[2] == b"cba"
    assert echo.ways == ["short"] * 2 and not again


def test_a_process_that_ends_hears_no_known_head(echo, port, again):
    with connected(port) as line:
        line.sendall(KNOWN)
        assert received(line)[0] == 200
        echo.is_ending = True
        line.sendall(KNOWN)
        assert received(line)[0] == 200
    assert echo.ways == ["short", "asgi"] and not again


@pytest.fixture
def decides(rt):
    gate = Gate(rt, LAW).start()
    front = Front(SimpleNamespace(wsgi_app=Lane(None, gate)))
    front.lane.settings = replace(rt.settings, proxy_hops=1)
    with served(Ending(front, lambda: None)) as port:
        yield port
    gate.close()


def asking(z: zone.Zone, secret: str = "") -> bytes:
    return call(json.dumps(question(z).entities).encode(), "Content-Type: application/json",
                "X-Forwarded-For: 203.0.113.8", f"Authorization: Bearer {secret or z.secret}",
                first=f"POST {EVALUATION} HTTP/1.1")


def test_a_credential_revoked_meanwhile_opens_nothing_by_a_known_head(rt, decides, again):
    z = zone.tiny(rt)
    asked = asking(z)
    with connected(decides) as line:
        told = []
        for _ in range(2):
            line.sendall(asked)
            told.append(unnumbered(received(line)))
        assert told[0] == told[1] and '"decision":true' in told[0][2] and again
        with begin(rt, SYSTEM) as act:
            act.open(Credential, z.credential.id).revoked_at = act.at
            act.record("credential.revoke", f"credential/{z.credential.id}")
            act.affects("credential", z.credential.id)
        ends, after = time.monotonic() + 5, True
        while after and time.monotonic() < ends:
            line.sendall(asked)
            after = b'"decision":true' in received(line)[2]
    assert not after


def test_of_a_known_head_with_another_token_nothing_is_kept(rt, decides, again):
    z = zone.tiny(rt)
    wrong = z.secret[:-1] + ("a" if z.secret[-1] != "a" else "b")
    with connected(decides) as line:
        for secret, status in ((z.secret, 200), (wrong, 401), (wrong, 401), (z.secret, 200)):
            line.sendall(asking(z, secret))
            assert received(line)[0] == status
