"""What people see of applications, grants, opinions, contracts and stops: only what is theirs."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from app.commands import grants as verbs
from app.commands import holds as stops
from app.commands import probes
from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.domain.refusals import NotAllowed, NotFound
from app.queries.contracts import contract, contracts
from app.queries.grant_cases import CaseFilters, grant_case, grant_cases
from app.queries.grant_sheet import grant
from app.queries.grants import GrantFilters, grants
from app.queries.holds import HoldFilters, hold, holds
from app.queries.opinions import OpinionFilters, opinion, opinions
from app.queries.query import Filters
from app.store.tables_supply import Hold
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.zone_people import BIZ, BOSS, COMP, INTAKE, SEC, Walk
from tests.conftest import START, caller

AUDITOR = caller("audit", "AUDITOR")


def reviewed(rt) -> Walk:
    walk = Walk(rt).draft().submit().accept()
    with begin(rt, SYSTEM) as act:
        rows.grant(act, rows.institution(act), walk.zone.product)
    return walk


def test_the_review_sheet_holds_everything_of_its_three_panes(rt):
    walk = reviewed(rt)
    sheet = grant_case(rt, BIZ, walk.row().number)
    assert [item.key for item in sheet.words] == ["purpose", "scope", "method", "term"]
    assert all(item.requested.zh and item.requested.en and item.limit.zh and item.limit.en
               for item in sheet.words)
    assert [(row.field, row.level, row.like) for row in sheet.fields] == [
        ("ent_name", 1, 1), ("tax_grade", 2, 1)]
    assert sheet.screening["purpose"]["result"] == "MATCH" and sheet.chain.in_force
    assert len(sheet.like) == 1 and sheet.like[0].words.zh
    assert {item.code for item in sheet.opinions if item.may_give} == {"BUSINESS"}
    assert sheet.clocks and sheet.timeline and not sheet.missing
    assert asdict(sheet)["institution"] == walk.zone.institution.name


def test_the_sheet_offers_what_may_be_done_and_says_why_not(rt):
    walk = reviewed(rt)
    offered = {item.action: item for item in grant_case(rt, INTAKE, walk.id).choices}
    assert offered["return_to_applicant"].allowed
    assert not offered["withdraw"].allowed and "maker" in offered["withdraw"].why_en
    walk.opinions()
    choice = {item.action: item for item in grant_case(rt, BOSS, walk.id).choices}
    assert choice["approve"].allowed and choice["approve_narrowed"].allowed
    refused = {item.action: item for item in grant_case(
        rt, caller("zhao", "APPROVER"), walk.id).choices}["approve"]
    assert not refused.allowed and refused.codes == ("G-SOD",)


def test_an_institution_sees_its_case_without_the_words_inside(rt):
    walk = reviewed(rt).opinions()
    sheet = grant_case(rt, walk.maker, walk.id)
    assert sheet.like == () and {item.result for item in sheet.opinions} == {"DONE"}
    assert not any(item.text or item.author for item in sheet.opinions)
    assert {item.action for item in sheet.timeline} == {"submit", "accept"}
    assert {item.person for item in sheet.timeline} == {"wang", "sun", ""}
    assert not sheet.tasks
    stranger = caller("ma", "INST_MAKER", institution="another")
    with pytest.raises(NotFound):
        grant_case(rt, stranger, walk.id)
    assert grant_cases(rt, stranger, CaseFilters()).total == 0


@pytest.mark.parametrize("filters, count", [
    ({}, 1), ({"kind": "RESUME"}, 0), ({"open": True}, 1), ({"q": "首次"}, 1), ({"q": "%"}, 0),
    ({"state": "REVIEWING"}, 1), ({"institution": "INST-none"}, 0)])
def test_applications_are_found_by_filters(rt, filters, count):
    reviewed(rt)
    page = grant_cases(rt, BIZ, CaseFilters(**filters))
    assert page.total == count
    if count:
        assert page.items[0].due_at and page.items[0].product


def test_a_liaison_sees_the_opinion_it_owes_and_nothing_of_the_case(rt):
    walk = Walk(rt)
    rows.set_state(rt, walk.zone.dataset, "ONLINE", consent_mode="PER_GRANT")
    walk.draft().submit().accept()
    liaison = caller("he", "DEPT_LIAISON", department=walk.zone.department.id)
    page = opinions(rt, liaison, OpinionFilters())
    assert [item.kind for item in page.items] == ["SOURCE"]
    sheet = opinion(rt, liaison, walk.row().number)
    assert sheet.opinion.may_give and sheet.sentence.zh and sheet.fields
    with pytest.raises(NotAllowed):
        grant_case(rt, liaison, walk.id)
    with pytest.raises(NotFound):
        opinion(rt, caller("x", "DEPT_LIAISON", department="other"), page.items[0].id)
    assert opinions(rt, BIZ, OpinionFilters(open=True)).total == 4


def test_the_grant_sheet_reads_as_a_sentence_with_chain_versions_and_contract(rt):
    walk = Walk(rt).draft().submit().accept().opinions().approve().prepare().sign()
    sheet = grant(rt, BIZ, walk.row().grant_id)
    assert "授信审批（首次）" in sheet.sentence.zh and "30 June 2027" in sheet.sentence.en
    assert sheet.chain.in_force and [link.level for link in sheet.chain.links][-1] == "L6"
    assert {"SEC_REVIEW", "DSO"} <= set(sheet.chain.links[0].breakers)
    assert sheet.contract.state == "SIGNED" and not sheet.contract.missing
    assert sheet.versions[0].case == walk.row().number and sheet.credentials
    assert {item.action for item in sheet.choices} == {
        "suspend", "revoke", "terminate", "announce_removal", "propose"}
    contract_sheet = contract(rt, walk.signer, walk.contract().number)
    assert contract_sheet.grant == sheet.number
    assert contracts(rt, walk.signer, Filters()).total == 1


@pytest.mark.parametrize("days, flags", [(100, ()), (90, ("EXPIRING",)), (1, ("EXPIRING",))])
def test_a_grant_is_flagged_as_its_end_comes_near(rt, clock, days, flags):
    z = rows.tiny(rt)
    rows.set_state(rt, z.grant, "ACTIVE", valid_to=START + timedelta(days=days))
    assert grants(rt, BIZ, GrantFilters()).items[0].flags == flags


def test_an_unused_grant_and_a_broken_chain_are_flagged(rt, clock):
    z = rows.tiny(rt)
    clock.forward(days=61)
    rows.set_state(rt, z.product, "PAUSED")
    assert set(grant(rt, BIZ, z.grant.id).flags) == {"UNUSED", "CHAIN_BROKEN"}
    assert set(grants(rt, BIZ, GrantFilters()).items[0].flags) == {"UNUSED", "CHAIN_BROKEN"}


@pytest.mark.parametrize("filters, count", [
    ({}, 1), ({"purpose": "PF"}, 1), ({"purpose": "PF.CRD.NEW"}, 1), ({"purpose": "RG"}, 0),
    ({"state": "EXPIRED"}, 0), ({"ends_before": "2027-07-02"}, 1),
    ({"ends_before": "2027-07-01"}, 0), ({"q": "风险洞察"}, 1)])
def test_grants_are_found_by_filters(rt, filters, count):
    rows.tiny(rt)
    assert grants(rt, AUDITOR, GrantFilters(**filters)).total == count


def test_versions_say_what_changed(rt):
    walk = Walk(rt).draft().submit().accept().opinions().approve().prepare().sign()
    other = Walk(rt, walk.zone)
    other.dimensions = {**walk.dimensions, "term": {**walk.dimensions["term"],
                                                    "retention_days": 90}}
    other.draft(kind="AMEND_NARROW", grant=walk.row().grant_id).submit().accept().opinions(
    ).approve()
    newest, oldest = grant(rt, BIZ, walk.row().grant_id).versions
    assert [item.direction for item in newest.changes] == ["NARROWER"] and not oldest.changes
    assert oldest.effective_to == newest.effective_from


def test_a_stop_is_shown_with_what_it_hit(rt):
    z = rows.tiny(rt)
    placed = stops.place(rt, SEC, stops.Placed(link="product", object=z.product.number,
                                               reason="监管要求"))
    sheet = hold(rt, COMP, placed.number)
    assert sheet.impact["grants"] == [z.grant.number] and sheet.probe_denied is None
    assert [item.action for item in sheet.choices] == ["confirm", "lift"]
    assert holds(rt, AUDITOR, HoldFilters(link="product")).total == 1
    with pytest.raises(NotAllowed):
        holds(rt, caller("w", "INST_MAKER", institution=z.institution.id), HoldFilters())


def test_a_suspended_grant_says_for_what(rt):
    z = rows.tiny(rt)
    verbs.suspend(rt, SEC, z.grant.id, verbs.Stop(ground="HOLD.INCIDENT", reason="调用异常"))
    sheet = grant(rt, AUDITOR, z.grant.number)
    assert (sheet.state, sheet.suspended_for) == ("SUSPENDED", "HOLD.INCIDENT")
    assert sheet.timeline[0].action == "suspend"


def test_fields_nobody_asked_for_make_a_grant_over_broad(rt, clock):
    """What was delivered is read from the sealed decisions, not from what the grant holds."""
    z = rows.tiny(rt)
    clock.forward(days=61)
    gate = Gate(rt)
    try:
        with read(rt) as session:
            asked, _ = probes._question(rt, session, Hold(
                link="grant", object_number=z.grant.number, number="", object_id="",
                reason_code="", impact={}))
        assert gate.answer(asked)["decision"] is True
    finally:
        gate.close()
    sheet = grant(rt, BIZ, z.grant.id)
    assert sheet.unused_fields == ("tax_grade",) and set(sheet.flags) == {"OVER_BROAD"}
    assert (sheet.calls, sheet.permits) == (1, 1)
    hints = Walk(rt, rows.Zone(**{**vars(z), "institution": _other_bank(rt)})).draft().submit()
    assert [item["asked"] for item in hints.row().screening["hints"]] == ["tax_grade"]


def _other_bank(rt):
    with begin(rt, SYSTEM) as act:
        return rows.institution(act)
