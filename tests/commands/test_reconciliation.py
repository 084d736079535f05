"""Logs of gateways, decisions and receipts held against each other, on both engines."""

import base64
import json

import pytest
from sqlmodel import select

from app.commands import reconciliation
from app.commands.decide import Gate
from app.commands.receipts import take
from app.commands.reconciliation import LogFile
from app.domain.callers import SYSTEM
from app.domain.gateway_logs import read_line
from app.domain.receipts import read_receipt
from app.domain.refusals import Invalid, NotAllowed
from app.store.tables_receipts import Finding
from app.store.unit import begin, read
from tests import zone
from tests.conftest import caller
from tests.consents import question
from tests.decision_zone import LAW

OPS = caller("sun", "OPS")
AT = "2026-11-23T02:00:00+00:00"


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


@pytest.fixture
def chain(rt, gate):
    return zone.tiny(rt)


def log(*calls) -> str:
    return "\n".join(json.dumps({"time": AT, "status": status, "decision_id": decision})
                     for status, decision in calls)


def imported(rt, text: str):
    return reconciliation.take_in(rt, OPS, LogFile(
        name="access.log", content=base64.b64encode(text.encode()).decode())).detail


def findings(rt) -> list[tuple[str, str, str]]:
    with read(rt) as session:
        return [(each.kind, each.severity, each.decision)
                for each in session.exec(select(Finding).order_by(Finding.place))]


def decided(gate, chain, **changes) -> str:
    return gate.answer(question(chain, **changes))["context"]["decision_id"]


def acknowledged(rt, chain, decision: str, outcome: str) -> None:
    body = {"outcome": outcome, "rows": 1, "fields": ["ent_name"],
            "obligations": {f"o{at}": "DONE" for at in range(1, 9)}}
    receipt, wrong = read_receipt(body, decision)
    assert not wrong
    assert take(rt, chain.credential.prefix, [receipt])[0].result == "TAKEN"


def test_what_agrees_finds_nothing_and_what_was_refused_passed_nothing(rt, gate, chain):
    permit, refused = decided(gate, chain), decided(gate, chain, purpose="X.MKT")
    assert imported(rt, log((200, permit), (403, refused), (403, "-")))["findings"] == {}


def test_what_was_served_without_a_permit_is_critical(rt, gate, chain):
    refused = decided(gate, chain, purpose="X.MKT")
    said = imported(rt, log((200, refused), (200, "-"), (302, "dec_nobody")))
    assert said["findings"] == {"served-without-decision": 3}
    assert {severity for _, severity, _ in findings(rt)} == {"CRITICAL"}
    again = imported(rt, log((200, refused), (200, "-"), (302, "dec_nobody")))
    assert again["findings"] == {} and len(findings(rt)) == 3


def test_a_call_against_its_receipt_is_found(rt, gate, chain):
    permit = decided(gate, chain)
    acknowledged(rt, chain, permit, "NOT_SERVED")
    imported(rt, log((200, permit)))
    assert findings(rt) == [("call-against-receipt", "HIGH", permit)]


def test_a_receipt_no_gateway_logged_is_found_where_the_days_log_is_there(rt, gate, chain, clock):
    logged, unlogged = decided(gate, chain), decided(gate, chain)
    for each in (logged, unlogged):
        acknowledged(rt, chain, each, "SERVED")
    clock.forward(days=1)
    assert reconciliation.compare_yesterday(rt) == {}
    imported(rt, log((200, logged)))
    assert reconciliation.compare_yesterday(rt) == {"receipt-without-call": 1}
    assert findings(rt) == [("receipt-without-call", "HIGH", unlogged)]
    assert reconciliation.compare_yesterday(rt) == {"receipt-without-call": 0}


def test_a_permit_nobody_acknowledged_is_found_the_day_after(rt, gate, chain, clock):
    """The grant orders a receipt; nothing is set aside, so only the trail knows of it."""
    with begin(rt, SYSTEM) as act:
        version = act.find(type(chain.grant_version), chain.grant_version.id)
        version.obligations = [{"kind": "receipt", "within_s": 60}]
        act.record("grant_version.place", f"grant_version/{version.id}")
        act.affects("grant_version", version.id)
    late, taken = decided(gate, chain), decided(gate, chain)
    acknowledged(rt, chain, taken, "SERVED")
    assert reconciliation.compare_yesterday(rt) == {}
    clock.forward(days=1)
    assert reconciliation.compare_yesterday(rt) == {"permit-without-receipt": 1}
    assert findings(rt) == [("permit-without-receipt", "HIGH", late)]


@pytest.mark.parametrize(("text", "status", "decision"), [
    (f'{{"time": "{AT}", "status": 200, "decision_id": "dec_1"}}', 200, "dec_1"),
    (f'{{"time": "{AT}", "status": "403"}}', 403, ""),
    ('1.2.3.4 - - [23/Nov/2026:10:00:00 +0800] "GET /x HTTP/1.1" 200 5', 200, ""),
    ('1.2.3.4 - u [23/Nov/2026:10:00:00 +0800] "GET /x HTTP/1.1" 200 5 "-" "curl" decision=dec_1',
     200, "dec_1"),
    ('1.2.3.4 - u [23/Nov/2026:10:00:00 +0800] "GET /x" 200 - "-" "c" rt=0.1 decision="-"', 200,
     ""),
    ('1.2.3.4 - - [23/Nov/2026:10:00:00 +0800] "GET /x" 200 5 "-" "me decision=dec_1"', 200, "")])
def test_both_forms_of_a_line_are_read(text, status, decision):
    call = read_line(1, text)
    assert (call.status, call.decision, call.at) == (status, decision,
                                                     "2026-11-23T02:00:00.000000Z")


@pytest.mark.parametrize("text", [
    "{", "[]", "{}", '{"time": 5, "status": 200}', f'{{"time": "{AT}", "status": 99}}',
    f'{{"time": "{AT}", "status": true}}', '{"time": "2026-11-23T02:00:00", "status": 200}',
    "free text", '1.2.3.4 - - [31/Feb/2026:10:00:00 +0800] "GET /" 200 5', "x" * 20_000, "{\ud800"])
def test_a_line_that_cannot_be_read_is_counted_and_never_guessed(text):
    assert read_line(1, text) is None


def test_a_file_without_a_line_to_read_is_refused_and_strangers_take_none_in(rt, gate, chain):
    with pytest.raises(Invalid):
        imported(rt, "free text\nmore")
    said = imported(rt, "free text\n" + log((403, "-")))
    assert (said["unread"], said["unread_lines"]) == (1, [1])
    with pytest.raises(NotAllowed):
        reconciliation.import_log(rt, caller("wang", "INST_MAKER"), [], "sha256:0")
