"""From names to decisions: rules propose, persons judge, a grade that rises stops what it must."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from app import demo
from app.commands import gradings, regrades, rule_proposals
from app.commands.decide import Gate
from app.domain.refusals import GuardFailed
from app.engines import categories
from app.store.tables import Clock, Task
from app.store.tables_supply import Dataset, OnboardingCase
from app.store.unit import read
from tests import zone
from tests.commands import supply
from tests.commands.test_decide import codes, question
from tests.commands.test_rule_proposals import fields
from tests.decision_zone import LAW

TABLE = "v_ods_sj_sjtyst_dsc_cs_biz_032_jdcwxjyyhbaxx_df"


def listed() -> tuple[tuple[str, str, str], ...]:
    """The columns of a table of the finance zone as its department declares them."""
    path = Path(demo.__file__).parent / "zone" / "catalogue.json"
    [table] = [one for one in json.loads(path.read_text("utf-8"))["tables"]
               if one["table"] == TABLE]
    return tuple((one["column"], one["name_zh"] or one["column"], one["type"] or "VARCHAR")
                 for one in table["columns"])


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


def test_a_table_of_the_finance_zone_is_graded_from_what_the_rules_propose(rt):
    case = supply.accepted(rt, supply.department(rt), code=TABLE, fields=listed())
    dataset = supply.dataset_id(rt, case)
    proposed = fields(rt, dataset)
    assert len(proposed) >= 20
    assert all(field.proposed_grade and field.proposed_why for field in proposed.values())
    assert {field.proposed_category for field in proposed.values()} <= set(categories.published())

    done = gradings.confirm_proposals(rt, supply.SEC, dataset, gradings.Confirmation(
        reason="逐项核对，采纳建议", minimum=90))
    assert 0 < done.detail["confirmed"] < len(proposed)
    with pytest.raises(GuardFailed):
        gradings.submit_grading(rt, supply.SEC, case, supply.WHY)

    left = [field for field in fields(rt, dataset).values() if not field.confirmed_by]
    gradings.set_gradings(rt, supply.SEC, dataset, gradings.Gradings(items=[
        gradings.GradingOf(field=field.code, category=field.proposed_category,
                           grade=field.proposed_grade + (at == 0),
                           subject_kind=field.proposed_subject_kind, mask=field.proposed_mask,
                           reason="与其他数据项关联后可识别" if at == 0 else "")
        for at, field in enumerate(left)]))
    assert gradings.submit_grading(rt, supply.SEC, case, supply.WHY).waiting == ("check",)
    gradings.submit_grading(rt, supply.SEC2, case, supply.WHY)

    with read(rt) as session:
        row, graded = session.get(OnboardingCase, case), session.get(Dataset, dataset)
    assert (row.state, row.grading["overrides"], row.grading["classifiers"]) == (
        "ASSESSING", 1, [left[0].proposed_by])
    judged = fields(rt, dataset).values()
    assert graded.grade == max(field.grade for field in judged) and graded.has_person


def test_a_grade_that_rises_in_service_denies_the_next_decision_and_asks_for_a_new_screening(
        rt, gate):
    z = zone.tiny(rt)
    assert gate.answer(question(z))["decision"]
    regrades.regrade_up(rt, supply.SEC, z.dataset.number, regrades.Regrades(
        reason="与其他来源汇聚后可识别个人", items=[regrades.Regrade(field="ent_name", grade=4)]))
    answer = gate.answer(question(z))
    assert (answer["decision"], codes(answer)) == (False, ["SCOPE.GRADE"])
    with read(rt) as session:
        task = session.exec(select(Task).where(Task.action == "record_rescreen")).one()
        clock = session.exec(select(Clock).where(Clock.kind == "rescreen")).one()
    assert (task.role, task.due_at, clock.days) == ("COMP_REVIEW", clock.due_at, 5)


def test_rules_alone_change_no_decision(rt, gate):
    z = zone.tiny(rt)
    rule_proposals.propose_by_rules(rt, supply.SEC, z.dataset.number, supply.NOW)
    assert gate.answer(question(z))["decision"]
