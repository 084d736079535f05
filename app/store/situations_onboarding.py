"""What guards on onboarding cases may look at."""

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.grades import GradeClass, SubjectKind, gravest, highest
from app.domain.onboarding import OnboardingSituation
from app.store.situations import basics
from app.store.tables import Clock
from app.store.tables_supply import Dataset, DatasetField, Department, OnboardingCase


def fields_of(session: Session, dataset_id: str) -> list[DatasetField]:
    """The fields of a dataset in their order."""
    return list(session.exec(select(DatasetField).where(
        DatasetField.dataset_id == dataset_id).order_by(DatasetField.position,
                                                        DatasetField.code)).all())


def is_open(field: DatasetField) -> bool:
    """Whether nobody confirmed the field and a whole proposal could be taken."""
    return bool(not field.confirmed_by and field.proposed_grade and field.proposed_category)


def overrides(field: DatasetField) -> bool:
    """Whether what a person confirmed differs from what was proposed."""
    if field.grade is None:
        return False
    return (field.proposed_grade not in (None, field.grade)
            or field.proposed_category not in ("", field.category))


def onboarding_situation(rt, session: Session, caller: Caller, row: OnboardingCase,
                         reason: str = "", *, places: tuple[str, ...] = (),
                         assessment: dict | None = None) -> OnboardingSituation:
    """`places` are what a new notice would name, `assessment` what is about to be filed."""
    dataset = session.get(Dataset, row.dataset_id)
    department = session.get(Department, row.department_id)
    fields = fields_of(session, row.dataset_id)
    shared = basics(rt, session, caller, row, reason)
    graded = gravest(field.grade_class for field in fields)
    return OnboardingSituation(
        **shared,
        is_submitter=caller.person == row.maker or caller.department == row.department_id,
        papers=frozenset(item["kind"] for item in row.files), legality=row.legality,
        reshared=bool(dataset.reshared_from), fields=len(fields),
        fields_unnamed=sum(not (field.code and field.name and field.type) for field in fields),
        fields_ungraded=sum(not (field.grade and field.category and field.confirmed_by)
                            for field in fields),
        overrides_unreasoned=sum(overrides(field) and not field.override_reason
                                 for field in fields),
        fields_contradicted=sum(bool(field.contradicted) for field in fields),
        has_core=graded is GradeClass.CORE, important=graded is GradeClass.IMPORTANT,
        personal=any(field.subject_kind == SubjectKind.PERSON for field in fields),
        grade=highest(field.grade for field in fields) or 0,
        unanswered=sum(not defect.get("answer") for defect in row.defects),
        new_places=bool(row.rounds) and not set(places) <= set(row.notified),
        supplement_over=_is_over(session, row, shared["at"]),
        assessment=assessment if assessment is not None else row.assessment,
        agreement_filed=bool(row.agreement.get("file")),
        clauses_complete=bool(row.agreement) and not row.agreement.get("missing"),
        trial=row.trial, loads_needed=row.agreement.get("trial_loads", 1),
        quality_needed=row.agreement.get("quality", 1000),
        department_active=department.state in ("CANDIDATE", "ACTIVE")
        if row.state in ("DRAFT", "SUPPLEMENT") else department.state == "ACTIVE")


def _is_over(session: Session, row: OnboardingCase, at) -> bool:
    """Whether a supplement clock of the case has run out."""
    return any(clock.due_at <= at for clock in session.exec(select(Clock).where(
        Clock.noun == row.noun, Clock.object_id == row.id, Clock.kind == "supplement",
        Clock.stopped_at.is_(None))).all())
