"""Proposals of persons stand beside what was read, never above their station and never below it."""

import pytest

from app.commands import gradings, onboarding_intake
from app.commands.grading_proposals import Proposals, propose_gradings
from app.domain.callers import SYSTEM
from app.domain.refusals import IllegalMove, Invalid
from app.store.situations_onboarding import fields_of
from app.store.unit import begin
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS, fields, judge

PERSON = {"field": "fddbrsfzh", "category": "resident_id", "subject_kind": "PERSON"}


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def case(rt, home):
    return supply.accepted(rt, home, fields=FIELDS)


def propose(rt, dataset: str, *, who=None, by: str = "", **said):
    item = {**PERSON, "grade": 4, **said}
    return propose_gradings(rt, who or supply.SEC, dataset, Proposals(by=by, items=[item]))


@pytest.mark.parametrize(("said", "kept"), [
    ({"grade": 2}, 1), ({"grade": 3}, 1), ({"grade": None}, 1), ({"grade": 4}, 0),
    ({"grade": 4, "subject_kind": "ENTERPRISE"}, 1)])
def test_what_was_read_stands_against_what_is_no_higher(rt, case, said, kept):
    dataset = supply.dataset_id(rt, case)
    before = fields(rt, dataset)["fddbrsfzh"]
    assert propose(rt, dataset, **said).detail == {"proposed": 1 - kept, "kept": kept}
    after = fields(rt, dataset)["fddbrsfzh"]
    assert after.proposed_by.startswith("规则 ") == bool(kept)
    assert bool(after.proposed_why) == bool(kept)
    assert after.proposed_grade == (before.proposed_grade if kept else 4)
    assert after.proposed_subject_kind == "PERSON"
    assert after.proposed_sensitive == before.proposed_sensitive


@pytest.mark.parametrize(("grade", "kept"), [(2, False), (3, True)])
def test_of_two_proposals_the_higher_stands_whichever_came_first(rt, home, grade, kept):
    case = supply.submitted(rt, home, fields=FIELDS)
    dataset = supply.dataset_id(rt, case)
    propose(rt, dataset, by="部门", grade=grade, confidence=50)
    onboarding_intake.accept(rt, supply.INTAKE, case, supply.NOW)
    field = fields(rt, dataset)["fddbrsfzh"]
    assert (field.proposed_by == "部门") == kept
    assert bool(field.proposed_why) != kept


def test_what_a_person_confirmed_is_not_proposed_otherwise(rt, case):
    dataset = supply.dataset_id(rt, case)
    judge(rt, dataset, "fddbrsfzh", category="legal_rep_id", grade=3, subject_kind="PERSON")
    before = fields(rt, dataset)["fddbrsfzh"]
    with pytest.raises(Invalid, match="a person confirmed"):
        propose(rt, dataset)
    assert fields(rt, dataset)["fddbrsfzh"] == before


def test_nothing_is_proposed_once_a_dataset_is_in_service(rt, home):
    dataset = supply.online(rt, home, fields=FIELDS)
    with pytest.raises(IllegalMove):
        propose(rt, dataset)


@pytest.mark.parametrize("by", ["规则 1d4c0ba7e21f", "规则", "扫描 SC-2026-000001", "　规则 1",
                                "扫描"])
def test_only_rules_and_scans_sign_as_such(rt, case, by):
    with pytest.raises(Invalid) as refused:
        propose(rt, supply.dataset_id(rt, case), by=by)
    assert refused.value.facts["errors"][0]["at"] == "by"


@pytest.mark.parametrize(("said", "told"), [
    ({"category": "企业税务"}, "没有分类 企业税务"), ({"mask": "BLUR"}, "处理方式未知"),
    ({"field": "NO"}, "没有该数据项")])
def test_a_proposal_speaks_of_what_is_known(rt, case, said, told):
    with pytest.raises(Invalid) as refused:
        propose(rt, supply.dataset_id(rt, case), **said)
    assert told in refused.value.zh


def test_a_field_is_proposed_once(rt, case):
    with pytest.raises(Invalid, match="stands twice"):
        propose_gradings(rt, supply.SEC, supply.dataset_id(rt, case), Proposals(
            items=[{**PERSON, "grade": 4}, {**PERSON, "grade": 5}]))


@pytest.mark.parametrize(("who", "confidence"), [(supply.SEC, 0), (SYSTEM, 100)])
def test_what_a_person_claims_is_never_sure_enough_to_be_taken_with_the_rest(
        rt, case, who, confidence):
    dataset = supply.dataset_id(rt, case)
    propose(rt, dataset, who=who, confidence=100)
    assert fields(rt, dataset)["fddbrsfzh"].confidence == confidence
    gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(
        reason="逐项核对", minimum=1))
    assert bool(fields(rt, dataset)["fddbrsfzh"].confirmed_by) == bool(confidence)


@pytest.mark.parametrize("wrong", [
    {"proposed_category": "企业税务"}, {"proposed_mask": "BLUR"}, {"proposed_sensitive": True}])
def test_a_proposal_that_could_not_be_judged_so_is_not_confirmed_with_the_rest(rt, case, wrong):
    dataset = supply.dataset_id(rt, case)
    with begin(rt, supply.SEC) as act:
        [field] = [one for one in fields_of(act.session, dataset) if one.code == "qymc"]
        for name, value in wrong.items():
            setattr(field, name, value)
        act.add(field)
        act.record("test.propose", f"dataset/{dataset}")
    with pytest.raises(Invalid) as refused:
        gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(
            reason="逐项核对"))
    assert {error["at"] for error in refused.value.facts["errors"]} == {"qymc"}
    assert not any(field.confirmed_by for field in fields(rt, dataset).values())


def test_with_nothing_left_to_confirm_the_act_is_refused(rt, case):
    dataset = supply.dataset_id(rt, case)
    gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(reason="逐项核对"))
    with pytest.raises(IllegalMove):
        gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(
            reason="逐项核对"))


@pytest.mark.parametrize(("said", "told"), [
    ({"category": "企业税务"}, "没有分类 企业税务"), ({"mask": "BLUR"}, "处理方式未知"),
    ({"mask": ""}, "处理方式未知")])
def test_a_judgement_files_a_field_where_it_is_published(rt, case, said, told):
    dataset = supply.dataset_id(rt, case)
    given = {"category": "ent_name", "grade": 3, "reason": "按业务含义核定", **said}
    key = fields(rt, dataset)["qymc"].id
    for refused in (
            lambda: gradings.set_grading(rt, supply.SEC, key, gradings.Grading(**given)),
            lambda: gradings.set_gradings(rt, supply.SEC, dataset, gradings.Gradings(
                items=[gradings.GradingOf(field="qymc", **given)]))):
        with pytest.raises(Invalid) as found:
            refused()
        assert told in found.value.zh


def test_a_field_is_judged_once_in_one_act(rt, case):
    said = {"category": "ent_name", "grade": 3, "reason": "按业务含义核定"}
    with pytest.raises(Invalid, match="stands twice"):
        gradings.set_gradings(rt, supply.SEC, supply.dataset_id(rt, case), gradings.Gradings(
            items=[gradings.GradingOf(field="qymc", **said),
                   gradings.GradingOf(field="qymc", **{**said, "grade": 1})]))
