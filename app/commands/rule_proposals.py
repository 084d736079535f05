"""Grades proposed by rules, from names alone; what contradicts a confirmed grade becomes a task."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlmodel import select

from app.commands.advance import done
from app.commands.clocks import close_tasks, open_task
from app.commands.command import Done, Empty, Reasoned, command
from app.commands.filing import permitted
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.grades import SubjectKind
from app.domain.negative_examples import heeding
from app.domain.refusals import IllegalMove, Stale
from app.domain.wire import is_ref
from app.engines.classification.suggestions import RULE, SCAN, Suggestion
from app.store.negative_examples import standing
from app.store.situations_onboarding import fields_of
from app.store.tables import Task
from app.store.tables_supply import Dataset, DatasetField, Department, OnboardingCase
from app.store.unit import Act, begin, read

SETTLE = "settle_contradictions"
LIKELY = 50  # percent: a guess that is more likely wrong than right contradicts nobody


@dataclass(frozen=True)
class Suggested:
    """What the rules suggest for the columns of a dataset as they stood when they were read."""

    by: str
    columns: tuple[ColumnSpec, ...]
    found: Mapping[str, Suggestion]


@command("dataset.propose_by_rules", "机器建议", "Propose by rules")
def propose_by_rules(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The rules propose for every field nobody confirmed; a higher view of others is a task."""
    suggested = suggestions(rt, Dataset, ref)
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "propose_by_rules")
        told = take_in(act, row, suggested)
    return done(row, **told)


def suggestions(rt, model: type[Dataset | OnboardingCase], ref: str) -> Suggested:
    """What the rules say of a dataset, or of the one a case brings in.

    Judging takes seconds and is done before an act is open: a registry does not wait for it.
    """
    rules = rt.grading_rules()
    with read(rt) as session:
        row = session.exec(select(model).where((model.number == ref) | (model.id == ref))).first(
            ) if is_ref(ref) else None
        dataset = session.get(Dataset, row.dataset_id) if isinstance(row, OnboardingCase) else row
        if dataset is None:
            return Suggested(rules.by, (), {})
        columns = columns_of(fields_of(session, dataset.id))
        department = session.get(Department, dataset.department_id)
        refusals = standing(session, department.id, rt.clock())
    spec = TableSpec(dataset.code, dataset.name, department.name,
                     heeding(columns, dataset.id, refusals))
    return Suggested(rules.by, columns, rules.suggest(spec))


def take_in(act: Act, dataset: Dataset, suggested: Suggested) -> dict[str, int]:
    """Put suggestions beside the fields inside an act, recorded; how many, and against how many.

    A confirmed field keeps everything; so does one for which somebody else proposed as high, or
    of which nothing is suggested.

    Raises:
        Stale: the fields are no longer those the rules judged.
    """
    fields = fields_of(act.session, dataset.id)
    if columns_of(fields) != suggested.columns:
        raise Stale("数据项清单刚被更新，请重试", "the fields were changed just now; try again")
    chosen = [(field, suggested.found[field.code]) for field in fields
              if field.code in suggested.found]
    proposed = [field for field, found in chosen if _is_ours(field, found, suggested.by)
                and _propose(act, field, found, suggested.by)]
    against = [field for field, found in chosen if contradicts(field, found)
               and _contradict(act, field, found, suggested.by)]
    told = {"proposed": len(proposed), "contradicted": len(against)}
    if proposed or against:
        act.touch(dataset)
    if against:
        _ask(act, dataset, len(against))
    act.record("dataset.propose_by_rules", f"dataset/{dataset.id}", rules=suggested.by, **told,
               suggested=digest([[field.code, found.element, found.level, found.confidence]
                                 for field, found in chosen]))
    return told


def contradicts(field: DatasetField, found: Suggestion) -> bool:
    """Whether a person confirmed less, and not in the face of this very suggestion.

    What is left where a better reading was refused is a guess, and contradicts nobody.
    """
    left_over = any(reason.code == "refused" for reason in found.why)
    return bool(field.confirmed_by and found.confidence >= LIKELY and not left_over
                and found.level > (field.grade or 0)
                and (field.proposed_element, field.proposed_grade)
                != (found.element, found.level))


def _is_ours(field: DatasetField, found: Suggestion, by: str) -> bool:
    """Whether the rules may propose: nobody confirmed, nor proposed otherwise as high.

    A scan saw values and proposes anew what a scan proposed; names alone do not.
    """
    ours = (RULE, SCAN) if by.startswith(SCAN) else (RULE,)
    others = field.proposed_by and not field.proposed_by.startswith(ours)
    return not field.confirmed_by and not (others and (field.proposed_grade or 0) >= found.level)


def _propose(act: Act, field: DatasetField, found: Suggestion, by: str) -> bool:
    """Whether the proposal differs from the one that stood."""
    values = {
        "proposed_category": found.category, "proposed_grade": found.level,
        "proposed_subject_kind": str(SubjectKind.PERSON if found.personal
                                     else SubjectKind.ENTERPRISE),
        "proposed_mask": found.treatment, "proposed_sensitive": found.sensitive,
        "proposed_by": by, "confidence": found.confidence, "proposed_element": found.element,
        "proposed_identifier": found.identifier,
        "proposed_runners_up": list(found.runners_up), "proposed_why": _why(found)}
    was = {name: getattr(field, name) for name in values}
    for name, value in values.items():
        setattr(field, name, value)
    act.add(field)
    return was != values


def _contradict(act: Act, field: DatasetField, found: Suggestion, by: str) -> bool:
    """Whether this was not yet said against the field."""
    said = {"element": found.element, "level": found.level, "confidence": found.confidence,
            "why": _why(found)}
    was = {key: value for key, value in field.contradicted.items() if key != "by"}
    field.contradicted = {**said, "by": by}
    act.add(field)
    return was != said


def _ask(act: Act, dataset: Dataset, fields: int) -> None:
    """One task at a time asks the security reviewer."""
    if act.first(select(Task.id).where(Task.noun == dataset.noun, Task.object_id == dataset.id,
                                       Task.action == SETTLE, Task.done_at.is_(None))) is None:
        open_task(act, dataset, SETTLE, "SEC_REVIEW",
                  f"核对低于建议的分级（{fields}）：{dataset.name}")


@command("dataset.settle_contradictions", "核对后维持分级", "Check and keep the grades")
def settle_contradictions(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Grades below what the rules now propose stay as they are, for a reason that is kept."""
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", SETTLE)
        kept = [field for field in fields_of(act.session, row.id) if field.contradicted]
        if not kept:
            raise IllegalMove("没有待核对的分级", "no grade is contradicted", noun="dataset",
                              state=row.state, action=SETTLE)
        for field in kept:
            said = field.contradicted
            field.proposed_element, field.proposed_grade = said["element"], said["level"]
            field.confidence, field.proposed_why = said["confidence"], said["why"]
            field.proposed_by, field.contradicted = said["by"], {}
            field.override_reason, field.confirmed_by = body.reason, caller.person
            act.add(field)
        close_tasks(act, row, SETTLE)
        act.touch(row)
        act.record("dataset.settle_contradictions", f"dataset/{row.id}", fields=len(kept),
                   kept=digest([[field.code, field.grade, field.proposed_grade]
                                for field in kept]), private={"reason": body.reason})
    return done(row, kept=len(kept))


def columns_of(fields: list[DatasetField]) -> tuple[ColumnSpec, ...]:
    return tuple(ColumnSpec(field.code, field.name, field.type) for field in fields)


def _why(found: Suggestion) -> list:
    return [[reason["code"], dict(reason["blanks"])] for reason in map(asdict, found.why)]
