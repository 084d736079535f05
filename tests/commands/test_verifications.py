"""A code tells a stranger what an instrument is, never what it says, and cannot be hunted."""

import json
from dataclasses import asdict

import pytest
from sqlmodel import select

from app.commands import departments
from app.commands.notices import issue
from app.commands.verifications import MOST_A_MINUTE, verify
from app.domain.refusals import NotFound, TooMany
from app.jobs.documents import render_due
from app.store.tables_notices import Notice
from app.store.tables_supply import Department
from app.store.unit import begin, read
from tests.conftest import caller


@pytest.fixture
def code(rt):
    made = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                              departments.NewDepartment(name="市税务局"))
    with begin(rt, caller("shou", "INTAKE")) as act:
        issue(act, "SUPPLEMENT", act.get(Department, made.id), {
            "reasons": [{"code": "DOC.DEFECT", "text": "营业执照复印件不清晰"}]})
    with read(rt) as session:
        return session.exec(select(Notice.code)).one()


def test_a_stranger_learns_what_it_is_and_nothing_of_what_it_says(rt, code):
    found = verify(rt, code.lower().replace("-", " "), "203.0.113.8")
    assert (found.serial, found.kind, found.dated, found.state) == (
        "数专补〔2026〕1号", "SUPPLEMENT", "2026-11-23", "QUEUED")
    said = json.dumps(asdict(found), ensure_ascii=False)
    assert "市税务局" not in said and "营业执照" not in said


def test_a_printed_letter_shows_the_digest_of_its_file(rt, code):
    assert verify(rt, code, "a").sha256 == ""
    render_due(rt)
    assert len(verify(rt, code, "a").sha256) == 64


@pytest.mark.parametrize("wrong", ["", "0000-0000-0000-1", "9K3M-7QTX-40CD-H", "' OR 1=1 --"])
def test_a_wrong_code_and_an_unissued_one_look_the_same(rt, wrong):
    with pytest.raises(NotFound) as refused:
        verify(rt, wrong, "a")
    assert "没有此验证码" in refused.value.zh


def test_a_source_that_hunts_is_stopped_until_the_next_minute(rt, code, clock):
    for _ in range(MOST_A_MINUTE):
        verify(rt, code, "hunter")
    with pytest.raises(TooMany) as refused:
        verify(rt, code, "hunter")
    assert 1 <= refused.value.facts["retry_after"] <= 60
    assert verify(rt, code, "neighbour")
    clock.forward(minutes=1)
    assert verify(rt, code, "hunter")
