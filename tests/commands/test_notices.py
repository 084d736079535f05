"""An instrument is issued inside the act that causes it: numbered without gaps, sealed, served."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from app.commands import departments
from app.commands.notices import Service, dimension_lines, end_words, issue, serve
from app.domain.canonical import digest
from app.domain.instruments import NEEDS_REASONS, Kind, read_code
from app.domain.refusals import (
    GuardFailed,
    Invalid,
    NotAllowed,
    NotRecorded,
    Refusal,
    TooLarge,
)
from app.store.tables import NumberSeries, TrailEntry
from app.store.tables_grants import GrantCase
from app.store.tables_notices import Notice
from app.store.tables_supply import Department
from app.store.unit import begin, read
from tests.conftest import caller

BIZ, INTAKE = caller("wu", "BIZ_REVIEW"), caller("shou", "INTAKE")
REASONS = [{"code": "DOC.MISSING", "facts": {"material": "质量报告"}}]


@pytest.fixture
def department(rt):
    return departments.create(rt, BIZ, departments.NewDepartment(name="市税务局")).id


def issued(rt, department, kind="SUPPLEMENT", payload=None, reasons=REASONS):
    with begin(rt, INTAKE) as act:
        row = act.get(Department, department)
        return issue(act, kind, row, {"reasons": reasons, **(payload or {})})


def notices(rt):
    with read(rt) as session:
        return session.exec(select(Notice).order_by(Notice.kind, Notice.n)).all()


def test_an_instrument_says_who_what_why_and_is_sealed(rt, department):
    assert issued(rt, department) == "数专补〔2026〕1号"
    (row,) = notices(rt)
    said = row.payload
    assert (row.kind, row.state, row.dated) == ("SUPPLEMENT", "QUEUED", date(2026, 11, 23))
    assert said["recipient"]["zh"] == "市税务局"
    assert said["reasons"][0]["code"] == "DOC.MISSING"
    assert "质量报告" in said["reasons"][0]["fact"]["zh"]
    assert said["closing"]["zh"].startswith("请于2026年12月7日前补正")
    assert row.payload_digest == digest(said)
    assert read_code(row.code) == row.code
    with read(rt) as session:
        entry = session.exec(select(TrailEntry).where(TrailEntry.kind == "notice.issue")).one()
    assert row.payload_digest.encode() in entry.body
    assert "质量报告".encode() not in entry.body


def test_serials_run_by_type_and_by_year(rt, department, clock):
    assert issued(rt, department) == "数专补〔2026〕1号"
    assert issued(rt, department, "ACCEPTANCE", reasons=[]) == "数专受〔2026〕1号"
    assert issued(rt, department) == "数专补〔2026〕2号"
    clock.forward(days=60)
    assert issued(rt, department) == "数专补〔2027〕1号"


def test_an_act_that_fails_takes_no_number(rt, department):
    issued(rt, department)
    with pytest.raises(RuntimeError), begin(rt, INTAKE) as act:
        issue(act, Kind.SUPPLEMENT, act.get(Department, department), {"reasons": REASONS})
        raise RuntimeError("the act is given up")
    assert issued(rt, department) == "数专补〔2026〕2号"


def test_serials_have_no_gap_when_many_act_at_once_and_some_fail(rt, department):
    def one(turn: int) -> int:
        """Retry what met another act, as a client does; every fourth act is given up."""
        for _ in range(50):
            try:
                with begin(rt, INTAKE) as act:
                    issue(act, Kind.SUPPLEMENT, act.get(Department, department),
                          {"reasons": REASONS})
                    if turn % 4 == 0:
                        raise KeyError(turn)
                return 1
            except KeyError:
                return 0
            except Refusal:
                continue
        raise NotRecorded("未能登记", "fifty attempts were not enough")

    with ThreadPoolExecutor(6) as pool:
        kept = sum(pool.map(one, range(24)))
    assert kept == 18
    assert sorted(row.n for row in notices(rt)) == list(range(1, 19))
    with read(rt) as session:
        assert session.get(NumberSeries, ("notice/SUPPLEMENT", 2026)).last == 18


def test_a_grant_is_told_in_four_sentences(rt, department):
    lines = dimension_lines({
        "purpose": {"nodes": [{"code": "PF.CRD.NEW"}]}, "scope": {"rows": {"population": "ALL"}},
        "method": {"ways": [{"action": "VERIFY", "channel": "API"}]},
        "term": {"to": "2027-06-30T16:00:00.000000Z"}}, {})
    issued(rt, department, "GRANT", {"particulars": lines}, reasons=[])
    said = notices(rt)[0].payload["particulars"]
    assert [(line["label"]["zh"], line["text"]["zh"]) for line in said] == [
        ("目的", "用于PF.CRD.NEW"), ("范围", "仅限全量主体"), ("方式", "接口核验"),
        ("期限", "至2027年6月30日")]


@pytest.mark.parametrize(("kind", "reasons", "code"), [
    ("SUPPLEMENT", [], "REASON.REQUIRED"),
    ("GRANT_REFUSAL", [{"code": "PURPOSE.MOOD"}], "REASON.UNKNOWN"),
    ("GRANT_REFUSAL", [{"code": "PURPOSE.PROHIBITED"}], "REASON.INCOMPLETE"),
    ("GRANT_REFUSAL", [{"code": "PURPOSE.PROHIBITED", "facts": {"purpose": "x", "y": "z"}}],
     "REASON.INCOMPLETE"),
])
def test_a_refusal_without_proper_reasons_is_not_issued(rt, department, kind, reasons, code):
    with pytest.raises(Invalid) as refused:
        issued(rt, department, kind, reasons=reasons)
    assert refused.value.code == code
    assert notices(rt) == []


def test_a_reason_of_another_kind_of_case_is_not_given(rt, department):
    with pytest.raises(Invalid) as refused, begin(rt, INTAKE) as act:
        case = act.create(GrantCase, number="GC-2026-000001", kind="NEW", institution_id="i",
                          product_id="p", title="企业风险洞察", state="SUBMITTED")
        issue(act, "NON_ACCEPTANCE", case, {"reasons": [{"code": "SOURCE.LEGALITY", "text": "x"}]})
    assert refused.value.code == "REASON.UNFIT"


def test_a_letter_names_its_matter_without_saying_application_twice(rt):
    with begin(rt, INTAKE) as act:
        case = act.create(GrantCase, number="GC-2026-000001", kind="NEW", institution_id="i",
                          product_id="p", title="首次授信用数申请", state="SUBMITTED")
        issue(act, "ACCEPTANCE", case)
    assert notices(rt)[0].payload["opening"]["zh"].startswith(
        "贵单位关于“首次授信用数”的申请（案号GC-2026-000001）收悉。")


@pytest.mark.parametrize(("end", "zh"), [
    (datetime(2027, 6, 30, 16, 0, tzinfo=UTC), "2027年6月30日"),
    (datetime(2027, 6, 30, 15, 59, tzinfo=UTC), "2027年6月30日23时59分"),
    (datetime(2027, 6, 30, 16, 5, tzinfo=UTC), "2027年7月1日0时05分"),
])
def test_the_end_of_a_half_open_period_is_told_as_its_last_day(end, zh):
    assert end_words(end).zh == zh


def test_a_letter_of_boundless_length_is_refused(rt, department):
    with pytest.raises(TooLarge):
        issued(rt, department, reasons=[{"code": "DOC.DEFECT", "text": "缺" * 100_000}] * 3)
    assert notices(rt) == []


def test_the_officers_own_words_keep_code_and_clause(rt, department):
    issued(rt, department, "SUPPLEMENT", reasons=[
        {"code": "DOC.DEFECT", "text": {"zh": "第3页缺少公章", "en": "no seal on page 3"}}])
    reason = notices(rt)[0].payload["reasons"][0]
    assert reason["fact"] == {"zh": "第3页缺少公章", "en": "no seal on page 3"}
    assert reason["code"] == "DOC.DEFECT" and reason["clause"]["zh"]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SERVICE_RETURN])
def test_every_kind_can_be_issued_with_reasons_alone(rt, department, kind):
    fitting = [{"code": ground.code, "text": "经查属实"} for ground in rt.cases.grounds_for(kind)]
    reasons = fitting if kind in NEEDS_REASONS else []
    assert issued(rt, department, kind, reasons=reasons).endswith("〔2026〕1号")


def test_a_withdrawal_closes_with_its_own_reason(rt, department):
    issued(rt, department, "CLOSING", reasons=[])
    assert notices(rt)[0].payload["reasons"][0]["code"] == "CASE.WITHDRAWN"


def ready(rt, department):
    """An issued notice whose copy is said to be printed."""
    from app.jobs.documents import render_due

    issued(rt, department)
    render_due(rt)
    return notices(rt)[0]


def test_service_is_recorded_and_returns_a_numbered_form(rt, department):
    row = ready(rt, department)
    done = serve(rt, INTAKE, row.id, Service(
        served_on="2026-11-23", method="HAND", received_by="周某"))
    assert done.state == "SERVED"
    served, returned = sorted(notices(rt), key=lambda notice: notice.kind, reverse=True)
    assert served.served == {"on": "2026-11-23", "method": "HAND", "to": "周某", "by": "shou",
                             "return": "数专达〔2026〕1号"}
    assert (returned.kind, returned.about_id) == ("SERVICE_RETURN", row.id)


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-24"])
def test_service_lies_between_the_letter_and_today(rt, department, day):
    row = ready(rt, department)
    with pytest.raises(GuardFailed) as refused:
        serve(rt, INTAKE, row.id, Service(served_on=day, method="HAND", received_by="周某"))
    assert refused.value.code == "NOTICE.SERVED_ON"


def test_a_day_that_is_none_is_refused(rt, department):
    row = ready(rt, department)
    with pytest.raises(Invalid):
        serve(rt, INTAKE, row.id, Service(
            served_on="2026-02-30", method="HAND", received_by="周某"))


def test_who_reviews_does_not_serve(rt, department):
    row = ready(rt, department)
    with pytest.raises(NotAllowed):
        serve(rt, BIZ, row.id, Service(served_on="2026-11-23", method="HAND", received_by="周某"))
