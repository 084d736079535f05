"""What contradicts a confirmed grade: kept beside it, asked about, and settled by a person."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlmodel import select

from app.commands.advance import done
from app.commands.clocks import close_tasks, open_task
from app.commands.command import Done, Reasoned, command
from app.commands.filing import permitted
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.grades import SubjectKind
from app.domain.refusals import IllegalMove
from app.engines.classification.suggestions import Suggestion
from app.store.situations_onboarding import fields_of
from app.store.tables import Task
from app.store.tables_supply import Dataset, DatasetField
from app.store.unit import Act, begin

SETTLE = "settle_contradictions"
LIKELY = 50  # percent: a guess that is more likely wrong than right contradicts nobody
SURER = 10  # percent: evidence as much stronger than what a person saw is new to them
COLUMNS: Mapping[str, str] = {
    "category": "proposed_category", "level": "proposed_grade", "mask": "proposed_mask",
    "sensitive": "proposed_sensitive", "element": "proposed_element",
    "identifier": "proposed_identifier", "runners_up": "proposed_runners_up",
    "why": "proposed_why", "confidence": "confidence", "by": "proposed_by"}


def told(found: Suggestion, by: str) -> dict[str, object]:
    """A suggestion as it is kept beside a field, with who made it."""
    return {"category": found.category, "level": found.level, "mask": found.treatment,
            "personal": found.personal, "sensitive": found.sensitive, "element": found.element,
            "identifier": found.identifier, "runners_up": list(found.runners_up),
            "confidence": found.confidence, "by": by,
            "why": [[one["code"], dict(one["blanks"])] for one in map(asdict, found.why)]}


def put(field: DatasetField, said: Mapping) -> bool:
    """The proposal of a field becomes what was said, as a whole; whether it was another."""
    values = {column: said[key] for key, column in COLUMNS.items() if key in said}
    values["proposed_subject_kind"] = str(SubjectKind.PERSON if said.get("personal")
                                          else SubjectKind.ENTERPRISE)
    was = {column: getattr(field, column) for column in values}
    for column, value in values.items():
        setattr(field, column, value)
    return was != values


def exceeds(field: DatasetField, level: int, personal: bool, sensitive: bool) -> bool:
    """Whether a field is graded below a level, or lacks a mark of what concerns persons."""
    return (level > (field.grade or 0)
            or personal and field.subject_kind != SubjectKind.PERSON
            or sensitive and not field.sensitive)


def contradicts(field: DatasetField, found: Suggestion) -> bool:
    """Whether a person confirmed less, and not in the face of this very suggestion.

    What is left where a better reading was refused is a guess, and contradicts nobody.
    """
    left_over = any(reason.code == "refused" for reason in found.why)
    return bool(field.confirmed_by and found.confidence >= LIKELY and not left_over
                and exceeds(field, found.level, found.personal, found.sensitive)
                and not _was_seen(field, found))


def _was_seen(field: DatasetField, found: Suggestion) -> bool:
    """Whether the person judged with as much said before them, and about as surely."""
    marked = ((not found.personal or field.proposed_subject_kind == SubjectKind.PERSON)
              and (not found.sensitive or field.proposed_sensitive))
    return (marked and found.confidence <= field.confidence + SURER
            and (field.proposed_element, field.proposed_grade) == (found.element, found.level))


def contradict(act: Act, field: DatasetField, found: Suggestion, by: str) -> bool:
    """Whether this was not yet said against the field. Of two views the higher stands."""
    said, was = told(found, by), field.contradicted
    if was and was["level"] > found.level:
        return False
    field.contradicted = said
    act.add(field)
    return {**was, "by": by} != said


def ask(act: Act, dataset: Dataset, fields: int) -> None:
    """One task at a time asks the security reviewer."""
    if act.first(select(Task.id).where(Task.noun == dataset.noun, Task.object_id == dataset.id,
                                       Task.action == SETTLE, Task.done_at.is_(None))) is None:
        open_task(act, dataset, SETTLE, "SEC_REVIEW",
                  f"核对低于建议的分级（{fields}）：{dataset.name}")


def close_settled(act: Act, dataset: Dataset, fields: Iterable[DatasetField]) -> None:
    """What a grade now covers contradicts it no longer; with nothing left the task is done."""
    fields = tuple(fields)
    for field in fields:
        said = field.contradicted
        if said and not exceeds(field, said["level"], said.get("personal", False),
                                said.get("sensitive", False)):
            field.contradicted = {}
            act.add(field)
    if not any(field.contradicted for field in fields):
        close_tasks(act, dataset, SETTLE)


@command("dataset.settle_contradictions", "核对后维持分级", "Check and keep the grades")
def settle_contradictions(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Grades below what is now proposed stay as they are, for a reason that is kept.

    Who judged, and when, stays; what was weighed against it becomes the proposal of the field.
    """
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", SETTLE)
        kept = [field for field in fields_of(act.session, row.id) if field.contradicted]
        if not kept:
            raise IllegalMove("没有待核对的分级", "no grade is contradicted", noun="dataset",
                              state=row.state, action=SETTLE)
        for field in kept:
            put(field, field.contradicted)
            field.override_reason, field.contradicted = body.reason, {}
            act.add(field)
        close_tasks(act, row, SETTLE)
        act.touch(row)
        act.record("dataset.settle_contradictions", f"dataset/{row.id}", fields=len(kept),
                   kept=digest([[field.code, field.grade, field.proposed_grade]
                                for field in kept]), private={"reason": body.reason})
    return done(row, kept=len(kept))
