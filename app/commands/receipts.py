"""Receipts are taken once, sealed, held against their permits, and settle what those set aside.

The head is locked first: counters only change under it, and two receipts of one decision meet
there. No other row is locked while it is held.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from app.commands.findings import find
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import digest, instant
from app.domain.findings import Kind
from app.domain.receipts import Outcome, Receipt, beyond
from app.store import reservations, tables_receipts
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_institutions import Credential
from app.store.tables_use import Reservation
from app.store.trail import lock_head
from app.store.unit import Act, begin, read

PEP = Caller(account="pep", person="system", name="执行点", roles=frozenset({"SYSTEM"}),
             capacity="SYSTEM")
MOST_AT_ONCE = 500
TAKEN, KNOWN, UNKNOWN, DIFFERS = "TAKEN", "KNOWN", "UNKNOWN", "DIFFERS"


@dataclass(frozen=True)
class Said:
    """What became of one receipt: TAKEN, KNOWN already, of an UNKNOWN decision, or one that
    DIFFERS from the one taken. `beyond` is what left beyond the permit."""

    decision: str
    result: str
    digest: str = ""
    beyond: tuple[str, ...] = ()


def take(rt, credential: str, receipts: Sequence[Receipt]) -> list[Said]:
    """Take receipts of the decisions this credential asked for, all in one act.

    Raises:
        NotRecorded: the store cannot take them now; none is.
    """
    with begin(rt, PEP) as act:
        lock_head(act.session.connection())
        return [_taken(act, credential, each) for each in receipts]


def _taken(act: Act, credential: str, receipt: Receipt) -> Said:
    facts, row = decided(act.session, receipt.decision, credential)
    if facts is None:
        return Said(receipt.decision, UNKNOWN)
    found = digest(dict(receipt.body))
    known = act.session.get(tables_receipts.Receipt, receipt.decision)
    if known:
        return Said(receipt.decision, KNOWN if known.digest == found else DIFFERS, known.digest)
    more = beyond(receipt, facts, act.rt.law.vocabulary)
    act.add(tables_receipts.Receipt(
        decision=receipt.decision, institution_id=row.institution_id, credential=credential,
        outcome=receipt.outcome, digest=found, at=instant(act.at), body=dict(receipt.body)))
    act.record("decision.receipt", f"decision/{receipt.decision}",
               institution=row.institution_id or None, decision=receipt.decision,
               outcome=receipt.outcome, rows=receipt.rows, receipt=found, beyond=len(more))
    kept = act.session.get(Reservation, receipt.decision)
    if kept and kept.state in ("RESERVED", reservations.OVERDUE):
        is_made = receipt.outcome != Outcome.NOT_SERVED
        reservations.settle(act.session.connection(), kept,
                            reservations.MADE if is_made else reservations.GIVEN_BACK)
    if more:
        kind = Kind.BEYOND if facts["permits"] else Kind.NO_DECISION
        find(act, kind, receipt.decision, credential, facts["institution"], beyond=more,
             receipt=found)
    return Said(receipt.decision, TAKEN, found, tuple(more))


def decided(session, decision: str, credential: str) -> tuple[Mapping[str, Any] | None,
                                                             DecisionIndex | None]:
    """The sealed facts of a decision this credential asked for, and its line; None of another's."""
    row = session.exec(select(DecisionIndex).where(DecisionIndex.id == decision)).first()
    if row is None:
        return None, None
    facts = json.loads(session.get(TrailEntry, row.seq).body)["facts"]
    asked_by = facts.get("input", {}).get("credential", facts.get("credential"))
    return (facts, row) if asked_by == credential and "fields" in facts else (None, None)


def release_due(rt) -> int:
    """What waited for receipts in vain is given back, each with a finding; how many.

    Raises:
        NotRecorded: the registry cannot be written now.
    """
    at = instant(rt.clock())
    with rt.db.reading() as connection:
        waiting = reservations.due(connection, at, MOST_AT_ONCE)
    released = 0
    if waiting:
        with begin(rt, SYSTEM) as act:
            lock_head(act.session.connection())
            released = sum(_released(act, each) for each in waiting)
    _tell_credentials(rt)
    return released


def _released(act: Act, decision: str) -> bool:
    kept = act.session.get(Reservation, decision, populate_existing=True)
    if kept.state != "RESERVED":
        return False
    reservations.settle(act.session.connection(), kept, reservations.OVERDUE)
    find(act, Kind.NO_RECEIPT, decision, kept.credential, "", due=kept.due)
    return True


def _tell_credentials(rt) -> None:
    """How many receipts each enforcement point owes becomes part of what decisions see."""
    with read(rt) as session:
        late = reservations.overdue(session.connection())
        stale = [row.id for row in session.exec(select(Credential).where(
            Credential.prefix.in_(late) | (Credential.receipts_overdue > 0)))
            if row.receipts_overdue != late.get(row.prefix, 0)]
    for key in stale:
        with begin(rt, SYSTEM) as act:
            row = act.find(Credential, key)
            row.receipts_overdue = late.get(row.prefix, 0)
            act.record("credential.count_receipts", f"credential/{key}",
                       institution=row.institution_id or None, overdue=row.receipts_overdue)
            act.affects("credential", key, stops=True)
