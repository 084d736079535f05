"""Onboarding cases of the last weeks: one department's table goes all the way, others stand on it."""

import json

from sqlmodel import select

from app.commands import (
    gradings,
    onboarding,
    onboarding_intake,
    onboarding_review,
    onboarding_signing,
)
from app.commands.attachments import store_file
from app.commands.command import Empty, Reasoned
from app.demo.simulation import Simulation
from app.demo.supply import FOLDER, TREATMENT
from app.demo.walks import Walk, by
from app.store.situations_onboarding import fields_of
from app.store.tables_supply import Dataset, DatasetField, OnboardingCase
from app.store.unit import read

WHY = Reasoned(reason="按规定办理")


def onboarded(story: Simulation, table: str, liaison: str, until: str) -> Walk:
    """A table's case from the liaison's draft up to a state."""
    rt, he = story.rt, by(story, liaison)
    with read(rt) as session:
        dataset = session.exec(select(Dataset).where(Dataset.code == table)).one()
        ref = session.exec(select(OnboardingCase.id).where(
            OnboardingCase.dataset_id == dataset.id)).one()
    onboarding.edit(rt, he, ref, onboarding.CaseForm(
        name=dataset.name, update_cycle="DAILY", category="REGULATION", owner=he.name,
        legality="依据部门职责在行政管理中直接采集，数据目录已编制。"))
    _completed(story, he, ref, dataset.id)
    quality = store_file(rt, he, "quality.txt", f"{table} 质量报告（演示）".encode()).id
    onboarding.attach(rt, he, ref, onboarding.Attached(kind="QUALITY_REPORT", file=quality))
    yield 3
    if until == "DRAFT":
        return
    onboarding.submit(rt, he, ref, Empty())
    yield 20
    if until == "SUBMITTED":
        return
    intake = by(story, "intake")
    if until == "SUPPLEMENT":
        onboarding_intake.request_supplement(rt, intake, ref, onboarding_intake.SupplementNotice(
            defects=[{"field": "legality", "zh": "来源合法性说明未列依据文号",
                      "en": "the legal basis is not named"}]))
        return
    onboarding_intake.accept(rt, intake, ref, Empty())
    yield 22
    if until == "GRADING":
        return
    yield from _judged(story, ref, dataset.id, table, liaison, until)


def _completed(story: Simulation, he, ref: str, dataset_id: str) -> None:
    """The liaison completes names and types the catalogue left out, as intake would ask."""
    with read(story.rt) as session:
        fields = session.exec(select(DatasetField).where(
            DatasetField.dataset_id == dataset_id).order_by(DatasetField.position)).all()
    onboarding.list_fields(story.rt, he, ref, onboarding.FieldList(fields=[
        onboarding.ListedField(code=field.code, name=field.name or field.code,
                               type=field.type or "VARCHAR") for field in fields]))


def _graded(table: str) -> dict:
    return json.loads((FOLDER / "grades.json").read_text("utf-8"))[table]


def _corrected(story: Simulation, dataset_id: str, table: str) -> None:
    """The reviewer overrides what the rules propose wrongly, each with a reason."""
    true = _graded(table)
    with read(story.rt) as session:
        fields = fields_of(session, dataset_id)
    items = [gradings.GradingOf(field=field.code, category=element, grade=level,
                                subject_kind="PERSON" if personal else "ENTERPRISE",
                                mask=TREATMENT[level], reason="按数据项业务含义核定")
             for field in fields for level, personal, element in [true[field.code]]
             if (field.proposed_category, field.proposed_grade) != (element, level)]
    if items:
        gradings.set_gradings(story.rt, by(story, "security"), dataset_id,
                              gradings.Gradings(items=items))


def _judged(story: Simulation, ref: str, dataset_id: str, table: str, liaison: str,
            until: str) -> Walk:
    rt = story.rt
    _corrected(story, dataset_id, table)
    yield 3
    gradings.confirm_proposals(rt, by(story, "security"), dataset_id, gradings.Confirmation(
        reason="逐项核对，采纳建议"))
    yield 4
    for login in ("security", "security2"):
        gradings.submit_grading(rt, by(story, login), ref, WHY)
        yield 3
    if until == "ASSESSING":
        return
    compliance = by(story, "compliance")
    impact = store_file(rt, compliance, "impact.txt", f"{table} 影响评估（演示）".encode()).id
    onboarding_review.submit_assessment(rt, compliance, ref, onboarding_review.Assessment(
        result="AGREE", text="来源合法，用途明确", linkage="不与其他来源关联", impact_report=impact))
    yield 20
    if until == "APPROVAL":
        return
    if onboarding_review.approve(rt, by(story, "approver"), ref, WHY).waiting:
        yield 5
        onboarding_review.approve(rt, by(story, "dso"), ref, WHY)
    yield 10
    yield from _signed(story, ref, table, liaison)


def _signed(story: Simulation, ref: str, table: str, liaison: str) -> Walk:
    rt, business, ops = story.rt, by(story, "business"), by(story, "ops")
    clauses = [item.id for item in rt.cases.checklists["provision-agreement"].items]
    paper = store_file(rt, business, "agreement.txt", f"{table} 数据提供协议（演示）".encode()).id
    onboarding_signing.file_agreement(rt, business, ref, onboarding_signing.Agreement(
        file=paper, clauses=clauses, allowed_purposes=["PF", "PD"], trial_loads=2, quality=980))
    onboarding_signing.sign(rt, by(story, liaison), ref, Empty())
    onboarding_signing.sign(rt, by(story, "signer"), ref, Empty())
    yield 24
    report = store_file(rt, ops, "trial.txt", f"{table} 试接入报告（演示）".encode()).id
    onboarding_signing.file_trial(rt, ops, ref, onboarding_signing.Trial(
        loads=[{"rows": 12_000, "quality": 991}, {"rows": 12_110, "quality": 994}],
        masks_tested=True, lineage="直接取自业务库，日增量抽取", report=report))
    yield 2
    for login in ("ops", "ops2"):
        onboarding_signing.go_live(rt, by(story, login), ref, Empty())
        yield 1

