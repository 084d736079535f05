"""A later view above a confirmed grade is a task, until the grade covers it or one says why not."""

import pytest
from sqlmodel import select

from app.commands import contradictions, gradings, regrades, rule_proposals
from app.commands.contradictions import contradicts, exceeds, settle_contradictions
from app.commands.rule_proposals import Suggested, columns_of, take_in
from app.domain.refusals import GuardFailed, IllegalMove, Invalid
from app.engines.classification.suggestions import Suggestion
from app.queries.accuracy import SampleFilters, accuracy_samples
from app.queries.onboarding import onboarding_case
from app.store.situations_onboarding import fields_of
from app.store.tables import Task
from app.store.tables_supply import Dataset, DatasetField
from app.store.unit import begin, read
from tests.commands import supply
from tests.commands.test_rule_proposals import FIELDS, fields, judge

PHONE = {"element": "mobile", "identifier": "mobile", "category": "mobile", "level": 3,
         "personal": True, "sensitive": False, "treatment": "PARTIAL", "confidence": 90}


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def case(rt, home):
    return supply.accepted(rt, home, fields=FIELDS)


def tasks(rt, dataset: str) -> list[Task]:
    with read(rt) as session:
        return session.exec(select(Task).where(
            Task.noun == "dataset", Task.object_id == dataset, Task.done_at.is_(None),
            Task.action == "settle_contradictions")).all()


def lowered(rt, dataset: str, code: str, grade: int) -> None:
    """A confirmed grade whose proposal nobody kept, as fields of older zones have it."""
    with begin(rt, supply.SEC) as act:
        [field] = [one for one in fields_of(act.session, dataset) if one.code == code]
        field.grade, field.category, field.confirmed_by = grade, "ent_name", "old"
        field.proposed_grade, field.proposed_element, field.proposed_by = None, "", ""
        act.add(field)
        act.record("test.lower", f"dataset/{dataset}")


def scanned(rt, dataset: str, code: str, **said) -> None:
    """A scan says of one field what values showed it."""
    with begin(rt, supply.SEC) as act:
        columns = columns_of(fields_of(act.session, dataset))
        take_in(act, act.get(Dataset, dataset), Suggested(
            "扫描 SC-2026-000001", columns, {code: Suggestion(**{**PHONE, **said})}))


@pytest.mark.parametrize(("said", "contradicted"), [
    ({}, True), ({"confidence": 50}, True), ({"confidence": 49}, False), ({"level": 2}, True),
    ({"level": 2, "personal": False}, False), ({"level": 1, "personal": False}, False),
    ({"level": 2, "personal": False, "sensitive": True}, True),
    ({"element": "seen"}, False), ({"element": "seen", "confidence": 91}, True),
    ({"element": "seen", "sensitive": True}, True)])
def test_only_a_likely_higher_and_new_view_contradicts_what_was_confirmed(said, contradicted):
    field = DatasetField(id="f", dataset_id="d", department_id="d", version=1, code="F", grade=2,
                         confirmed_by="sun", proposed_element="seen", proposed_grade=3,
                         proposed_subject_kind="PERSON", confidence=80)
    assert contradicts(field, Suggestion(**{**PHONE, **said})) is contradicted


@pytest.mark.parametrize(("held", "below"), [
    ({"grade": 3, "subject_kind": "PERSON", "sensitive": True}, False),
    ({"grade": 2, "subject_kind": "PERSON", "sensitive": True}, True),
    ({"grade": 5, "subject_kind": "OFFICER_DUTY", "sensitive": True}, True),
    ({"grade": 5, "subject_kind": "PERSON", "sensitive": False}, True)])
def test_a_grade_covers_a_view_by_its_level_and_by_its_marks(held, below):
    field = DatasetField(id="f", dataset_id="d", department_id="d", version=1, code="F", **held)
    assert exceeds(field, 3, True, True) is below
    assert not exceeds(field, 1, False, False)


def test_a_later_higher_view_opens_one_task_and_changes_no_grade(rt, case):
    dataset = supply.dataset_id(rt, case)
    for code in ("fddbrsfzh", "tyshxydm"):
        lowered(rt, dataset, code, 1)
    for _ in range(2):
        rule_proposals.propose_by_rules(rt, supply.SEC, dataset, supply.NOW)
    found = fields(rt, dataset)
    assert (found["fddbrsfzh"].grade, found["fddbrsfzh"].contradicted["level"]) == (1, 3)
    assert found["tyshxydm"].contradicted == {}
    [task] = tasks(rt, dataset)
    assert task.role == "SEC_REVIEW"


def test_what_names_suggested_and_a_person_refused_contradicts_once_values_show_it(rt, case):
    dataset = supply.dataset_id(rt, case)
    scanned(rt, dataset, "qzx7", confidence=60)
    judge(rt, dataset, "qzx7", category="ent_name", grade=2)
    scanned(rt, dataset, "qzx7", confidence=70)
    assert fields(rt, dataset)["qzx7"].contradicted == {}
    scanned(rt, dataset, "qzx7", confidence=99)
    assert fields(rt, dataset)["qzx7"].contradicted["personal"]
    assert len(tasks(rt, dataset)) == 1


def test_of_two_views_against_a_grade_the_higher_stands(rt, case):
    dataset = supply.dataset_id(rt, case)
    judge(rt, dataset, "qymc", category="ent_name", grade=1)
    scanned(rt, dataset, "qymc", level=4)
    scanned(rt, dataset, "qymc", level=2, element="person_name", category="person_name")
    assert fields(rt, dataset)["qymc"].contradicted["level"] == 4


