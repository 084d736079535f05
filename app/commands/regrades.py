"""Grades that change in service: raised by one at once, lowered by four with a justification.

What marks a field as personal or sensitive is only ever added here.
"""

from collections.abc import Mapping

from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, open_task, running, start_clock, stop_clocks
from app.commands.command import Body, Done, Reasoned, command, entry
from app.commands.contradictions import close_settled
from app.commands.filing import Code, hand_on, impact, permitted, proposed, refuse
from app.commands.gradings import propagate, unknown
from app.domain.callers import Caller
from app.domain.datasets import DATASET
from app.domain.grades import GradeClass, SubjectKind, is_raised
from app.domain.refusals import IllegalMove
from app.store.situations_onboarding import fields_of
from app.store.situations_supply import dataset_situation
from app.store.tables_supply import Dataset, DatasetField
from app.store.unit import Act, begin

RESCREEN_DAYS = 5


class Regrade(Body):
    """The new grade of one field."""

    field: Code = entry("数据项代码", "Field", widget="hidden")
    grade: int = entry("分级", "Grade", ge=1, le=5)
    grade_class: GradeClass = entry("国家分类级别", "National class", default=GradeClass.GENERAL)


class Raise(Regrade):
    """A higher grade, or a mark the field lacks."""

    personal: bool = entry("涉及自然人", "About persons", default=False)
    sensitive: bool = entry("敏感个人信息", "Sensitive", default=False)


class Raises(Body):
    """Higher grades of fields."""

    items: list[Raise] = entry("新的分级", "New grades", widget="given", min_length=1,
                               max_length=2000)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


class Regrades(Body):
    """New grades of fields; left empty by whoever signs what is already proposed."""

    items: list[Regrade] = entry("新的分级", "New grades", default=[], widget="given",
                                 max_length=2000)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("dataset.regrade_up", "调高分级", "Grade up")
def regrade_up(rt, caller: Caller, ref: str, body: Raises) -> Done:
    """One person raises grades at once; the grants it touches are screened again in five days.

    A field that turns out to be core data freezes the dataset in the same act (INV-10).
    """
    return _regrade(rt, caller, ref, body, "regrade_up")


@command("dataset.regrade_down", "调低分级", "Grade down")
def regrade_down(rt, caller: Caller, ref: str, body: Regrades) -> Done:
    """Four persons lower grades, each under the same list."""
    return _regrade(rt, caller, ref, body, "regrade_down")


def _regrade(rt, caller: Caller, ref: str, body: Raises | Regrades, action: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        payload = proposed(act, row, action, {"items": [
            list(item.model_dump(mode="json").values()) for item in body.items]})
        fields = {field.code: field for field in fields_of(act.session, row.id)}
        _check(fields, payload["items"], raising=action == "regrade_up")
        hit = impact(act, row)
        situation = dataset_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, DATASET, row, action, situation, payload=payload, record={
            "diff": [{"field": code, "was": fields[code].grade, "now": grade,
                      "class": grade_class, "marks": marks}
                     for code, grade, grade_class, *marks in payload["items"]],
            "impact": hit})
        hand_on(act, row, step, row.name)
        if step:
            _apply(act, row, fields, payload["items"])
            if action == "regrade_up":
                _screen_again(act, row, hit["grants"])
            act.affects("dataset", row.id, stops=step.move.stops)
    return done(row, step, impact=hit)


def _check(fields: Mapping[str, DatasetField], items: list, *, raising: bool) -> None:
    def wrong():
        for code, grade, grade_class, *marks in items:
            was, now = _marks(fields[code]), _marked(fields[code], marks)
            old, new = (fields[code].grade, fields[code].grade_class), (grade, grade_class)
            if (old, was) == (new, now):
                yield code, "分级没有变化", "the grade does not change"
            elif old != new and is_raised(old, new) != raising:
                yield code, "调整方向与本操作不符", "the grade moves the other way"
            elif now == (False, True):
                yield code, "敏感个人信息须为自然人数据项", "only about persons is it sensitive"

    refuse(unknown(fields, [item[0] for item in items]), "INPUT.INVALID")
    refuse(wrong(), "GRADING.DIRECTION")


def _marks(field: DatasetField) -> tuple[bool, bool]:
    """Whether the field is about persons, and whether it is sensitive."""
    return field.subject_kind == SubjectKind.PERSON, field.sensitive


def _marked(field: DatasetField, added: list[bool]) -> tuple[bool, bool]:
    """The marks with those that are added; lowering a grade adds none."""
    was, (personal, sensitive) = _marks(field), added or (False, False)
    return was[0] or personal, was[1] or sensitive


def _apply(act: Act, row: Dataset, fields: Mapping[str, DatasetField], items: list) -> None:
    for code, grade, grade_class, *marks in items:
        field = fields[code]
        personal, field.sensitive = _marked(field, marks)
        field.subject_kind = str(SubjectKind.PERSON) if personal else field.subject_kind
        field.grade, field.grade_class = grade, grade_class
        field.confirmed_by = act.caller.person
        act.add(field)
    close_settled(act, row, fields.values())
    propagate(act, row, list(fields.values()))
    if row.grade_class == GradeClass.CORE:
        cascade(act, DATASET, row, "freeze", f"dataset/{row.id}", "GRADING.CORE")


def _screen_again(act: Act, row: Dataset, grants: list[str]) -> None:
    if not grants:
        return
    clock = start_clock(act, row, "rescreen", RESCREEN_DAYS)
    open_task(act, row, "record_rescreen", "COMP_REVIEW",
              f"复核受影响授权（{len(grants)}）：{row.name}", due=clock.due_at)


@command("dataset.record_rescreen", "登记复核结果", "Record the re-screening")
def record_rescreen(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The grants a higher grade touched were looked at again; the clock stops.

    Raises:
        IllegalMove: none is due.
    """
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "record_rescreen")
        if not running(act, row, "rescreen"):
            raise IllegalMove("没有待登记的复核", "no re-screening is due", noun="dataset",
                              state=row.state, action="record_rescreen")
        close_tasks(act, row, "record_rescreen")
        stop_clocks(act, row, "rescreen")
        act.record("dataset.record_rescreen", f"dataset/{row.id}",
                   private={"reason": body.reason})
    return done(row)
