"""Grades of fields: confirmed or overridden by a person, submitted by two."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.contradictions import close_settled
from app.commands.filing import Code, hand_on, permitted, refuse
from app.commands.negative_examples import refuse_element
from app.commands.rule_proposals import propose_by_rules
from app.commands.stages import entered
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.grades import GradeClass, SubjectKind, gravest, highest
from app.domain.negative_examples import Reach
from app.domain.onboarding import ONBOARDING, State
from app.domain.refusals import IllegalMove, NotAllowed, Stale
from app.engines import categories
from app.store.situations_onboarding import (
    fields_of,
    is_open,
    onboarding_situation,
    overrides,
)
from app.store.tables_supply import Dataset, DatasetField, OnboardingCase
from app.store.unit import Act, begin

Mask = Annotated[str, StringConstraints(pattern=r"^[A-Z]{0,12}$")]
Fault = tuple[str, str, str]


class Grading(Body):
    """The category and grade of one field as a person judges it."""

    category: Text = entry("分类", "Category", min_length=1, max_length=200)
    grade: int = entry("分级", "Grade", ge=1, le=5)
    grade_class: GradeClass = entry("国家分类级别", "National class",
                                    default=GradeClass.GENERAL)
    subject_kind: SubjectKind = entry("主体类型", "About", default=SubjectKind.ENTERPRISE)
    sensitive: bool = entry("敏感个人信息", "Sensitive", default=False)
    negative: bool = entry("不良信息", "Negative record", default=False)
    event_end_field: Text = entry("事件终止日数据项", "Event-end field", default="",
                                  max_length=128)
    mask: Mask = entry("默认处理方式", "Default treatment", default="CLEAR",
                       widget="select", options="treatments")
    prohibited: bool = entry("禁止使用", "Prohibited", default=False)
    reason: str = entry("改变建议的理由", "Reason for an override", default="",
                         widget="textarea", max_length=1000)
    reach: Reach = entry("不再建议的范围", "Not proposed again for", default=Reach.FIELD,
                         help_zh="改变分类即否定所建议的数据元，一年内在此范围不再据名称提出",
                         help_en="another category refuses the proposed element: for a year it is "
                                 "not proposed from names within this reach")


class GradingOf(Grading):
    """A judgement with the field it is about."""

    field: Code = entry("数据项代码", "Field", widget="hidden")


class Gradings(Body):
    """Judgements on several fields of one dataset."""

    items: list[GradingOf] = entry("分类分级", "Grades", widget="given", min_length=1,
                                   max_length=2000)


@command("dataset_field.set_grading", "确认分类分级", "Set the grade")
def set_grading(rt, caller: Caller, ref: str, body: Grading) -> Done:
    """One field is graded; leaving a proposal needs a reason."""
    with begin(rt, caller) as act:
        field = act.open(DatasetField, ref)
        permitted(act, "dataset_field", "set_grading")
        dataset = act.get(Dataset, field.dataset_id)
        in_grading(act, dataset)
        fields = by_code(act, dataset)
        judge(act, [(field, body)], fields)
        close_settled(act, dataset, fields.values())
        act.touch(dataset)
        act.record("dataset_field.set_grading", f"dataset_field/{field.id}",
                   dataset=dataset.id, grade=body.grade, grade_class=str(body.grade_class),
                   override=overrides(field))
    _heed(rt, caller, dataset, [body])
    return done(field)


@command("dataset.set_gradings", "批量确认分类分级", "Set the grades")
def set_gradings(rt, caller: Caller, ref: str, body: Gradings) -> Done:
    """Many fields are graded in one act, or none of them."""
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "set_gradings")
        in_grading(act, row)
        fields = by_code(act, row)
        refuse(unknown(fields, [item.field for item in body.items]), "INPUT.INVALID")
        chosen = [(fields[item.field], item) for item in body.items]
        judge(act, chosen, fields)
        close_settled(act, row, fields.values())
        record_set(act, row, [field for field, _ in chosen])
    _heed(rt, caller, row, body.items)
    return done(row)


def _heed(rt, caller: Caller, dataset: Dataset, said: Iterable[Grading]) -> None:
    """What was refused for a whole dataset stands no longer beside its open fields."""
    if any(one.reach is Reach.DATASET for one in said):
        try:
            propose_by_rules(rt, caller.expecting(None), dataset.id, Empty())
        except Stale:
            return  # the fields changed meanwhile, and whoever changed them has them proposed anew


class Confirmation(Reasoned):
    """Which proposals are taken as they are."""

    minimum: int = entry("最低置信度（%）", "Least confidence (%)", default=0, ge=0, le=100)


@command("dataset.confirm_proposals", "确认建议", "Confirm proposals")
def confirm_proposals(rt, caller: Caller, ref: str, body: Confirmation) -> Done:
    """Fields still open take the category and grade proposed for them, from a confidence on.

    Raises:
        IllegalMove: no open field has such a proposal.
        Invalid: a proposal could not be judged so; nothing has changed.
    """
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "confirm_proposals")
        in_grading(act, row)
        fields = by_code(act, row)
        chosen = [(field, _as_proposed(field)) for field in fields.values()
                  if is_open(field) and field.confidence >= body.minimum]
        if not chosen:
            raise IllegalMove("没有达到该置信度、尚待确认的建议",
                              "no open field has a proposal as sure as that", noun="dataset",
                              state=row.state, action="confirm_proposals")
        judge(act, chosen, fields)
        record_set(act, row, [field for field, _ in chosen])
    return done(row, confirmed=len(chosen))


def _as_proposed(field: DatasetField) -> Grading:
    """The proposal as a judgement; of what it does not speak stays as it is."""
    return Grading(
        category=field.proposed_category, grade=field.proposed_grade,
        grade_class=field.grade_class, sensitive=field.proposed_sensitive,
        subject_kind=field.proposed_subject_kind or field.subject_kind,
        mask=field.proposed_mask or field.mask, negative=field.negative,
        event_end_field=field.event_end_field, prohibited=field.prohibited)


def record_set(act: Act, row: Dataset, fields: list[DatasetField], **facts: object) -> None:
    """The dataset gets a version, and the trail says how many fields were judged, and how."""
    act.touch(row)
    act.record("dataset.set_gradings", f"dataset/{row.id}", fields=len(fields),
               overrides=sum(overrides(field) for field in fields), grades=graded(fields),
               **facts)


def judge(act: Act, chosen: list[tuple[DatasetField, Grading]],
          fields: Mapping[str, DatasetField]) -> None:
    """The fields are graded as said, all of them or none.

    Raises:
        Invalid
    """
    refuse((fault for field, said in chosen for fault in faults(act, field, said, fields)),
           "INPUT.INVALID")
    for field, said in chosen:
        for name, value in _members(said).items():
            setattr(field, name, value)
        as_proposed = said.category == field.proposed_category
        if not as_proposed and field.proposed_element:
            refuse_element(act, field, said.reach, said.reason)
        field.element = field.proposed_element if as_proposed else ""
        field.identifier = field.proposed_identifier if as_proposed else ""
        field.override_reason, field.confirmed_by = said.reason, act.caller.person
        act.add(field)


def _members(said: Grading) -> dict[str, object]:
    """A judgement as columns of a field."""
    return said.model_dump(mode="json", exclude={"reason", "reach", "field"})


def reverses(field: DatasetField, said: Grading) -> bool:
    """Whether a judgement is other than the one a person confirmed before."""
    return bool(field.confirmed_by) and any(
        getattr(field, name) != value for name, value in _members(said).items())


def faults(act: Act, field: DatasetField, said: Grading,
           fields: Mapping[str, DatasetField]) -> Iterator[Fault]:
    """What is wrong with a judgement, each at the code of its field."""
    proposal = (field.proposed_category or said.category,
                field.proposed_grade or said.grade)
    if proposal != (said.category, said.grade) and not said.reason:
        yield field.code, "改变建议须填写理由", "an override of the proposal needs a reason"
    elif reverses(field, said) and not said.reason:
        yield field.code, "更改已确认的分级须填写理由", "changing what was confirmed needs a reason"
    yield from unfiled(act, field.code, said.category, said.mask)
    if said.negative and said.event_end_field not in fields:
        yield field.code, "不良信息须指明事件终止日数据项", "a negative record names its end date"
    if said.sensitive and said.subject_kind is not SubjectKind.PERSON:
        yield field.code, "敏感个人信息须为自然人数据项", "only fields about persons are sensitive"


def unfiled(act: Act, code: str, category: str | None, mask: str | None) -> Iterator[Fault]:
    """A category that is not published, a treatment that is not known; None says nothing."""
    if category is not None and category not in categories.published():
        yield code, f"没有分类 {category}", f"there is no category {category}"
    if mask is not None and mask not in act.rt.law.vocabulary.treatments:
        yield code, "处理方式未知", "the treatment is unknown"


@command("onboarding_case.submit_grading", "提交分级结果", "Submit the grading")
def submit_grading(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons put their hands under the same grades; the highest becomes the dataset's."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        fields = fields_of(act.session, case.dataset_id)
        situation = onboarding_situation(rt, act.session, caller, case, body.reason)
        summary = {"grades": graded(fields),
                   "classifiers": sorted({field.proposed_by for field in fields
                                          if field.proposed_by}),
                   "overrides": sum(overrides(field) for field in fields)}
        step = advance(act, ONBOARDING, case, "submit_grading", situation, payload=summary,
                       record={"grades": summary["grades"], "overrides": summary["overrides"],
                               "classifiers": digest(summary["classifiers"])})
        hand_on(act, case, step, case.title)
        if step:
            case.grading = {**summary, "by": caller.name}
            propagate(act, act.get(Dataset, case.dataset_id), fields)
            entered(act, case)
    return done(case, step)


def propagate(act: Act, dataset: Dataset, fields: list[DatasetField]) -> None:
    """The dataset takes the highest grade, the gravest class and the person mark of its fields."""
    dataset.grade = highest(field.grade for field in fields)
    dataset.grade_class = str(gravest(field.grade_class for field in fields))
    dataset.has_person = any(field.subject_kind == SubjectKind.PERSON for field in fields)
    act.touch(dataset)


def graded(fields: Iterable[DatasetField]) -> str:
    """One digest of what was judged, so that two persons sign the same grades."""
    return digest(sorted([field.code, field.category, field.grade, field.grade_class,
                          field.subject_kind, field.sensitive, field.negative,
                          field.event_end_field, field.mask, field.prohibited] for field in fields))


def by_code(act: Act, dataset: Dataset) -> dict[str, DatasetField]:
    return {field.code: field for field in fields_of(act.session, dataset.id)}


def unknown(fields: Mapping[str, DatasetField], codes: Iterable[str]) -> Iterator[Fault]:
    """Codes that name no field of the dataset, or one that was named before."""
    before: set[str] = set()
    for code in codes:
        if code not in fields:
            yield code, "没有该数据项", "no such field"
        elif code in before:
            yield code, "数据项重复", "the field stands twice"
        before.add(code)


def in_grading(act: Act, dataset: Dataset) -> None:
    """Grades are set while the dataset's case stands in GRADING, and not by who submitted it.

    Raises:
        IllegalMove, NotAllowed
    """
    case = act.first(select(OnboardingCase).where(
        OnboardingCase.dataset_id == dataset.id,
        OnboardingCase.state == str(State.GRADING)))
    if case is None:
        raise IllegalMove("数据资源不在分类分级环节", "the dataset is not being graded",
                          noun="dataset", state=dataset.state, action="set_gradings")
    if case.maker == act.caller.person:
        raise NotAllowed("提交人不得确认分级", "the submitter does not grade",
                         code="G-SOD")
