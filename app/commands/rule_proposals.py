"""Grades proposed by rules, from names alone; what contradicts a confirmed grade becomes a task."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select

from app.commands.advance import done
from app.commands.command import Done, Empty, command
from app.commands.contradictions import ask, contradict, contradicts, put, told
from app.commands.filing import permitted
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.negative_examples import heeding
from app.domain.refusals import Stale
from app.domain.wire import is_ref
from app.engines.classification.suggestions import RULE, SCAN, Suggestion
from app.store.negative_examples import standing
from app.store.situations_onboarding import fields_of
from app.store.tables_supply import Dataset, DatasetField, Department, OnboardingCase
from app.store.unit import Act, begin, read


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
        counted = take_in(act, row, suggested)
    return done(row, **counted)


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
    proposed = [act.add(field) for field, found in chosen if _is_ours(field, found, suggested.by)
                and put(field, told(found, suggested.by))]
    against = [field for field, found in chosen if contradicts(field, found)
               and contradict(act, field, found, suggested.by)]
    counted = {"proposed": len(proposed), "contradicted": len(against)}
    if proposed or against:
        act.touch(dataset)
    if against:
        ask(act, dataset, len(against))
    act.record("dataset.propose_by_rules", f"dataset/{dataset.id}", rules=suggested.by, **counted,
               suggested=digest([[field.code, found.element, found.level, found.confidence]
                                 for field, found in chosen]))
    return counted


def _is_ours(field: DatasetField, found: Suggestion, by: str) -> bool:
    """Whether the rules may propose: nobody confirmed, nor proposed otherwise as high.

    A scan saw values and proposes anew what a scan proposed; names alone do not.
    """
    ours = (RULE, SCAN) if by.startswith(SCAN) else (RULE,)
    others = field.proposed_by and not field.proposed_by.startswith(ours)
    return not field.confirmed_by and not (others and (field.proposed_grade or 0) >= found.level)


def columns_of(fields: list[DatasetField]) -> tuple[ColumnSpec, ...]:
    return tuple(ColumnSpec(field.code, field.name, field.type) for field in fields)
