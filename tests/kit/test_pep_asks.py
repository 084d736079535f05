"""An enforcement point over real sockets: the product's own lane, and servers that misbehave."""

import asyncio
import json
import socket
import threading
import time
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.store.tables_grants import GrantVersion
from app.store.tables_receipts import Receipt
from app.store.unit import begin, read
from app.web.acknowledging import Acknowledging
from app.web.lane import Lane
from kit.hufu_pep import Asker, BlockingAsker, Handed, Point, Refused, read_answer
from kit.hufu_pep import asgi as asgi_guard
from kit.hufu_pep import wsgi as wsgi_guard
from tests import zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW
from tests.kit.test_pep import document

POINT = Point({"region": "xzqh", "subject_kind": lambda row: "ENTERPRISE", "day": "rq",
               "OWN_CUSTOMERS": lambda row: True})
ROWS = [{"ent_name": "甲", "tax_grade": "A", "xzqh": "110105", "rq": "2026-01-01", "id": "秘密"},
        {"ent_name": "乙", "tax_grade": "B", "xzqh": "990000", "rq": "2026-01-01", "id": "秘密"}]
OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


class Quiet(WSGIRequestHandler):
    def log_message(self, *said):
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def serving(application):
    """A WSGI application on a loopback port."""
    with make_server("127.0.0.1", 0, application, Threaded, Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def speaking(*parts, every=0.0):
    """A server that takes a call and says these parts, however little sense they make."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        for part in parts:
                            connection.sendall(part)
                            time.sleep(every)
                    except OSError:
                        continue
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def asking(url, token="hufu_x", point=POINT, wait_s=2.0):
    asker = BlockingAsker(Asker(url, token, point.kinds, wait_s=wait_s), wait_s)
    yield asker
    asker.close()


@pytest.fixture
def lane(rt):
    def nothing(environ, start):
        start("404 Not Found", [])
        return [b""]

    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    with serving(Lane(Acknowledging(nothing, gate), gate)) as url:
        yield url, z
    gate.close()


def asked(z, **changes) -> dict:
    return question(z, ip="203.0.113.8", **changes).entities


def whole(body: bytes) -> tuple[bytes, ...]:
    return (f"{OK}Content-Length: {len(body)}\r\n\r\n".encode() + body,)


def test_the_lane_is_asked_and_answers(lane):
    url, z = lane
    with asking(url, z.secret) as asker:
        answer = asker.ask(asked(z))
        assert answer.permits and answer.decision.startswith("dec_")
        refused = asker.ask(asked(z, purpose="X.MKT"))
        assert not refused.permits and "PURPOSE.PROHIBITED" in refused.reasons


def test_a_permit_is_asked_for_once_and_again_after_a_newer_epoch(rt, lane):
    url, z = lane
    with asking(url, z.secret) as asker:
        first = asker.ask(asked(z))
        if first.keep_s:
            assert asker.ask(asked(z)).decision == first.decision
        zone.set_state(rt, z.grant, "SUSPENDED")
        assert not asker.ask(asked(z, trace_id="x", purpose="PF.CRD.REN")).permits
        assert not asker.ask(asked(z)).permits


def test_a_point_that_can_do_too_little_is_refused_by_the_lane(lane):
    url, z = lane
    with asking(url, z.secret, Point()) as asker:
        assert asker.ask(asked(z)).reasons == ("PEP.OBLIGATION_UNSUPPORTED",)


def test_a_stranger_gets_no_answer(lane):
    url, z = lane
    with asking(url, "hufu_nobody_" + "x" * 43) as asker, pytest.raises(Refused) as refused:
        asker.ask(asked(z))
    assert refused.value.code == "PEP.NO_ANSWER"


PERMIT = json.dumps(document()).encode()
BAD = {
    "silent": ((), 0.0), "closed in the middle": ((whole(PERMIT)[0][:-30],), 0.0),
    "no http": ((b"permit, by all means",), 0.0), "no json": (whole(b"{permit"), 0.0),
    "an error that permits": ((whole(PERMIT)[0].replace(b"200 OK", b"500 Sorry"),), 0.0),
    "moved elsewhere": ((b"HTTP/1.1 307 Go\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",), 0.0),
    "said twice": (whole(PERMIT[:-1] + b', "decision": true}'), 0.0),
    "deep": (whole(b"[" * 90_000), 0.0),
    "without end": ((OK.encode() + b"\r\n", *[b" " * 65536] * 40), 0.0),
    "a byte at a time": (tuple(whole(PERMIT)[0][at:at + 1] for at in range(60)), 0.2),
}


@pytest.mark.parametrize(("parts", "every"), BAD.values(), ids=BAD)
def test_a_server_that_misbehaves_permits_nothing_and_is_not_waited_for(parts, every):
    began = time.monotonic()
    with speaking(*parts, every=every) as url, asking(url, wait_s=0.8) as asker:
        with pytest.raises(Refused):
            asker.ask({"context": {}})
    assert time.monotonic() - began < 3


def test_a_server_that_hangs_or_is_gone_permits_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with asking(url, wait_s=0.3) as asker, pytest.raises(Refused):
            asker.ask({})
    with asking(url, wait_s=0.3) as asker, pytest.raises(Refused):
        asker.ask({})


def call(guarded, **environ):
    """One call through a WSGI guard: status, headers and body."""
    told = {}
    body = b"".join(guarded({"REQUEST_METHOD": "GET", "PATH_INFO": "/rows", **environ},
                            lambda status, headers: told.update(status=status, **dict(headers))))
    return told, json.loads(body)


def behind(rows=ROWS, seen=None):
    def application(environ, start):
        if seen is not None:
            seen.append(environ)
        start("200 OK", [("Content-Type", "application/json"), ("X-Raw", "yes")])
        return [json.dumps(rows).encode()]
    return application


def test_the_service_behind_the_lane_is_guarded(lane):
    url, z = lane
    seen: list = []
    with asking(url, z.secret) as asker:
        guarded = wsgi_guard.Guarded(behind(seen=seen), asker, POINT, lambda environ: asked(z))
        told, body = call(guarded, HTTP_X_OBLIGATIONS="forged", HTTP_X_DECISION_ID="forged",
                          HTTP_RANGE="bytes=0-1", HTTP_ACCEPT_ENCODING="gzip")
        assert told["status"] == "200 OK" and "X-Raw" not in told
        assert "秘密" not in json.dumps(body, ensure_ascii=False) and len(body["rows"]) <= 1
        assert seen[0]["HTTP_X_DECISION_ID"] == told["X-Decision-Id"]
        assert not {"HTTP_X_OBLIGATIONS", "HTTP_RANGE", "HTTP_ACCEPT_ENCODING"} & set(seen[0])
        refused = wsgi_guard.Guarded(behind(), asker, POINT,
                                     lambda environ: asked(z, purpose="X.MKT"))
        told, body = call(refused)
        assert told["status"] == "403 Forbidden" and "PURPOSE.PROHIBITED" in body["reasons"]


def test_a_receipt_is_taken_as_the_kit_sends_it(rt, lane):
    url, z = lane
    with begin(rt, SYSTEM) as act:
        act.find(GrantVersion, z.grant_version.id).obligations = [{"kind": "receipt"}]
        act.record("grant.apply_version", "grant/1")
        act.affects("grant", z.grant.id)
    with asking(url, z.secret) as asker:
        guarded = wsgi_guard.Guarded(behind(), asker, POINT, lambda environ: asked(z))
        told, body = call(guarded)
        assert told["status"] == "200 OK" and len(body["rows"]) == 1
        assert asker.see_epoch() > 0
    with read(rt) as session:
        kept = session.get(Receipt, told["X-Decision-Id"])
    assert (kept.outcome, kept.body["rows"]) == ("SERVED", 1)
    assert set(kept.body["obligations"].values()) == {"DONE"}


@pytest.mark.parametrize("told", [b'{"epoch": "9"}', b"[]", b"{}", b"nine"])
def test_where_no_epoch_can_be_seen_no_permit_is_kept(told):
    with speaking(*whole(told)) as url, asking(url) as asker:
        kept = asker.asker.cache
        kept.put("q", read_answer(document()), kept.now())
        assert kept.get("q")
        with pytest.raises(Refused):
            asker.see_epoch()
        assert kept.get("q") is None


def test_a_newer_epoch_drops_what_was_kept():
    with speaking(*whole(b'{"epoch": 10}')) as url, asking(url) as asker:
        kept = asker.asker.cache
        kept.put("q", read_answer(document()), kept.now())
        assert asker.see_epoch() == 10 and kept.get("q") is None


@pytest.mark.parametrize("ask_for", [lambda environ: None, lambda environ: 1 / 0])
def test_a_call_that_is_no_question_is_refused_and_the_service_not_asked(ask_for):
    seen: list = []
    with asking("http://127.0.0.1:9") as asker:
        told, body = call(wsgi_guard.Guarded(behind(seen=seen), asker, POINT, ask_for))
    assert told["status"] == "403 Forbidden" and body["code"].startswith("PEP.") and not seen


def test_a_service_behind_a_gateway_of_headers_is_guarded():
    guarded = wsgi_guard.Guarded(behind(), Handed(), POINT, lambda environ: {
        "fields": ["ent_name"], "headers": {
            name[5:].replace("_", "-"): value for name, value in environ.items()
            if name.startswith("HTTP_")}})
    told, body = call(guarded, HTTP_X_DECISION_ID="dec_1", HTTP_X_POLICY_EPOCH="9",
                      HTTP_X_OBLIGATIONS="W10")
    assert body["rows"] == [{"ent_name": "甲"}, {"ent_name": "乙"}]
    told, body = call(guarded)
    assert told["status"] == "403 Forbidden" and body["code"] == "PEP.UNREADABLE"


@contextmanager
def deciding(answered, receipts, takes=True):
    """A decision point that always answers the same and takes receipts, or does not."""
    def application(environ, start):
        body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        if environ["PATH_INFO"].endswith("/receipts"):
            receipts.append((environ["PATH_INFO"], body))
            start("201 Created" if takes else "503 Down", [("Content-Length", "2")])
            return [b"{}"]
        raw = json.dumps(answered).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(raw)))])
        return [raw]
    with serving(application) as url:
        yield url


@pytest.mark.parametrize("takes", [True, False])
def test_rows_leave_only_after_an_ordered_receipt_was_taken(takes):
    receipts: list = []
    answered = document(("receipt", {"within_s": 300}), fields={"ent_name": "CLEAR"},
                        valid_until="2026-11-23T02:00:00.000000Z")
    with deciding(answered, receipts, takes) as url, asking(url) as asker:
        told, body = call(wsgi_guard.Guarded(behind(), asker, POINT, lambda environ: {}))
    [(path, receipt)] = receipts
    assert path == "/api/v1/decisions/dec_1/receipts"
    assert (receipt["outcome"], receipt["rows"], receipt["fields"]) == ("SERVED", 2, ["ent_name"])
    assert receipt["obligations"] == {"o1": "DONE"}
    if takes:
        assert body["rows"] == [{"ent_name": "甲"}, {"ent_name": "乙"}]
    else:
        assert told["status"] == "403 Forbidden" and body["code"] == "PEP.OBLIGATION_FAILED"


def test_the_awaited_guard_does_the_same():
    receipts: list = []
    seen: list = []
    answered = document(("receipt", {}), ("watermark", {"text": "w"}), fields={"ent_name": "CLEAR"})

    async def application(scope, receive, send):
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"Content-Type", b"application/json")]})
        raw = json.dumps(ROWS).encode()
        await send({"type": "http.response.body", "body": raw[:9], "more_body": True})
        await send({"type": "http.response.body", "body": raw[9:]})

    async def run(url, ask_for):
        sent: list = []
        asker = Asker(url, "hufu_x", POINT.kinds)

        async def send(message):
            sent.append(message)
        guarded = asgi_guard.Guarded(application, asker, POINT, ask_for)
        await guarded({"type": "http", "headers": [(b"X-Obligations", b"forged")]}, None, send)
        await asker.close()
        return sent[0]["status"], json.loads(sent[1]["body"])

    with deciding(answered, receipts) as url:
        status, body = asyncio.run(run(url, lambda scope: {}))
        assert (status, body["rows"][0]) == (200, {"ent_name": "甲"})
        assert body["notices"] == {"watermark": {"text": "w"}} and len(receipts) == 1
        assert seen[0]["headers"] == [(b"x-decision-id", b"dec_1")]
        assert asyncio.run(run(url, lambda scope: None))[0] == 403
    assert asyncio.run(run(url, lambda scope: {})) == (
        403, {"code": "PEP.NO_ANSWER", "decision_id": "", "reasons": []})


def test_an_answer_without_end_is_given_up():
    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b" " * 1_048_576, "more_body": True})

    def endless(environ, start):
        start("200 OK", [("Content-Type", "application/json")])
        while True:
            yield b" " * 1_048_576

    async def run(url):
        sent: list = []
        asker = Asker(url, "hufu_x", POINT.kinds)

        async def send(message):
            sent.append(message)
        await asgi_guard.Guarded(application, asker, POINT, lambda scope: {})(
            {"type": "http", "headers": []}, None, send)
        await asker.close()
        return sent[0]["status"]

    with deciding(document(), []) as url:
        assert asyncio.run(run(url)) == 403
        with asking(url) as asker:
            told, _ = call(wsgi_guard.Guarded(endless, asker, POINT, lambda environ: {}))
    assert told["status"] == "502 Bad Gateway"


def test_what_is_no_http_call_is_closed():
    sent: list = []

    async def send(message):
        sent.append(message)
    guarded = asgi_guard.Guarded(None, None, POINT, lambda scope: {})
    asyncio.run(guarded({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_both_folders_work_where_they_are_copied(tmp_path):
    """Side by side at the top, as a gateway has them."""
    import shutil
    import subprocess
    import sys
    from pathlib import Path

    kit = Path(__file__).resolve().parents[2] / "kit"
    for name in ("hufu_pep", "hufu_mask"):
        shutil.copytree(kit / name, tmp_path / name)
    said = subprocess.run(
        [sys.executable, "-c", "import hufu_pep, hufu_pep.wsgi; print(hufu_pep.Point().kinds[0])"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert said.stdout == "delete_after\n", said.stderr
