"""Dimension 10 on both engines: what the subject agreed to, read in the sealing transaction."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import subject_authorizations
from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.store.tables_use import Reservation, UseCounter
from app.store.unit import begin, read
from tests import consents, zone
from tests.conftest import caller
from tests.consents import codes, question
from tests.decision_zone import LAW


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


@pytest.fixture
def chain(rt, gate):
    """The tiny zone; its product asks for the subject's authorization."""
    chain = zone.tiny(rt)
    consents.asking(rt, chain)
    return chain


def taken(rt, row) -> tuple[int, int]:
    with read(rt) as session:
        found = session.get(UseCounter, ("consent/" + row.id, "TOTAL", ""))
        return (found.reserved, found.used) if found else (0, 0)


def test_what_needs_an_authorization_is_refused_without_one(rt, gate, chain):
    assert codes(gate.answer(question(chain))) == ["CONSENT.MISSING"]


@pytest.mark.parametrize("is_named", [True, False])
def test_it_is_found_by_its_token_or_by_whom_it_is_about(rt, gate, chain, is_named):
    row = consents.given(rt, chain)
    sent = {"subject_authorization": row.token} if is_named else {}
    answer = gate.answer(question(chain, **sent))
    assert answer["decision"], codes(answer)
    assert {"link": "L7", "id": row.id, "v": 1} in answer["context"]["chain"]
    assert answer["context"]["valid_until"] == answer["context"]["decided_at"]


AGAINST = [
    ({"state": "EXPIRED"}, {}, "CONSENT.EXPIRED"),
    ({"valid_to": timedelta(0)}, {}, "CONSENT.EXPIRED"),
    ({"valid_from": timedelta(seconds=1)}, {}, "CONSENT.MISSING"),
    ({"state": "REQUESTED"}, {}, "CONSENT.MISSING"),
    ({"state": "REFUSED"}, {}, "CONSENT.MISSING"),
    ({"state": "EXHAUSTED"}, {}, "CONSENT.EXHAUSTED"),
    ({"state": "WITHDRAWN"}, {}, "CONSENT.WITHDRAWN"),
    ({"state": "SUPERSEDED"}, {}, "CONSENT.WITHDRAWN"),
    ({"state": "INVALID"}, {}, "CONSENT.EVIDENCE"),
    ({"evidence_holds": False}, {}, "CONSENT.EVIDENCE"),
    ({"noted": False}, {}, "CONSENT.EVIDENCE"),
    ({"institution_id": "another"}, {}, "CONSENT.INSTITUTION"),
    ({"subject": "hmac-sha256:another"}, {}, "CONSENT.SUBJECT"),
    ({}, {"data_subject": None}, "CONSENT.SUBJECT"),
    ({"purposes": "PF.CRD.REN"}, {}, "CONSENT.PURPOSE"),
    ({"products": "PRD-999999"}, {}, "CONSENT.SCOPE"),
    ({"items": "ent_name"}, {}, "CONSENT.SCOPE"),
    ({"earliest": "2025-06-02"}, {}, "CONSENT.SCOPE"),
    ({"earliest": "2025-06-01"}, {"lookback_from": None}, "CONSENT.SCOPE"),
]


@pytest.mark.parametrize(("changes", "asked", "code"), AGAINST)
def test_every_way_of_not_covering_a_call_has_its_reason(rt, gate, chain, changes, asked, code):
    moved = {name: rt.clock() + value if isinstance(value, timedelta) else value
             for name, value in changes.items()}
    row = consents.given(rt, chain, **moved)
    answer = gate.answer(question(chain, subject_authorization=row.token, **asked))
    assert not answer["decision"] and code in codes(answer)
    assert set(codes(answer)) <= {code, "SCOPE.LOOKBACK", "SCOPE.SUBJECT_KIND", "REQ.MALFORMED"}


def test_the_bounds_themselves_are_inside(rt, gate, chain):
    row = consents.given(rt, chain, items="ent_name tax_grade", earliest="2025-06-01",
                         valid_from=rt.clock())
    answer = gate.answer(question(chain, subject_authorization=row.token))
    assert answer["decision"], codes(answer)


