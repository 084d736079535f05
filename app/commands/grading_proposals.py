"""Proposals of persons and departments: beside the grades, and never below what was read."""

import unicodedata
from collections.abc import Iterator

from app.commands.advance import done
from app.commands.command import Body, Done, Text, command, entry
from app.commands.filing import Code, permitted, refuse
from app.commands.gradings import Mask, by_code, unfiled, unknown
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import digest
from app.domain.datasets import State
from app.domain.grades import SubjectKind
from app.domain.refusals import IllegalMove
from app.engines.classification.suggestions import RULE, SCAN
from app.store.tables_supply import Dataset, DatasetField
from app.store.unit import Act, begin


class Proposal(Body):
    """What the department or another system thinks of one field. Confidence is in percent."""

    field: Code = entry("数据项代码", "Field")
    category: Text = entry("建议分类", "Category", default="", max_length=200)
    grade: int | None = entry("建议分级", "Grade", default=None, ge=1, le=5)
    subject_kind: SubjectKind | None = entry("主体类型", "About", default=None)
    mask: Mask = entry("建议处理方式", "Treatment", default="", widget="select",
                       options="treatments")
    confidence: int = entry("置信度（%）", "Confidence (%)", default=0, ge=0, le=100,
                            help_zh="人工提出的建议不计置信度，须逐项核对",
                            help_en="what a person claims does not count: it is checked one by one")


class Proposals(Body):
    """Proposals for fields of one dataset, by whom."""

    by: Text = entry("提出者", "Proposed by", default="", max_length=100)
    items: list[Proposal] = entry("建议", "Proposals", min_length=1, max_length=2000)


@command("dataset.propose_gradings", "提出分类分级建议", "Propose grades")
def propose_gradings(rt, caller: Caller, ref: str, body: Proposals) -> Done:
    """Proposals stand beside the open fields of a pending dataset and bind nobody.

    One by rules or by a scan stands against a lower or equal one; `kept` says how many did.

    Raises:
        IllegalMove: the dataset is in service, or gone.
        Invalid: a field, category or treatment is not known, or a person confirmed the field.
    """
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "propose_gradings")
        if row.state != State.PENDING:
            raise IllegalMove("数据资源已接入，不再接受分级建议",
                              "grades are proposed before a dataset is in service",
                              noun="dataset", state=row.state, action="propose_gradings")
        fields = by_code(act, row)
        refuse((*_as_machine(body.by), *unknown(fields, [item.field for item in body.items])),
               "INPUT.INVALID")
        refuse((fault for item in body.items for fault in _faults(act, fields[item.field], item)),
               "INPUT.INVALID")
        taken = [item for item in body.items if not _stands(fields[item.field], item)]
        for item in taken:
            _propose(act, fields[item.field], item, body.by or caller.name)
        act.touch(row)
        act.record("dataset.propose_gradings", f"dataset/{row.id}", fields=len(taken),
                   kept=len(body.items) - len(taken), proposals=digest(
                       [[item.field, item.category, item.grade] for item in taken]),
                   private={"by": body.by or caller.name})
    return done(row, proposed=len(taken), kept=len(body.items) - len(taken))


def _as_machine(by: str) -> Iterator[tuple[str, str, str]]:
    """Only the rules and the scans sign as such."""
    plain = unicodedata.normalize("NFKC", by).lstrip()
    if plain.startswith((RULE.strip(), SCAN.strip())):
        yield "by", "提出者不得以「规则」或「扫描」署名", "only rules and scans sign as such"


def _faults(act: Act, field: DatasetField, item: Proposal) -> Iterator[tuple[str, str, str]]:
    if field.confirmed_by:
        yield field.code, "数据项已由人确认", "a person confirmed the field"
    yield from unfiled(act, field.code, item.category or None, item.mask or None)


def _stands(field: DatasetField, item: Proposal) -> bool:
    """Whether what was read stands: it is as high, or alone in being about persons."""
    by_machine = field.proposed_by.startswith((RULE, SCAN))
    forgets = (field.proposed_subject_kind == SubjectKind.PERSON
               and item.subject_kind is not SubjectKind.PERSON)
    return by_machine and ((item.grade or 0) <= (field.proposed_grade or 0) or forgets)


def _propose(act: Act, field: DatasetField, item: Proposal, by: str) -> None:
    field.proposed_category, field.proposed_grade = item.category, item.grade
    field.proposed_subject_kind = str(item.subject_kind or "")
    field.proposed_mask, field.proposed_by = item.mask, by
    field.confidence = item.confidence if act.caller == SYSTEM else 0
    field.proposed_element, field.proposed_identifier = "", ""
    field.proposed_sensitive = (field.proposed_sensitive
                                and item.subject_kind is SubjectKind.PERSON)
    field.proposed_runners_up, field.proposed_why = [], []
    act.add(field)
