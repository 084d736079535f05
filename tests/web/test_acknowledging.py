"""Receipts over HTTP: taken once, settled, held against the permit; on both engines."""

import io
import json

import pytest
from sqlmodel import select

from app.commands import receipts
from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.domain.findings import MOST_OVERDUE
from app.store.tables import TrailEntry
from app.store.tables_institutions import Credential
from app.store.tables_receipts import Finding
from app.store.tables_receipts import Receipt as Kept
from app.store.tables_use import Reservation, UseCounter
from app.store.unit import begin, read
from app.web.acknowledging import Acknowledging
from tests import consents, zone
from tests.consents import codes, question
from tests.decision_zone import LAW


class Point:
    """An enforcement point in a zone where each permit uses up a bound and an authorization."""

    def __init__(self, rt, gate) -> None:
        self.rt, self.gate, self.zone = rt, gate, zone.tiny(rt)
        consents.asking(rt, self.zone)
        with begin(rt, SYSTEM) as act:
            version = act.find(type(self.zone.grant_version), self.zone.grant_version.id)
            version.quota = {"per_day": 5}
            act.record("grant_version.place", f"grant_version/{version.id}")
            act.affects("grant_version", version.id)
        self.consent = consents.given(rt, self.zone, max_uses=4)
        self.app = Acknowledging(self.behind, gate)

    @staticmethod
    def behind(environ, start_response):
        start_response("404 Not Found", [])
        return [b'"behind"']

    def permit(self, **changes) -> str:
        answer = self.gate.answer(question(self.zone, **changes))
        assert answer["decision"], codes(answer)
        return answer["context"]["decision_id"]

    def call(self, path: str, body=None, *, method: str = "POST", secret: str | None = None,
             kind: str = "application/json", raw: bytes | None = None):
        sent = raw if raw is not None else json.dumps(body).encode() if body is not None else b""
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": "localhost",
                   "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(sent)),
                   "wsgi.input": io.BytesIO(sent),
                   "HTTP_AUTHORIZATION": f"Bearer {secret or self.zone.secret}"}
        started = []
        answer = b"".join(self.app(environ, lambda status, headers: started.append(status)))
        return int(started[0][:3]), json.loads(answer)

    def acknowledge(self, decision: str, **changes):
        body = {"outcome": "SERVED", "rows": 1, "fields": ["ent_name", "tax_grade"],
                "obligations": {f"o{at}": "DONE" for at in range(1, 9)}, **changes}
        return self.call(f"/api/v1/decisions/{decision}/receipts", body)

    def counted(self) -> dict[str, tuple[int, int]]:
        with read(self.rt) as session:
            return {each.key.partition("/")[0]: (each.reserved, each.used)
                    for each in session.exec(select(UseCounter))}

    def findings(self) -> list[tuple[str, str]]:
        with read(self.rt) as session:
            return [(each.kind, each.severity) for each in session.exec(
                select(Finding).order_by(Finding.id))]

    def state(self, decision: str) -> str:
        with read(self.rt) as session:
            return session.get(Reservation, decision).state


@pytest.fixture
def point(rt):
    gate = Gate(rt, LAW)
    yield Point(rt, gate)
    gate.close()


def test_a_receipt_makes_final_what_its_permit_set_aside(point):
    decision = point.permit()
    assert point.counted() == {"grant": (1, 0), "consent": (1, 0)}
    status, said = point.acknowledge(decision)
    assert (status, said["result"], said["beyond"]) == (201, "TAKEN", [])
    assert point.counted() == {"grant": (0, 1), "consent": (0, 1)}
    assert point.state(decision) == "COMMITTED" and point.findings() == []
    with read(point.rt) as session:
        entry = session.exec(select(TrailEntry).where(
            TrailEntry.kind == "decision.receipt")).one()
        kept = session.get(Kept, decision)
    assert entry.stream == f"inst/{point.zone.institution.id}"
    facts = json.loads(entry.body)["facts"]
    assert facts["receipt"] == kept.digest == said["receipt"]


def test_the_same_receipt_again_changes_nothing_and_another_is_refused(point):
    decision = point.permit()
    first = point.acknowledge(decision)
    again = point.acknowledge(decision)
    assert (first[0], again[0], again[1]["result"]) == (201, 200, "KNOWN")
    assert point.acknowledge(decision, rows=0)[0] == 409
    assert point.counted()["grant"] == (0, 1)


def test_what_was_not_served_is_given_back(point):
    decision = point.permit()
    assert point.acknowledge(decision, outcome="NOT_SERVED", rows=0, fields=[])[0] == 201
    assert point.counted() == {"grant": (0, 0), "consent": (0, 0)}
    assert point.state(decision) == "RELEASED"


BEYOND = [({"fields": ["ent_name", "overdue_tax"]}, ["field:overdue_tax"]),
          ({"rows": 2}, ["rows"]), ({"obligations": {"o1": "FAILED"}}, ["obligation:o1"])]


@pytest.mark.parametrize(("changes", "told"), BEYOND)
def test_what_left_beyond_the_permit_is_a_finding(point, changes, told):
    status, said = point.acknowledge(point.permit(), **changes)
    assert status == 201 and set(told) <= set(said["beyond"])
    assert point.findings() == [("receipt-beyond-permit", "HIGH")]


def test_serving_what_was_refused_is_critical(point):
    refused = point.gate.answer(question(point.zone, purpose="X.MKT"))["context"]["decision_id"]
    assert point.acknowledge(refused)[1]["beyond"] == ["permit"]
    assert point.findings() == [("served-without-decision", "CRITICAL")]


