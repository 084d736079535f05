"""The ledger's entries are the trail's entries, and its refusals leave nothing behind."""

import json
import threading

import pytest
from sqlalchemy import select

from app.store import trail
from app.store.appending import Line, append_lines
from app.store.batch import Batch
from app.store.ledger import Found, Ledger, Refused
from app.store.sealing import sealed_bytes
from app.store.tables import TrailEntry, TrailHead
from app.store.trail import Draft

ACTOR = {"account": "pdp", "person": "system", "capacity": "SYSTEM"}


def line(number: int = 1, stream: str = "inst/甲", permits: bool = True, epoch: int = 1) -> Line:
    facts = {"decision": f"dec_{number}", "permits": permits, "note": "授权 \"引号\" \\ \u2028"}
    index = (f"dec_{number}", "2026-11-23T02:00:00.000000Z", permits, "", "", "", "", "", "", "",
             "", "", "", epoch)
    return Line(permits, epoch, "decision.permit", f"decision/dec_{number}", stream,
                sealed_bytes(facts), index)


def test_an_entry_put_together_is_the_entry_the_trail_would_write(rt, clock):
    with rt.db.writing() as connection:
        batch = Batch(connection)
        append_lines(batch, *batch.head(), [line(1), line(2, "system"), line(3)], clock())
    drafts = [Draft(each.kind, each.ref, ACTOR, json.loads(each.facts), stream=each.stream)
              for each in (line(1), line(2, "system"), line(3))]
    with rt.db.reading() as connection:
        ours = connection.execute(select(TrailEntry.body).where(TrailEntry.seq > 0)
                                  .order_by(TrailEntry.seq)).scalars().all()
        frontier = connection.execute(select(TrailHead.frontier)).scalar()
    counts = {"inst/甲": 0, "system": 1}
    for seq, (draft, body) in enumerate(zip(drafts, ours, strict=True), start=1):
        expected, _ = trail._body(draft, seq, counts[draft.stream],
                                  "2026-11-23T02:00:00.000000Z", rt.salt)
        assert bytes(body) == expected
        assert set(json.loads(expected)) == {
            "actor", "at", "facts", "kind", "ref", "seq", "stream", "stream_seq", "v"}
        counts[draft.stream] += 1
    assert len(bytes(frontier)) == 32  # four leaves, one complete subtree


def test_an_acts_entry_and_a_decision_grow_one_tree(rt, clock):
    from app.domain.callers import SYSTEM
    from app.store.unit import begin

    with rt.db.writing() as connection:
        batch = Batch(connection)
        append_lines(batch, *batch.head(), [line(1, "system")], clock())
    with begin(rt, SYSTEM) as act:
        act.record("zone.note", "zone/1")
    with rt.db.reading() as connection:
        rows = connection.execute(select(TrailEntry.seq, TrailEntry.stream_seq).order_by(
            TrailEntry.seq)).all()
    assert [tuple(row) for row in rows] == [(0, 0), (1, 1), (2, 2)]


def found(*lines):
    return lambda shelf, now: Found(0, lines)


@pytest.fixture
def stuck(rt, clock):
    """A ledger whose committer cannot get the head lock, and the thing that lets go of it."""
    ledger = Ledger(rt.db, lambda connection: None, clock, wait_s=0.2)
    holding, release = threading.Event(), threading.Event()

    def hold():
        with rt.db.writing() as connection:
            trail.lock_head(connection)
            holding.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(5)
    yield ledger, release
    release.set()
    holder.join(5)
    ledger.close()


def test_who_gave_up_waiting_is_never_written(rt, stuck):
    ledger, release = stuck
    first = threading.Thread(target=lambda: pytest.raises(Refused, ledger.seal, found(line(1))))
    first.start()
    first.join(2)  # claimed by the committer, which waits for the lock
    with pytest.raises(Refused, match=r"SYS\.TIMEOUT"):
        ledger.seal(found(line(2)))
    release.set()
    ledger.close()
    with rt.db.reading() as connection:
        refs = connection.execute(select(TrailEntry.ref).where(TrailEntry.seq > 0)).scalars().all()
    assert refs == [], "neither who waited behind the lock nor who waited for it"


def test_a_full_queue_refuses_at_once(rt, clock):
    ledger = Ledger(rt.db, lambda connection: None, clock, wait_s=5, capacity=0)
    with pytest.raises(Refused, match=r"SYS\.UNAVAILABLE"):
        ledger.seal(found(line()))
    ledger.close()


def test_a_closed_ledger_refuses(rt, clock):
    ledger = Ledger(rt.db, lambda connection: None, clock, wait_s=0.2)
    ledger.close()
    with pytest.raises(Refused, match=r"SYS\.UNAVAILABLE"):
        ledger.seal(found(line()))
