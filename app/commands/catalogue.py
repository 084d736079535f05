"""A department's catalogue becomes its datasets, fields and onboarding cases, in one act or not.

A dry run takes the same way and writes nothing. Files with errors change nothing at all.
"""

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass

from app.commands.attachments import decoded
from app.commands.catalogue_rows import write
from app.commands.command import Body, Done, Text, command, entry
from app.domain.callers import Caller
from app.domain.catalogue import Reading, RowError
from app.domain.catalogue_words import Outcome
from app.domain.refusals import Invalid, NotAllowed
from app.domain.wire import Malformed
from app.engines.sheets import read_catalogue
from app.store.catalogue_plan import TablePlan, plan
from app.store.tables_supply import Department
from app.store.unit import begin, read

MOST_SHOWN = 200
_LOCKED = (
    "该资源的准入案件正在办理或已办结，导入不作更改；请先撤回案件，或由受理岗要求补正",
    "its onboarding case is being handled or done, so the import left it alone; withdraw the "
    "case first, or have intake ask for a supplement",
)


@dataclass(frozen=True)
class ColumnOutcome:
    """What became, or would become, of one column."""

    code: str
    outcome: Outcome


@dataclass(frozen=True)
class TableOutcome:
    """What became, or would become, of one table; `advice_*` says what to do where it is locked."""

    department: str
    table: str
    name: str
    outcome: Outcome
    columns: tuple[ColumnOutcome, ...]
    case: str = ""
    advice_zh: str = ""
    advice_en: str = ""


@dataclass(frozen=True)
class Report:
    """What a file says and did. `applied` is false for a dry run and for a file with errors."""

    file: str
    applied: bool
    dry_run: bool
    tables: tuple[TableOutcome, ...]
    errors: tuple[RowError, ...]
    warnings: tuple[RowError, ...]

    @property
    def table_counts(self) -> dict[Outcome, int]:
        """How many tables came to which outcome."""
        return dict(Counter(table.outcome for table in self.tables))

    @property
    def column_counts(self) -> dict[Outcome, int]:
        """How many columns came to which outcome."""
        return dict(Counter(column.outcome for table in self.tables for column in table.columns))


class CatalogueFile(Body):
    """A catalogue as XLSX, CSV or JSON."""

    name: Text = entry("文件名", "File name", min_length=1, max_length=120)
    content: str = entry("文件内容 (Base64)", "Content (Base64)", widget="file", min_length=1)
    dry_run: bool = entry("仅试运行", "Dry run only", default=True)


@command("catalogue.import", "导入数据资源目录", "Import a catalogue", creates=True)
def take_in(rt, caller: Caller, body: CatalogueFile) -> Done:
    """The import for programs; a file with errors is refused with all of them.

    Raises:
        Invalid: the file cannot be read, or has errors; nothing has changed.
    """
    report = import_file(rt, caller, body.name, decoded(body.content), body.dry_run)
    if report.errors:
        shown = [
            {"at": found.where, "code": found.code, "zh": found.message_zh, "en": found.message_en}
            for found in report.errors[:MOST_SHOWN]
        ]
        raise Invalid(
            f"目录中有 {len(report.errors)} 处错误，未导入",
            f"the catalogue has {len(report.errors)} errors and was not taken in",
            errors=shown,
        )
    state = "APPLIED" if report.applied else "DRY_RUN"
    return Done("catalogue", report.file, report.file, state, 1, (), asdict(report))


def import_file(rt, caller: Caller, name: str, content: bytes, dry_run: bool) -> Report:
    """Read a file and take it in, unless this is a dry run or the file has errors.

    Raises:
        NotAllowed: the caller may not import, or not for these departments.
        Invalid: the file as a whole cannot be read.
    """
    if not rt.staff.permits(caller.roles, "catalogue", "import"):
        raise NotAllowed("您的岗位不能导入目录", "your roles do not cover `catalogue.import`")
    try:
        reading = read_catalogue(name, content)
    except Malformed as error:
        raise Invalid(error.zh, error.en, code=error.code) from error
    file = "sha256:" + hashlib.sha256(content).hexdigest()
    if dry_run or reading.errors:
        with read(rt) as session:
            _require_own(session, caller, reading)
            plans = plan(session, reading.tables)
        return _report(file, dry_run, plans, reading)
    with begin(rt, caller) as act:
        _require_own(act.session, caller, reading)
        plans = plan(act.session, reading.tables, lock=True)
        cases = write(act, plans, file)
    return _report(file, False, plans, reading, cases)


def _require_own(session, caller: Caller, reading: Reading) -> None:
    """A department's liaison imports for that department and no other."""
    if caller.is_staff:
        return
    row = session.get(Department, caller.department) if caller.department else None
    strangers = {table.department for table in reading.tables} - {row.name if row else ""}
    if strangers:
        raise NotAllowed(
            f"目录中有 {len(strangers)} 个其他部门，只能导入本部门的资源",
            f"the catalogue names {len(strangers)} other departments; import your own only",
        )


def _report(
    file: str,
    dry_run: bool,
    plans: tuple[TablePlan, ...],
    reading: Reading,
    cases: dict[int, str] | None = None,
) -> Report:
    """The report of plans; without ``cases`` nothing was written."""
    tables = tuple(_outcome(made, (cases or {}).get(at, "")) for at, made in enumerate(plans))
    return Report(file, cases is not None, dry_run, tables, reading.errors, reading.warnings)


def _outcome(made: TablePlan, case: str) -> TableOutcome:
    zh, en = _LOCKED if made.outcome == Outcome.LOCKED else ("", "")
    return TableOutcome(
        made.declared.department,
        made.declared.code,
        made.declared.name_zh,
        made.outcome,
        tuple(ColumnOutcome(column.code, column.outcome) for column in made.columns),
        case or (made.case.number if made.case else ""),
        zh,
        en,
    )