WRONG = [({"outcome": "PERHAPS"}, "outcome"), ({"rows": -1}, "rows"), ({"rows": True}, "rows"),
         ({"rows": 1.5}, "rows"), ({"fields": "ent_name"}, "fields"),
         ({"fields": ["a", "a"]}, "fields"), ({"colour": "red"}, "colour"),
         ({"treatments": ["x"]}, "treatments"), ({"obligations": {"o1": "MAYBE"}}, "obligations"),
         ({"response_digest": "md5:1"}, "response_digest"), ({"delete_due": "soon"}, "delete_due"),
         ({"decision_id": "dec_other"}, "decision_id"), ({"signature": 5}, "signature")]


@pytest.mark.parametrize(("changes", "member"), WRONG)
def test_a_wrong_member_is_named_and_nothing_is_taken(point, changes, member):
    decision = point.permit()
    status, said = point.acknowledge(decision, **changes)
    assert status == 400 and {"at": member} in said["errors"]
    assert point.state(decision) == "RESERVED"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b'{"a":1,"a":2}', b"\xff", b"null"])
def test_what_is_no_receipt_is_refused(point, raw):
    decision = point.permit()
    assert point.call(f"/api/v1/decisions/{decision}/receipts", raw=raw)[0] == 400


def test_another_credential_neither_acknowledges_nor_reads(point):
    decision = point.permit()
    with begin(point.rt, SYSTEM) as act:
        _, secret = zone.credential(act, act.find(type(point.zone.app), point.zone.app.id))
    point.gate.follower.refresh()
    path = f"/api/v1/decisions/{decision}"
    assert point.call(path + "/receipts", {"outcome": "FAILED"}, secret=secret)[0] == 404
    assert point.call(path, method="GET", secret=secret)[0] == 404
    assert point.call(path + "/receipts", {"outcome": "FAILED"}, secret="hufu_x_y")[0] == 401
    assert point.call("/api/v1/decisions/dec_0/receipts", {"outcome": "FAILED"})[0] == 404
    assert point.call(path + "/receipts", method="GET")[0] == 405


def test_many_are_answered_in_their_places(point):
    first, second = point.permit(), point.permit()
    served = {"outcome": "SERVED", "rows": 1, "fields": ["ent_name"],
              "obligations": {f"o{at}": "DONE" for at in range(1, 9)}}
    status, said = point.call("/api/v1/receipts", {"receipts": [
        {"decision_id": first, **served}, {"decision_id": "dec_unknown", **served}, {"rows": 1},
        {"decision_id": second, **served}, {"decision_id": second, **served}]})
    assert status == 207
    assert [each["status"] for each in said["receipts"]] == [201, 404, 400, 201, 200]
    assert point.counted()["grant"] == (0, 2)
    for body in ({}, {"receipts": []}, {"receipts": {}}, {"receipts": [1] * 501}, []):
        assert point.call("/api/v1/receipts", body)[0] == 400


def test_a_gateway_reads_its_decision_and_the_epoch(point):
    decision = point.permit()
    status, said = point.call(f"/api/v1/decisions/{decision}", method="GET")
    assert status == 200 and said["decision"] is True and "chain" not in said
    assert len(said["digest"]) == 71
    assert point.call("/api/v1/epoch", method="GET") == (
        200, {"epoch": point.gate.picture.epoch})


def test_who_holds_no_credential_is_handed_on(point):
    assert point.call("/api/v1/epoch", method="GET", secret="session")[1] == "behind"
    assert point.call("/api/v1/grants", method="GET")[1] == "behind"


def test_without_a_receipt_in_time_it_is_given_back_with_a_finding(point, clock):
    decision = point.permit()
    clock.forward(seconds=300)
    assert receipts.release_due(point.rt) == 0
    clock.forward(seconds=1)
    assert receipts.release_due(point.rt) == 1
    assert point.counted() == {"grant": (0, 0), "consent": (0, 0)}
    assert point.findings() == [("permit-without-receipt", "HIGH")]
    assert point.state(decision) == "OVERDUE" and receipts.release_due(point.rt) == 0
    assert point.acknowledge(decision)[0] == 201  # late, and it was served: it counts after all
    assert point.counted() == {"grant": (0, 1), "consent": (0, 1)}
    assert point.state(decision) == "COMMITTED" and point.findings() != []


def test_who_owes_too_many_receipts_is_given_no_permit_that_needs_one(point, clock):
    with point.rt.db.writing() as connection:
        connection.execute(Reservation.__table__.insert(), [
            {"decision": f"dec_{at}", "institution_id": "", "amount": 1, "counters": [],
             "credential": point.zone.credential.prefix, "consent": "", "due": "2026-01-01",
             "state": "RESERVED"} for at in range(MOST_OVERDUE)])
    receipts.release_due(point.rt)
    decision = point.permit()
    clock.forward(seconds=301)
    receipts.release_due(point.rt)
    point.gate.follower.refresh()
    refused = point.gate.answer(question(point.zone))
    assert codes(refused) == ["PEP.RECEIPT_OVERDUE"]
    assert point.acknowledge(decision)[0] == 201
    receipts.release_due(point.rt)
    with read(point.rt) as session:
        owed = session.exec(select(Credential.receipts_overdue).where(
            Credential.prefix == point.zone.credential.prefix)).one()
    assert owed == MOST_OVERDUE
    point.gate.follower.refresh()
    assert point.permit()