def test_a_purpose_that_asks_for_a_separate_consent_needs_it_ticked(rt, gate, chain):
    for separate, missing in (("", True), ("CM.DEF.LMT", False)):
        row = consents.given(rt, chain, purposes="CM.DEF.LMT", separate=separate)
        found = codes(gate.answer(question(chain, purpose="CM.DEF.LMT",
                                           subject_authorization=row.token)))
        assert ("CONSENT.SEPARATE" in found) is missing


def test_the_one_that_covers_is_used_where_a_subject_gave_several(rt, gate, chain):
    consents.given(rt, chain, state="WITHDRAWN")
    fits = consents.given(rt, chain)
    consents.given(rt, chain, purposes="PF.CRD.REN")
    answer = gate.answer(question(chain))
    assert answer["decision"] and answer["context"]["chain"][-1]["id"] == fits.id


def test_uses_are_counted_with_those_set_aside_and_never_exceeded(rt, gate, chain):
    row = consents.given(rt, chain, max_uses=2)
    ask = question(chain, subject_authorization=row.token)
    answers = gate.answers([ask, ask, ask])
    assert [each["decision"] for each in answers] == [True, True, False]
    assert codes(answers[2]) == ["CONSENT.EXHAUSTED"]
    assert taken(rt, row) == (2, 0)
    with read(rt) as session:
        kept = session.exec(select(Reservation)).all()
    assert {each.consent for each in kept} == {row.id} and len(kept) == 2
    assert {each.due for each in kept} == {"2026-11-23T02:05:00.000000Z"}


def test_a_refusal_takes_no_use(rt, gate, chain):
    row = consents.given(rt, chain, max_uses=1)
    refused = gate.answer(question(chain, subject_authorization=row.token, purpose="X.MKT"))
    assert not refused["decision"] and taken(rt, row) == (0, 0)
    assert gate.answer(question(chain, subject_authorization=row.token))["decision"]


def test_Z06_thirty_two_callers_in_two_processes_never_pass_the_bound(rt, gate, chain):
    row = consents.given(rt, chain, max_uses=10)
    other = Gate(rt, LAW)
    try:
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(
                lambda at: (gate, other)[at % 2].answer(
                    question(chain, subject_authorization=row.token)), range(64)))
    finally:
        other.close()
    assert sum(each["decision"] for each in answers) == 10
    assert {code for each in answers if not each["decision"] for code in codes(each)} == {
        "CONSENT.EXHAUSTED"}
    assert sum(taken(rt, row)) == 10


def test_INV_19_a_withdrawal_binds_the_next_decision_of_every_process(rt, gate, chain):
    """No process is told: each reads the row in the transaction that seals."""
    other = Gate(rt, LAW)
    rt.listeners.clear()
    try:
        for ask in (lambda row: {"subject_authorization": row.token}, lambda row: {}):
            row = consents.given(rt, chain)
            assert all(each.answer(question(chain, **ask(row)))["decision"]
                       for each in (gate, other))
            maker = caller("wang", "INST_MAKER", institution=chain.institution.id)
            subject_authorizations.withdraw(rt, maker, row.id, subject_authorizations.Why())
            for each in (gate, other):
                assert codes(each.answer(question(chain, **ask(row)))) == ["CONSENT.WITHDRAWN"]
    finally:
        rt.listeners += [gate.follower.refresh, other.follower.refresh]
        other.close()


def test_the_ledger_never_waits_for_a_row_that_somebody_holds(rt, gate, chain):
    """A withdrawal half-way holds its row; on SQLite the whole store is its, so nothing is asked
    of it there."""
    row = consents.given(rt, chain)
    if rt.db.is_sqlite:
        pytest.skip("one writer at a time: there is no row to hold")
    with begin(rt, SYSTEM) as act:
        act.find(type(row), row.id)
        assert gate.answer(question(chain, subject_authorization=row.token))["decision"]
