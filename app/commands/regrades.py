"""Grades that change in service: raised by one at once, lowered by four with a justification."""

from collections.abc import Mapping

from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Reasoned, command, entry
from app.commands.filing import Code, hand_on, impact, permitted, proposed, refuse
from app.commands.gradings import close_settled, propagate
from app.domain.callers import Caller
from app.domain.datasets import DATASET
from app.domain.grades import GradeClass, is_raised
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


class Regrades(Body):
    """New grades of fields; left empty by whoever signs what is already proposed."""

    items: list[Regrade] = entry("新的分级", "New grades", default=[], widget="given",
                                 max_length=2000)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("dataset.regrade_up", "调高分级", "Grade up")
def regrade_up(rt, caller: Caller, ref: str, body: Regrades) -> Done:
    """One person raises grades at once; the grants it touches are screened again in five days.

    A field that turns out to be core data freezes the dataset in the same act (INV-10).
    """
    return _regrade(rt, caller, ref, body, "regrade_up")


@command("dataset.regrade_down", "调低分级", "Grade down")
def regrade_down(rt, caller: Caller, ref: str, body: Regrades) -> Done:
    """Four persons lower grades, each under the same list."""
    return _regrade(rt, caller, ref, body, "regrade_down")


def _regrade(rt, caller: Caller, ref: str, body: Regrades, action: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        payload = proposed(act, row, action, {"items": [
            [item.field, item.grade, str(item.grade_class)] for item in body.items]})
        fields = {field.code: field for field in fields_of(act.session, row.id)}
        _check(fields, payload["items"], raising=action == "regrade_up")
        hit = impact(act, row)
        situation = dataset_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, DATASET, row, action, situation, payload=payload, record={
            "diff": [{"field": code, "was": fields[code].grade, "now": grade,
                      "class": grade_class} for code, grade, grade_class in payload["items"]],
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
        for code, grade, grade_class in items:
            if code not in fields:
                yield code, "没有该数据项", "no such field"
                continue
            old, new = (fields[code].grade, fields[code].grade_class), (grade, grade_class)
            if old == new:
                yield code, "分级没有变化", "the grade does not change"
            elif is_raised(old, new) != raising:
                yield code, "调整方向与本操作不符", "the grade moves the other way"

    refuse(wrong(), "GRADING.DIRECTION")


def _apply(act: Act, row: Dataset, fields: Mapping[str, DatasetField], items: list) -> None:
    for code, grade, grade_class in items:
        fields[code].grade, fields[code].grade_class = grade, grade_class
        fields[code].confirmed_by = act.caller.person
        act.add(fields[code])
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
    """The grants a higher grade touched were looked at again; the clock stops."""
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "record_rescreen")
        close_tasks(act, row, "record_rescreen")
        stop_clocks(act, row, "rescreen")
        act.record("dataset.record_rescreen", f"dataset/{row.id}",
                   private={"reason": body.reason})
    return done(row)
