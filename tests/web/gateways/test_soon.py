"""What a gateway hears on the event loop is what it hears by WSGI, and the same is sealed."""

import asyncio
import io
import json
import re
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from app.commands.decide import Gate
from app.store.tables_decisions import DecisionIndex
from app.web.gateways import BRIEF, Gateways
from app.web.gateways.answers import Said
from tests import zone
from tests.commands.test_decide import sealed
from tests.decision_zone import LAW
from tests.gateway_zone import PATH, QUERY, gated
from tests.web.gateways.calls import envoy, forward, opa, send
from tests.web.gateways.test_adapters import NAMES, WAYS, code

NUMBER = re.compile(r"dec_[0-9a-z]+")
OF_ONE_CALL = {"seq", "id", "digest"}
each_way = pytest.mark.parametrize("ask", WAYS, ids=NAMES)


class Twice:
    """Hears each call by WSGI and then on the loop, and keeps what came of both."""

    def __init__(self, gateways: Gateways) -> None:
        self.gateways = gateways
        self.by_wsgi: Said | None = None
        self.soon: Said | None = None

    def __call__(self, environ: dict, start_response: Callable) -> list[bytes]:
        body, found = environ.pop("wsgi.input").read(), []
        answer = b"".join(self.gateways({**environ, "wsgi.input": io.BytesIO(body)},
                                        lambda *sent: found.extend(sent)))
        self.by_wsgi = Said(int(found[0][:3]), answer, found[1])
        self.soon = asyncio.run(self.gateways.said_soon(environ, body))
        start_response(*found)
        return [answer]


@pytest.fixture
def house(rt):
    made, gate = gated(rt), Gate(rt, LAW).start()
    yield Twice(Gateways(lambda environ, start: (start("404 Not Found", []), [b'"behind"'])[1],
                         gate)), made
    gate.close()


def unnumbered(said: Said) -> tuple:
    """An answer but for the number of its decision."""
    return (said.status, NUMBER.sub("", said.body.decode()),
            [(name, NUMBER.sub("", value)) for name, value in said.headers])


def left(rt) -> list[tuple]:
    """What every decision left, but for its number and its place."""
    columns = [each for each in DecisionIndex.__table__.c if each.name not in OF_ONE_CALL]
    with rt.db.reading() as connection:
        indexed = connection.execute(select(*columns).order_by(DecisionIndex.seq)).all()
    facts = [NUMBER.sub("", json.dumps(entry["facts"])) for entry in sealed(rt)]
    return list(zip(facts, map(tuple, indexed), strict=True))


def with_path(ask, path: str) -> dict:
    return {"path": path} if ask in (envoy, opa) else {"uri": f"{path}?{QUERY}"}


ANSWERED = {
    "permit": ({}, ""), "a request id": ({"X_Request_ID": "req-1"}, ""),
    "a request id of several": ({"X_Request_ID": "a,b"}, ""),
    "a request id too long": ({"X_Request_ID": "x" * 300}, ""),
    "a credential of its client": ({"Authorization": "Bearer of the client"}, ""),
    "a prohibited purpose": ({"X_Purpose": "X.MKT"}, "PURPOSE.PROHIBITED"),
    "no purpose": ({"X_Purpose": ""}, "PURPOSE.MISSING"),
    "another's application": ({"X_Client_App": "APP-999999"}, "ID.CREDENTIAL_UNKNOWN")}


@each_way
def test_a_question_is_answered_alike_and_leaves_the_same(rt, house, ask):
    application, made = house
    for case, (changes, told) in ANSWERED.items():
        answer = ask(application, made, **changes)
        assert code(answer) == told, case
        assert unnumbered(application.soon) == unnumbered(application.by_wsgi), case
        assert application.soon != application.by_wsgi, case
        by_wsgi, soon = left(rt)[-2:]
        assert by_wsgi == soon, case
        assert set(NUMBER.findall(repr(application.soon))) == {
            sealed(rt)[-1]["facts"]["decision"]}, case
    assert len(sealed(rt)) == 2 * len(ANSWERED)


@each_way
def test_a_gateway_that_is_not_known_is_told_so_at_once(rt, house, ask):
    application, made = house
    for secret in ("", "hufu_gate0001_wrong", "hufu_none_x"):
        assert ask(application, made, X_Hufu_Gateway=secret).status == 401
        assert application.soon == application.by_wsgi
    assert not sealed(rt)


@pytest.mark.parametrize("host", ["evil.example.test", "", "localhost@evil"])
def test_W04_a_foreign_host_is_refused_at_once(rt, house, host):
    application, made = house
    assert forward(application, made, Host=host).status == 403
    assert application.soon == application.by_wsgi
    assert "result" not in opa(application, made, host_of_call=host).body
    assert application.soon == application.by_wsgi
    assert not sealed(rt)