def test_a_grading_is_not_submitted_over_a_view_nobody_looked_at(rt, case):
    dataset = supply.dataset_id(rt, case)
    supply.grade(rt, case)
    scanned(rt, dataset, "qymc")
    with pytest.raises(GuardFailed) as refused:
        gradings.submit_grading(rt, supply.SEC, case, supply.WHY)
    assert refused.value.facts["guards"] == ["nothing_is_contradicted"]
    choice, = (one for one in onboarding_case(rt, supply.SEC, case).choices
               if one.action == "submit_grading")
    assert not choice.allowed and choice.codes == ("GRADING.CONTRADICTED",)
    assert choice.why_zh and choice.why_en
    settle_contradictions(rt, supply.SEC, dataset, supply.WHY)
    assert gradings.submit_grading(rt, supply.SEC, case, supply.WHY).waiting == ("check",)


@pytest.mark.parametrize(("said", "left"), [
    ({"grade": 3}, 1), ({"grade": 3, "subject_kind": "PERSON"}, 0),
    ({"grade": 2, "subject_kind": "PERSON"}, 1)])
def test_a_judgement_settles_a_view_only_where_it_covers_it_whole(rt, case, said, left):
    dataset = supply.dataset_id(rt, case)
    judge(rt, dataset, "qymc", category="ent_name", grade=1)
    scanned(rt, dataset, "qymc")
    judge(rt, dataset, "qymc", category="ent_name", **said)
    assert len(tasks(rt, dataset)) == left
    assert bool(fields(rt, dataset)["qymc"].contradicted) == bool(left)


def test_grades_kept_for_a_reason_are_not_asked_about_again(rt, case):
    dataset = supply.dataset_id(rt, case)
    lowered(rt, dataset, "fddbrsfzh", 1)
    rule_proposals.propose_by_rules(rt, supply.SEC, dataset, supply.NOW)
    settle_contradictions(rt, supply.SEC, dataset, supply.WHY)
    assert tasks(rt, dataset) == []
    rule_proposals.propose_by_rules(rt, supply.SEC, dataset, supply.NOW)
    field = fields(rt, dataset)["fddbrsfzh"]
    assert (field.grade, field.contradicted, field.override_reason) == (1, {}, supply.WHY.reason)
    assert tasks(rt, dataset) == []
    with pytest.raises(IllegalMove):
        settle_contradictions(rt, supply.SEC, dataset, supply.WHY)


def test_what_is_kept_against_leaves_who_judged_and_when_and_is_copied_whole(rt, case):
    dataset = supply.dataset_id(rt, case)
    judge(rt, dataset, "qymc", category="ent_name", grade=1)
    rt.clock.forward(days=40)
    scanned(rt, dataset, "qymc", runners_up=("person_name",))
    settle_contradictions(rt, supply.SEC2, dataset, supply.WHY)
    field = fields(rt, dataset)["qymc"]
    assert (field.category, field.grade, field.confirmed_by) == ("ent_name", 1, "sun")
    assert {column: getattr(field, column) for column in contradictions.COLUMNS.values()} == {
        "proposed_category": "mobile", "proposed_grade": 3, "proposed_mask": "PARTIAL",
        "proposed_sensitive": False, "proposed_element": "mobile",
        "proposed_identifier": "mobile", "proposed_runners_up": ["person_name"],
        "proposed_why": [], "confidence": 90, "proposed_by": "扫描 SC-2026-000001"}
    assert field.proposed_subject_kind == "PERSON"
    assert [line.number for line in accuracy_samples(
        rt, supply.SEC, SampleFilters()).items] == ["2026-11"]


def test_what_older_zones_kept_against_a_grade_can_still_be_settled(rt, case):
    dataset = supply.dataset_id(rt, case)
    judge(rt, dataset, "qymc", category="ent_name", grade=1)
    with begin(rt, supply.SEC) as act:
        [field] = [one for one in fields_of(act.session, dataset) if one.code == "qymc"]
        field.contradicted = {"element": "mobile", "level": 3, "confidence": 90, "why": [],
                              "by": "规则 1d4c0ba7e21f"}
        act.add(field)
        act.record("test.contradict", f"dataset/{dataset}")
    settle_contradictions(rt, supply.SEC, dataset, supply.WHY)
    field = fields(rt, dataset)["qymc"]
    assert (field.proposed_grade, field.contradicted) == (3, {})


@pytest.mark.parametrize(("marks", "left"), [
    ({}, 1), ({"personal": True}, 0), ({"personal": True, "sensitive": True}, 0)])
def test_raising_grade_and_marks_settles_what_contradicted_them(rt, home, marks, left):
    dataset = supply.online(rt, home, fields=FIELDS)
    scanned(rt, dataset, "qymc")
    assert len(tasks(rt, dataset)) == 1
    regrades.regrade_up(rt, supply.SEC, dataset, regrades.Raises(reason="实为手机号码", items=[
        regrades.Raise(field="qymc", grade=3, **marks)]))
    field = fields(rt, dataset)["qymc"]
    assert (field.grade, field.subject_kind == "PERSON", field.sensitive) == (
        3, "personal" in marks, "sensitive" in marks)
    assert len(tasks(rt, dataset)) == left


def test_a_mark_alone_is_added_and_sensitive_is_only_what_is_about_persons(rt, home):
    dataset = supply.online(rt, home, fields=FIELDS)

    def mark(**said):
        return regrades.regrade_up(rt, supply.SEC, dataset, regrades.Raises(
            reason="实为手机号码", items=[regrades.Raise(field="qymc", grade=2, **said)]))

    with pytest.raises(Invalid, match="only about persons"):
        mark(sensitive=True)
    mark(personal=True)
    with pytest.raises(Invalid, match="does not change"):
        mark(personal=True)
    with read(rt) as session:
        assert session.get(Dataset, dataset).has_person
