"""Queued letters are printed once, sealed with their file, and an interrupted job starts again."""

import hashlib

import pytest
from sqlmodel import func, select

from app.commands import departments
from app.commands.notices import issue
from app.engines import documents
from app.jobs.documents import render, render_due
from app.store.tables import Attachment, TrailEntry
from app.store.tables_notices import Notice
from app.store.tables_supply import Department
from app.store.unit import begin, read
from tests.conftest import caller
from tests.engines.pdf import text_of


@pytest.fixture
def queued(rt):
    """The ids of three letters that wait."""
    made = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                              departments.NewDepartment(name="市税务局"))
    with begin(rt, caller("shou", "INTAKE")) as act:
        row = act.get(Department, made.id)
        for _ in range(3):
            issue(act, "ACCEPTANCE", row)
    with read(rt) as session:
        return session.exec(select(Notice.id).order_by(Notice.n)).all()


def count(rt, what, *where) -> int:
    with read(rt) as session:
        return session.exec(select(func.count()).select_from(what).where(*where)).one()


def test_what_waits_is_printed_and_its_digest_is_sealed(rt, queued):
    assert render_due(rt) == 3
    with read(rt) as session:
        row = session.get(Notice, queued[0])
        copy = session.get(Attachment, row.file)
        entry = session.exec(select(TrailEntry).where(
            TrailEntry.kind == "notice.render", TrailEntry.ref == f"notice/{row.id}")).one()
    assert row.state == "READY"
    assert hashlib.sha256(copy.body).hexdigest() == row.file
    assert row.file.encode() in entry.body and documents.edition().encode() in entry.body
    assert row.serial in text_of(copy.body)
    assert copy.department_id == row.department_id


def test_a_second_turn_prints_nothing_again(rt, queued):
    render_due(rt)
    assert render_due(rt) == 0
    assert count(rt, TrailEntry, TrailEntry.kind == "notice.render") == 3


def test_two_processes_at_one_letter_print_it_once(rt, queued):
    assert [render(rt, queued[0]), render(rt, queued[0])] == [True, False]
    assert count(rt, Attachment) == 1


def test_a_job_stopped_between_letters_goes_on_where_it_was(rt, queued):
    render(rt, queued[0])
    assert render_due(rt) == 2
    assert count(rt, Notice, Notice.state == "READY") == 3


def test_a_letter_that_cannot_be_printed_does_not_hold_up_the_others(rt, queued):
    with begin(rt, caller("ops", "OPS")) as act:
        row = act.find(Notice, queued[0])
        row.payload = {**row.payload, "day": "never"}
        act.record("notice.spoil", f"notice/{row.id}")
    assert render_due(rt) == 2
    assert count(rt, Notice, Notice.state == "QUEUED") == 1


def test_the_copy_is_what_the_words_and_the_edition_give_again(rt, queued):
    render_due(rt)
    with read(rt) as session:
        row = session.get(Notice, queued[1])
        copy = session.get(Attachment, row.file)
    assert documents.render(row.payload["template"], row.payload) == copy.body