@each_way
def test_what_is_no_question_is_left_to_a_thread_which_seals_it(rt, house, ask):
    application, made = house
    unheard = [(with_path(ask, "/products/other/rows"), "ROUTE.NONE"),
               (with_path(ask, "/products//risk/rows"), "REQ.MALFORMED"),
               ({"X_Client_App": "APP-1,APP-2"}, "REQ.MALFORMED"),
               ({"X_Client_App": ""}, "ID.CALLER_MISSING")]
    for number, (changes, told) in enumerate(unheard, 1):
        assert code(ask(application, made, **changes)) == told
        assert application.soon is None and len(sealed(rt)) == number


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"input": 1}',
                                  b'{"input": {"request": {"headers": {}, "method": 1}}}'])
def test_a_body_that_is_no_call_is_refused_alike(rt, house, body):
    application, made = house
    path = "/v1/data/gateway/decision"
    assert send(application, path, {}, body, "POST").status == 401
    assert application.soon == application.by_wsgi
    known = {"X-Hufu-Gateway": made.secret}
    assert code(send(application, path, known, body, "POST")) == "REQ.MALFORMED"
    assert application.soon is None and len(sealed(rt)) == 1


def test_a_question_by_HEAD_hears_no_body_but_its_length(house):
    application, made = house
    for purpose in ("PF.CRD.NEW", "X.MKT"):
        told = {"X-Forwarded-Method": "GET", "X-Forwarded-Host": "data.example.test",
                "X-Forwarded-Uri": f"{PATH}?{QUERY}", "X-Forwarded-For": "203.0.113.8",
                "X-Hufu-Gateway": made.secret, **made.headers, "X-Purpose": purpose}
        send(application, "/gw/forward", told, method="HEAD")
        assert application.soon.body == b""
        assert unnumbered(application.soon) == unnumbered(application.by_wsgi)
    assert dict(application.soon.headers)["Content-Length"] != "0"


@each_way
def test_a_stop_binds_the_next_call(rt, house, ask):
    application, made = house
    assert ask(application, made) and application.soon.status == 200
    zone.set_state(rt, made.zone.grant, "SUSPENDED")
    assert code(ask(application, made)) == "TERM.SUSPENDED"
    assert unnumbered(application.soon) == unnumbered(application.by_wsgi)


@each_way
def test_an_epoch_unread_for_too_long_is_refused_alike_and_seals_nothing(rt, house, ask):
    application, made = house
    ask(application, made)
    before, follower = len(sealed(rt)), application.gateways.asking.gate.follower
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE trail_head RENAME TO gone"))
    follower.refresh()
    follower._confirmed = time.monotonic() - rt.settings.stale_after_s - 1
    assert code(ask(application, made)) == "SYS.STALE"
    assert unnumbered(application.soon) == unnumbered(application.by_wsgi)
    assert len(sealed(rt)) == before


@each_way
def test_a_full_ledger_refuses_alike(rt, house, ask, monkeypatch):
    application, made = house
    ask(application, made)
    before = len(sealed(rt))
    monkeypatch.setattr(application.gateways.asking.gate.ledger, "_capacity", 0)
    assert code(ask(application, made)) == "SYS.UNAVAILABLE"
    assert unnumbered(application.soon) == unnumbered(application.by_wsgi)
    assert len(sealed(rt)) == before


@each_way
def test_a_defect_refuses_alike_and_says_nothing_of_itself(house, ask, monkeypatch):
    application, made = house

    def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(application.gateways.asking, "_question", broken)
    assert code(ask(application, made)) == "SYS.UNAVAILABLE"
    assert application.soon == application.by_wsgi and "secret" not in repr(application.soon)


@each_way
def test_a_long_call_is_left_to_a_thread(rt, house, ask):
    application, made = house
    assert ask(application, made, X_Filler="x" * BRIEF).status == 200
    assert application.soon is None and len(sealed(rt)) == 1


def test_every_other_path_is_left_to_the_application(house):
    application, _ = house
    for path in ("/gw/other", "/gw/envoyx", "/", "/access/v1/evaluation"):
        assert send(application, path, {}).body == "behind"
        assert application.soon is None


@each_way
def test_calls_at_once_hear_each_its_own_decision(rt, house, ask):
    application, made = house
    gateways, calls = application.gateways, []

    def kept(environ, start_response):
        calls.append((environ, environ.pop("wsgi.input").read()))
        return application({**environ, "wsgi.input": io.BytesIO(calls[-1][1])}, start_response)

    for number in range(8):
        ask(kept, made, X_Request_ID=f"req-{number}",
            X_Purpose="X.MKT" if number % 2 else "PF.CRD.NEW")

    async def all_at_once():
        return await asyncio.gather(*(gateways.said_soon(*call) for call in calls))

    said = asyncio.run(all_at_once())
    with rt.db.reading() as connection:
        indexed = {row.id: row for row in connection.execute(select(DecisionIndex.__table__))}
    for number, each in enumerate(said):
        row = indexed.pop(NUMBER.search(repr(each))[0])
        assert (row.trace_id, row.permits) == (f"req-{number}", number % 2 == 0)
