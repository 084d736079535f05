"""Rules propose from names alone; persons decide, and what they decided is never overwritten."""

import pytest
from sqlmodel import select

from app.commands import gradings, rule_proposals
from app.domain.refusals import NotAllowed, Stale
from app.store.situations_onboarding import fields_of
from app.store.tables import TrailEntry
from app.store.tables_supply import DatasetField
from app.store.unit import begin, read
from tests.commands import supply

FIELDS = (("qymc", "企业名称", "VARCHAR"), ("tyshxydm", "统一社会信用代码", "VARCHAR"),
          ("fddbrsfzh", "法定代表人身份证号", "VARCHAR"), ("gxsj", "更新时间", "TIMESTAMP"),
          ("qzx7", "qzx7", "VARCHAR"))


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def case(rt, home):
    return supply.accepted(rt, home, fields=FIELDS)


def fields(rt, dataset: str) -> dict[str, DatasetField]:
    with read(rt) as session:
        return {field.code: field for field in fields_of(session, dataset)}


def judge(rt, dataset: str, code: str, **said) -> None:
    gradings.set_gradings(rt, supply.SEC, dataset, gradings.Gradings(items=[
        gradings.GradingOf(field=code, reason="按业务含义核定", **said)]))


def test_an_accepted_case_stands_with_a_proposal_for_every_field(rt, case):
    found = fields(rt, supply.dataset_id(rt, case))
    uscc, person = found["tyshxydm"], found["fddbrsfzh"]
    assert (uscc.proposed_element, uscc.proposed_category, uscc.proposed_grade) == (
        "uscc", "uscc", 1)
    assert (person.proposed_grade, person.proposed_subject_kind, person.proposed_mask,
            person.proposed_identifier) == (3, "PERSON", "PARTIAL", "resident_id")
    assert person.proposed_why
    for field in found.values():
        assert field.proposed_grade, field.code
        assert field.proposed_by.startswith("规则 ")
        assert not field.confirmed_by and field.grade is None
    assert found["qzx7"].confidence < 95


def test_nothing_is_confirmed_by_a_machine(rt, case):
    with pytest.raises(Exception, match="category and grade"):
        gradings.submit_grading(rt, supply.SEC, case, supply.WHY)


def test_a_second_run_changes_nothing(rt, case):
    dataset = supply.dataset_id(rt, case)
    before = fields(rt, dataset)
    done = rule_proposals.propose_by_rules(rt, supply.SEC, dataset, supply.NOW)
    assert done.detail == {"proposed": 0, "contradicted": 0}
    assert {code: field.version for code, field in fields(rt, dataset).items()} == {
        code: field.version for code, field in before.items()}
    with read(rt) as session:
        kinds = session.exec(select(TrailEntry.kind).where(
            TrailEntry.ref == f"dataset/{dataset}")).all()
    assert kinds.count("dataset.propose_by_rules") == 2


def test_confident_proposals_are_confirmed_at_once_and_the_others_wait(rt, case):
    dataset = supply.dataset_id(rt, case)
    before = fields(rt, dataset)
    least = max(field.confidence for field in before.values())
    sure = {code for code, field in before.items() if field.confidence == least}
    assert sure and sure != set(before)
    done = gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(
        reason="逐项核对", minimum=least))
    after = fields(rt, dataset)
    assert done.detail == {"confirmed": len(sure)}
    assert {code for code, field in after.items() if field.confirmed_by} == sure
    assert all(after[code].element == before[code].proposed_element for code in sure)


def test_a_field_whose_names_say_nothing_is_never_confirmed_in_bulk(rt, case):
    dataset = supply.dataset_id(rt, case)
    field = fields(rt, dataset)["qzx7"]
    assert (field.proposed_category, field.proposed_grade, field.confidence) == ("", 2, 0)
    gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(reason="逐项核对"))
    assert [code for code, field in fields(rt, dataset).items() if not field.confirmed_by] == [
        "qzx7"]


def test_a_confirmed_field_keeps_its_judgement_against_every_later_run(rt, case):
    dataset = supply.dataset_id(rt, case)
    judge(rt, dataset, "fddbrsfzh", category="legal_rep_id", grade=2)
    rule_proposals.propose_by_rules(rt, supply.SEC, dataset, supply.NOW)
    field = fields(rt, dataset)["fddbrsfzh"]
    assert (field.grade, field.confirmed_by, field.contradicted) == (2, "sun", {})
    # the reviewer saw this very proposal and left it, so nothing contradicts


def test_fields_that_changed_meanwhile_are_not_given_what_was_judged_before(rt, case):
    dataset = supply.dataset_id(rt, case)
    suggested = rule_proposals.suggestions(rt, rule_proposals.Dataset, dataset)
    with begin(rt, supply.SEC) as act:
        field = fields_of(act.session, dataset)[0]
        field.name = "户主姓名"
        act.add(field)
        act.record("test.rename", f"dataset/{dataset}")
    with begin(rt, supply.SEC) as act, pytest.raises(Stale):
        rule_proposals.take_in(act, act.get(rule_proposals.Dataset, dataset), suggested)


def test_only_those_the_staff_rules_name_may_run_the_rules(rt, case):
    with pytest.raises(NotAllowed):
        rule_proposals.propose_by_rules(rt, supply.BOSS, supply.dataset_id(rt, case), supply.NOW)
