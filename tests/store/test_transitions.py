"""INV-13: a state and the record of its change are written in one transaction, or neither is."""

import pytest
from sqlmodel import select

from app.commands.advance import cascade
from app.domain.callers import SYSTEM
from app.domain.grants import GRANT
from app.store.tables import TrailEntry, Transition
from app.store.tables_grants import Grant
from app.store.unit import UnrecordedChange, begin, read
from tests import zone


def written(rt, grant) -> tuple:
    with read(rt) as session:
        return (session.get(Grant, grant).state,
                len(session.exec(select(Transition.id)).all()),
                len(session.exec(select(TrailEntry.seq)).all()))


def test_INV_13_an_act_that_fails_after_the_move_leaves_neither_state_nor_record(rt):
    key = zone.tiny(rt).grant.id
    before = written(rt, key)
    with pytest.raises(ZeroDivisionError), begin(rt, SYSTEM) as act:
        cascade(act, GRANT, act.find(Grant, key), "suspend", "test")
        act.session.flush()
        raise ZeroDivisionError
    assert written(rt, key) == before


def test_INV_13_a_state_changed_without_its_record_is_not_committed(rt):
    key = zone.tiny(rt).grant.id
    before = written(rt, key)
    with pytest.raises(UnrecordedChange), begin(rt, SYSTEM) as act:
        act.find(Grant, key).state = "SUSPENDED"
    assert written(rt, key) == before


def test_INV_13_a_move_writes_its_state_transition_and_entry_together(rt):
    key = zone.tiny(rt).grant.id
    state, moves, entries = written(rt, key)
    with begin(rt, SYSTEM) as act:
        cascade(act, GRANT, act.find(Grant, key), "suspend", "test")
    assert written(rt, key) == ("SUSPENDED", moves + 1, entries + 1) and state == "ACTIVE"
    with read(rt) as session:
        row = session.exec(select(Transition).where(Transition.object_id == key)).one()
        entry = session.get(TrailEntry, row.seq)
    assert (row.source, row.target, entry.kind) == ("ACTIVE", "SUSPENDED", "grant.suspend")
