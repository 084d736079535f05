"""A grading sheet a department signed, taken in row by row or not at all."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from app.commands.advance import done
from app.commands.command import Body, Done, command, entry
from app.commands.contradictions import close_settled
from app.commands.filing import File, permitted, refuse
from app.commands.gradings import (
    GradingOf,
    by_code,
    faults,
    in_grading,
    judge,
    record_set,
    reverses,
)
from app.domain.callers import Caller
from app.domain.refusals import Invalid
from app.domain.wire import Malformed
from app.engines.grading_sheets import COLUMNS, Fault, SheetRow, read_gradings
from app.store.attachments import opened
from app.store.tables_supply import Dataset, DatasetField
from app.store.unit import Act, begin, read


class GradingSheet(Body):
    """A workbook as the grading sheet is exported."""

    file: File = entry("分级表（XLSX）", "Grading sheet (XLSX)", widget="file",
                       help_zh="填有分类或分级的行按表确认，其余不变；有一处错误则全部不作更改",
                       help_en="rows with a category or a level are confirmed as they stand, the "
                               "others stay; one fault and nothing changes")


@command("dataset.import_gradings", "导入分级表", "Import a grading sheet")
def import_gradings(rt, caller: Caller, ref: str, body: GradingSheet) -> Done:
    """Every row is judged as in the form; what is to mend is told by its cell.

    Raises:
        Invalid: the file cannot be read, or has faults; nothing has changed.
    """
    rows = _read(rt, caller, body.file)
    with begin(rt, caller) as act:
        dataset = act.open(Dataset, ref)
        permitted(act, "dataset", "import_gradings")
        in_grading(act, dataset)
        fields = by_code(act, dataset)
        judged = [(row, _grading(row)) for row in rows]
        _refuse((*(fault for row, said in judged
                   for fault in _faults(act, row, said, fields)), *_twice(rows)))
        chosen = [(fields[said.field], said) for _, said in judged]
        judge(act, chosen, fields)
        close_settled(act, dataset, fields.values())
        record_set(act, dataset, [field for field, _ in chosen], file=body.file)
    return done(dataset, confirmed=len(chosen))


def _read(rt, caller: Caller, sha256: str) -> list[SheetRow]:
    with read(rt) as session:
        file = opened(session, caller, sha256)
    try:
        rows, wrong = read_gradings(file.name, file.body)
    except Malformed as error:
        raise Invalid(error.zh, error.en, code=error.code) from error
    if not rows and not wrong:
        wrong = [("A2", "没有填写分类和分级的行", "no row has a category and a level")]
    _refuse(wrong)
    return rows


def _refuse(wrong: Iterable[Fault]) -> None:
    """Refuse with every cell to mend; nothing where there is none."""
    refuse(((f"file.{cell}", f"{cell}：{zh}", f"{cell}: {en}") for cell, zh, en in wrong),
           "INPUT.INVALID")


def _grading(row: SheetRow) -> GradingOf | ValidationError:
    try:
        return GradingOf.model_validate(row.said)
    except ValidationError as error:
        return error


def _twice(rows: list[SheetRow]) -> Iterator[Fault]:
    """Rows about a field an earlier row was about."""
    known: set[object] = set()
    for row in rows:
        if row.said.get("field") in known:
            yield f"A{row.number}", "数据项重复", "the field stands twice"
        known.add(row.said.get("field"))


def _faults(act: Act, row: SheetRow, said: GradingOf | ValidationError,
            fields: Mapping[str, DatasetField]) -> Iterator[Fault]:
    """What is wrong with a row, at its first cell, with the column where one is at fault.

    A row that was written before its field was confirmed does not say otherwise.
    """
    at = f"A{row.number}"
    if isinstance(said, ValidationError):
        for key in dict.fromkeys(str(one["loc"][0]) for one in said.errors()):
            words = COLUMNS[key]
            yield (at, f"「{words.zh}」未填写或不在可选范围",
                   f"{words.en} is empty or not among the choices")
    elif said.field not in fields:
        yield at, f"没有数据项 {said.field}", f"there is no field {said.field}"
    elif reverses(held := fields[said.field], said) and row.version != held.version:
        yield (at, f"数据项 {held.code} 导出之后已确认为 L{held.grade}，请重新导出",
               f"{held.code} was confirmed as L{held.grade} since the export: export it again")
    else:
        for _, zh, en in faults(act, held, said, fields):
            yield at, zh, en
