"""An act is recorded or did not happen; trail rows cannot change; erasure breaks nothing."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.domain.callers import SYSTEM
from app.domain.refusals import NotRecorded
from app.store.guards import APPEND_ONLY
from app.store.tables import TrailEntry, TrailHead, TrailPrivate
from app.store.tables_people import Person
from app.store.unit import UnrecordedChange, begin, read
from audit.trail import leaf, push, root


def test_rows_changed_without_an_entry_are_rolled_back(rt):
    with pytest.raises(UnrecordedChange), begin(rt, SYSTEM) as act:
        act.create(Person, name="无名")
    with read(rt) as session:
        assert session.exec(select(Person)).all() == []


@pytest.mark.parametrize("table", APPEND_ONLY[:3])
@pytest.mark.parametrize("sql", ["UPDATE {} SET seq = seq", "DELETE FROM {}"])
def test_Z09_append_only_rows_refuse_to_change_or_go(rt, table, sql):
    with begin(rt, SYSTEM) as act:
        person = act.create(Person, name="甲")
        draft = act.record("person.create", f"person/{person.id}")
        act.moved(draft, noun="person", object_id=person.id, object_version=1, action="create",
                  source="", target="", duty="make", person="p", account="a", on_behalf_of=None,
                  capacity="SYSTEM", roles=[], reason_code="", reason="", evidence=[],
                  relied_on={}, before=None, source_ip=None)
    with pytest.raises(DBAPIError), rt.db.writing() as connection:
        connection.execute(text(sql.format(table)))


def test_Z09_replacing_a_row_meets_the_guard_too(rt):
    if not rt.db.is_sqlite:
        pytest.skip("INSERT OR REPLACE is SQLite's")
    with pytest.raises(DBAPIError), rt.db.writing() as connection:
        connection.execute(text("INSERT OR REPLACE INTO trail_entry SELECT * FROM trail_entry"))


def test_the_head_is_the_root_of_the_rows(rt):
    for at in range(5):
        with begin(rt, SYSTEM) as act:
            act.record("test.entry", f"test/{at}")
            act.record("test.entry", f"test/{at}b", institution="i1")
    frontier: list[bytes] = []
    with read(rt) as session:
        rows = session.exec(select(TrailEntry).order_by(TrailEntry.seq)).all()
        head = session.get(TrailHead, 1)
    for row in rows:
        assert row.leaf == leaf(row.body)
        frontier = push(frontier, row.seq, row.leaf)
    assert head.size == len(rows) and b"".join(frontier) == head.frontier
    assert root(frontier, head.size)


def test_P03_erasing_a_private_value_leaves_every_proof_valid(rt):
    with begin(rt, SYSTEM) as act:
        act.record("test.entry", "test/1", private={"name": "赵某某"})
    with rt.db.writing() as connection:
        connection.execute(TrailPrivate.__table__.delete())
    test_the_head_is_the_root_of_the_rows(rt)
    with read(rt) as session:
        bodies = session.exec(select(TrailEntry.body)).all()
    assert not any("赵某某".encode() in body for body in bodies)


def test_the_clock_may_jump_back_and_entries_do_not(rt, clock):
    with begin(rt, SYSTEM) as act:
        act.record("test.entry", "test/1")
    clock.forward(hours=-1)
    with begin(rt, SYSTEM) as act:
        act.record("test.entry", "test/2")
    with read(rt) as session:
        at = [json.loads(body)["at"] for body in session.exec(
            select(TrailEntry.body).order_by(TrailEntry.seq))]
    assert at == sorted(at)


def test_Z01_a_store_that_is_gone_refuses_and_records_nothing(rt):
    rt.db.close()
    with rt.db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE trail_head RENAME TO trail_gone"))
        connection.commit()
    with pytest.raises((NotRecorded, DBAPIError)), begin(rt, SYSTEM) as act:
        act.record("test.entry", "test/1")


def test_K07_a_subject_is_a_keyed_hash_and_the_key_is_not_in_the_database(rt):
    hashed = rt.subject_hash("PERSON", "110101190001010000")
    assert hashed.startswith("hmac-sha256:") and "1101" not in hashed
    assert hashed != rt.subject_hash("ENTERPRISE", "110101190001010000")
    rt.subject_key = b"another key of thirty-two bytes!!"
    assert hashed != rt.subject_hash("PERSON", "110101190001010000")
