"""Instruments are seen by the zone and by those they were issued to, and by nobody else."""

import hashlib

import pytest

from app.commands import departments
from app.commands.notices import issue
from app.domain.refusals import NotAllowed, NotFound
from app.jobs.documents import render_due
from app.queries.notices import NoticeFilters, notice, notices, printed
from app.store.tables_institutions import Institution
from app.store.tables_supply import Department
from app.store.unit import begin
from tests.conftest import caller

INTAKE = caller("shou", "INTAKE")


@pytest.fixture
def parties(rt):
    """A department and an institution, each with one letter."""
    made = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                              departments.NewDepartment(name="市税务局"))
    with begin(rt, INTAKE) as act:
        bank = act.create(Institution, number="INST-0001", name="示例第一银行", kind="BANK",
                          uscc="91110000000000000X", state="APPLYING", institution_id="")
        bank.institution_id = bank.id
        act.record("institution.create", f"institution/{bank.id}")
        issue(act, "ACCEPTANCE", act.get(Department, made.id))
        issue(act, "SUSPENSION", bank, {
            "reasons": [{"code": "HOLD.EMERGENCY", "text": "调用异常"}]})
    return made.id, bank.id


def seen(rt, who, **filters):
    return [line.number for line in notices(rt, who, NoticeFilters(**filters)).items]


def test_each_party_sees_its_own_letters_only(rt, parties):
    department, bank = parties
    assert set(seen(rt, INTAKE)) == {"ACCEPTANCE-2026-1", "SUSPENSION-2026-1"}
    liaison = caller("zhou", "DEPT_LIAISON", department=department)
    maker = caller("wang", "INST_MAKER", institution=bank)
    assert seen(rt, liaison) == ["ACCEPTANCE-2026-1"]
    assert seen(rt, maker) == ["SUSPENSION-2026-1"]
    assert seen(rt, caller("x", "INST_MAKER", institution="other")) == []
    with pytest.raises(NotFound):
        notice(rt, maker, "ACCEPTANCE-2026-1")
    with pytest.raises(NotFound):
        printed(rt, liaison, "SUSPENSION-2026-1")


def test_a_role_without_the_line_reads_nothing(rt, parties):
    with pytest.raises(NotAllowed):
        notices(rt, caller("sys", "SYS_ADMIN"), NoticeFilters())


@pytest.mark.parametrize(("filters", "found"), [
    ({"q": "数专受〔2026〕1号"}, ["ACCEPTANCE-2026-1"]), ({"q": "第一银行"}, ["SUSPENSION-2026-1"]),
    ({"q": "%"}, []), ({"kind": "SUSPENSION"}, ["SUSPENSION-2026-1"]), ({"state": "SERVED"}, []),
    ({"about": "INST-0001"}, ["SUSPENSION-2026-1"]),
])
def test_letters_are_found_by_serial_party_kind_state_and_object(rt, parties, filters, found):
    assert seen(rt, INTAKE, **filters) == found


@pytest.mark.parametrize("ref", ["SUSPENSION-2026-1", "数专停〔2026〕1号"])
def test_the_sheet_says_what_the_letter_says(rt, parties, ref):
    sheet = notice(rt, INTAKE, ref)
    assert sheet.payload["reasons"][0]["fact"]["zh"] == "调用异常"
    assert [choice.action for choice in sheet.choices] == []
    render_due(rt)
    (choice,) = notice(rt, INTAKE, ref).choices
    assert (choice.action, choice.allowed) == ("serve", True)


def test_the_copy_is_the_file_that_was_sealed(rt, parties):
    with pytest.raises(NotFound) as refused:
        printed(rt, INTAKE, "SUSPENSION-2026-1")
    assert refused.value.code == "NOTICE.NOT_PRINTED"
    render_due(rt)
    copy = printed(rt, caller("wang", "INST_MAKER", institution=parties[1]), "SUSPENSION-2026-1")
    assert copy.name == "数专停〔2026〕1号 暂停通知书.pdf"
    assert hashlib.sha256(copy.body).hexdigest() == copy.sha256
