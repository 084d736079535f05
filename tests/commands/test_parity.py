"""G-PARITY: like institutions are compared at the decision, and a deviation is reasoned."""

import json

import pytest
from sqlmodel import select

from app.commands import grant_decisions
from app.domain.callers import SYSTEM
from app.domain.refusals import GuardFailed
from app.queries.grant_cases import grant_case
from app.store.tables import TrailEntry
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.zone_people import BOSS, DSO, Walk


def beside(rt, walk: Walk, kind="BANK", **dimensions) -> None:
    """Another institution holds a grant of the same product."""
    with begin(rt, SYSTEM) as act:
        rows.grant(act, rows.institution(act, kind=kind), walk.zone.product,
                   dimensions={**walk.dimensions, **dimensions})


def due(rt) -> Walk:
    return Walk(rt).draft().submit().accept().opinions()


def sealed(rt) -> dict:
    with read(rt) as session:
        body = session.exec(select(TrailEntry.body).where(
            TrailEntry.kind.in_(["grant_case.approve", "grant_case.approve_narrowed"]))).one()
    return json.loads(body)["facts"]["parity"]


def fewer(walk: Walk) -> dict:
    return {"scope": {**walk.dimensions["scope"], "fields": [
        {"field": "ent_name", "treatment": "CLEAR"}]}}


def test_INV_16_nothing_to_compare_with_is_recorded_as_such_and_passes(rt):
    walk = due(rt)
    beside(rt, walk, kind="INSURER", **fewer(walk))
    walk.approve()
    assert walk.row().state == "APPROVED"
    assert sealed(rt)["like"] == 0 and sealed(rt)["deviations"] == []


def test_INV_16_rights_like_those_of_like_institutions_need_no_reason(rt):
    walk = due(rt)
    beside(rt, walk)
    assert walk.approve().row().decision["parity"]["like"] == 1
    assert sealed(rt)["deviations"] == []


def test_INV_16_a_deviation_without_a_reason_is_refused_and_named(rt):
    walk = due(rt)
    beside(rt, walk, **fewer(walk))
    with pytest.raises(GuardFailed) as refused:
        walk.approve()
    assert refused.value.code == "G-PARITY" and walk.row().state == "APPROVAL"
    assert refused.value.facts["guards"] == ["deviation_is_reasoned"]
    [error] = refused.value.facts["errors"]
    assert error["at"] == "deviation" and "tax_grade" in error["en"]


def test_INV_16_a_reasoned_deviation_is_sealed_with_what_was_compared(rt):
    walk = due(rt)
    beside(rt, walk, **fewer(walk))
    walk.approve(deviation="首贷审批须核验纳税信用，同类机构未申请该项")
    assert sealed(rt)["deviations"] == ["scope.fields:WIDER"]
    assert sealed(rt)["basis"].startswith("sha256:")
    assert walk.row().decision["deviation"].startswith("首贷审批")


def test_INV_16_granting_one_institution_less_than_its_like_needs_a_reason_too(rt):
    walk = due(rt)
    beside(rt, walk)
    body = {"reason": "数据项过多", "approved": {**walk.dimensions, **fewer(walk)},
            "grounds": ["SCOPE.FIELD"]}
    with pytest.raises(GuardFailed) as refused:
        grant_decisions.approve_narrowed(rt, BOSS, walk.id,
                                         grant_decisions.PartialApproval(**body))
    assert refused.value.code == "G-PARITY"
    grant_decisions.approve_narrowed(rt, BOSS, walk.id, grant_decisions.PartialApproval(
        **body, deviation="该机构首贷业务不使用纳税信用"))
    assert sealed(rt)["deviations"] == ["scope.fields:NARROWER"]


def test_the_second_approver_signs_the_first_ones_reason(rt):
    walk = Walk(rt)
    rows.set_state(rt, walk.zone.institution, "ADMITTED", related_party=True)
    walk.draft().submit().accept().opinions()
    beside(rt, walk, **fewer(walk))
    walk.approve(deviation="业务所需").approve(DSO)
    assert walk.row().decision["deviation"] == "业务所需"


def test_the_approver_sees_the_comparison_before_deciding_and_the_institution_does_not(rt):
    walk = due(rt)
    beside(rt, walk, **fewer(walk))
    inside, outside = (grant_case(rt, by, walk.id) for by in (BOSS, walk.maker))
    assert inside.parity.compared == 1 and "tax_grade" in inside.parity.deviations[0].en
    assert outside.parity is None
