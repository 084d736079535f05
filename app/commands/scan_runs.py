"""What a run over a source does to the registry: begun, each table kept in its own act, ended.

Verdicts become proposals beside the fields of the dataset the table belongs to and bind nobody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task
from app.commands.command import Done, Reasoned, command
from app.commands.filing import permitted
from app.commands.rule_proposals import Suggested, columns_of, take_in
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import digest
from app.domain.drift import asks_a_person
from app.domain.refusals import IllegalMove
from app.domain.scans import SCAN_RUN, Asker, RunState, TableState, is_wanted, may_carry
from app.engines.classification.suggestions import SCAN, Suggestion
from app.store.scans import (
    dataset_of,
    drifted,
    finished,
    last_done,
    listed,
    newest,
    progressed,
)
from app.store.situations_onboarding import fields_of
from app.store.situations_scans import run_situation
from app.store.tables import Registered, Task
from app.store.tables_scans import ScanRun, ScanSource, ScanTable
from app.store.tables_supply import Dataset
from app.store.unit import Act, begin

REVIEW = "review_changes"
AGAIN = "start"


@dataclass(frozen=True)
class Held:
    """A run and who scans it."""

    run: str
    holder: str


@dataclass(frozen=True)
class Found:
    """What was found in one table; no value of it."""

    name: str
    title: str
    fingerprint: str
    rows: int
    rows_total: int | None
    notes: tuple[str, ...]
    verdicts: Mapping[str, dict]
    profiles: Mapping[str, dict]
    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)


@command("scan_run.cancel", "取消扫描", "Cancel")
def cancel(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Nothing more is read; what was found so far stays."""
    with begin(rt, caller) as act:
        row = act.open(ScanRun, ref)
        situation = run_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, SCAN_RUN, row, "cancel", situation)
        row.ended_at = act.at
    return done(row, step)


def begin_run(rt, held: Held, rules: str) -> bool:
    """A queued run is under way; whether it is still this holder's to go on with."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run and run.state == RunState.QUEUED:
            run.started_at, run.rules = act.at, rules
            advance(act, SCAN_RUN, run, "begin", run_situation(rt, act.session, SYSTEM, run),
                    record={"rules": rules})
        return run is not None


def fail(rt, held: Held, zh: str, en: str) -> None:
    """The source could not be scanned at all, in one line."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run:
            run.failure, run.ended_at = {"zh": zh, "en": en}, act.at
            advance(act, SCAN_RUN, run, "fail", run_situation(rt, act.session, SYSTEM, run))
            if run.asked_by == Asker.SYSTEM:  # nobody waits for it, so nobody would look
                _ask_again(act, act.find(ScanSource, run.source_id), run)


def finish(rt, held: Held, present: Collection[str]) -> None:
    """Every table was read, carried or told as skipped; the digest names all that was found.

    Of the tables the last run read, those that are not `present` at the source are dropped.
    """
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run is None:
            return
        source = act.find(ScanSource, run.source_id)
        run.dropped = _dropped(act, source, run, present)
        close_tasks(act, source, AGAIN)
        kept = act.all(select(ScanTable).where(ScanTable.run_id == run.id).order_by(
            ScanTable.name))
        run.ended_at = act.at
        advance(act, SCAN_RUN, run, "finish", run_situation(rt, act.session, SYSTEM, run), record={
            "tables": len(kept), "skipped": len(run.skipped), "dropped": len(run.dropped),
            "unchanged": sum(row.state == TableState.UNCHANGED for row in kept),
            "found": digest([[row.name, row.fingerprint, _judged(row.verdicts)] for row in kept])})


def _dropped(act: Act, source: ScanSource, run: ScanRun, present: Collection[str]) -> list[dict]:
    """Tables the last run knew that the source has no more; those of a dataset ask a person."""
    last, found = last_done(act.session, source.id, run.id), []
    known = {*finished(act.session, last.id), *(line["table"] for line in last.skipped)} \
        if last else set()
    for name in sorted(known.difference(present)):
        before = newest(act.session, source.id, name, run.id)
        if before is None or not is_wanted(name, source.tables):
            continue
        found.append({"table": name, "table_id": before.id})
        dataset = dataset_of(act.session, source.department_id, name)
        if dataset:
            _ask(act, dataset, run)
    return found


def carry(rt, held: Held, name: str, mark: str) -> bool:
    """Take over what an earlier run found, if the table looks as it did then; whether it did."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        before = newest(act.session, run.source_id, name, run.id) if run else None
        if before is None or not may_carry(before.fingerprint, mark, before.read_at, act.at):
            return False
        taken = before.model_dump(exclude={"id", "run_id", "at", "changes", "changed",
                                          "state"})
        _store(act, run, {**taken, "state": str(TableState.UNCHANGED), "changes": [],
                           "changed": 0})
    return True


def keep(rt, held: Held, found: Found) -> None:
    """What was found in a table, its proposals, and a task where somebody must look."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run is None:
            return
        source = act.find(ScanSource, run.source_id)
        dataset = dataset_of(act.session, source.department_id, found.name)
        row = _store(act, run, {
            "source_id": source.id, "state": str(TableState.SCANNED), "read_at": act.at,
            "dataset_id": dataset.id if dataset else "", "notes": list(found.notes),
            "level": max((one["level"] for one in found.verdicts.values()), default=0),
            "verdicts": dict(found.verdicts), "profiles": dict(found.profiles), "name": found.name,
            "title": found.title, "fingerprint": found.fingerprint, "rows": found.rows,
            "rows_total": found.rows_total, "columns": len(found.verdicts),
            "personal": sum(one["personal"] for one in found.verdicts.values())})
        changes = drifted(newest(act.session, source.id, found.name, run.id), row,
                          columns_of(fields_of(act.session, dataset.id)) if dataset else ())
        row.changes, row.changed = listed(changes), len(changes)
        if dataset:
            _propose(act, dataset, run, found.suggestions)
            if asks_a_person(changes):
                _ask(act, dataset, run)


def skip(rt, held: Held, table: str, zh: str, en: str) -> None:
    """One table was not read; the run goes on."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run:
            _count(act, run, [*_skipped_besides(run, table), {"table": table, "zh": zh, "en": en}])


def _own(act: Act, held: Held) -> ScanRun | None:
    """The run, if nobody cancelled it or took it over."""
    run = act.find(ScanRun, held.run)
    return run if run.holder == held.holder and run.state in (
        RunState.QUEUED, RunState.RUNNING) else None


def _store(act: Act, run: ScanRun, values: dict) -> ScanTable:
    """The table's row in this run, recorded and counted."""
    row = act.first(select(ScanTable).where(
        ScanTable.run_id == run.id, ScanTable.name == values["name"])) or ScanTable(
            id=act.new_id(), run_id=run.id, at=act.at, **values)
    for name, value in values.items():
        setattr(row, name, value)
    row.at = act.at
    act.add(row)
    act.session.flush()
    _count(act, run, _skipped_besides(run, row.name))
    act.record("scan_table.store", f"scan_table/{row.id}", run=run.id, outcome=values["state"],
               columns=len(row.verdicts), found=digest(_judged(row.verdicts)))
    return row


def _skipped_besides(run: ScanRun, table: str) -> list[dict]:
    return [line for line in run.skipped if line["table"] != table]


def _count(act: Act, run: ScanRun, skipped: list[dict]) -> None:
    """Each table counts once, kept or skipped; the run has come further."""
    names = {*finished(act.session, run.id), *(line["table"] for line in skipped)}
    progressed(act.session.connection(), run.id, finished=len(names), skipped=skipped, tries=0)


def _judged(verdicts: Mapping[str, dict]) -> list:
    return [[name, one["element"], one["identifier"], one["level"], one["confidence"]]
            for name, one in verdicts.items()]


def _propose(act: Act, dataset: Dataset, run: ScanRun,
             found: Mapping[str, Suggestion]) -> None:
    fields = fields_of(act.session, dataset.id)
    known = {name.casefold(): one for name, one in found.items()}
    take_in(act, dataset, Suggested(f"{SCAN}{run.number}", columns_of(fields), {
        field.code: known[field.code.casefold()] for field in fields
        if field.code.casefold() in known}))


def _ask(act: Act, dataset: Dataset, run: ScanRun) -> None:
    """One task at a time asks the security reviewer."""
    if _asked(act, dataset, REVIEW) is None:
        open_task(act, dataset, REVIEW, "SEC_REVIEW",
                  f"核对来源变化（{run.number}）：{dataset.name}")


def _ask_again(act: Act, source: ScanSource, run: ScanRun) -> None:
    """One task at a time asks the security reviewer to mend the source and scan it."""
    if _asked(act, source, AGAIN) is None:
        open_task(act, source, AGAIN, "SEC_REVIEW",
                  f"定期扫描未能进行，请处理后重新扫描（{run.number}）：{source.name}")


def _asked(act: Act, row: Registered, action: str) -> Task | None:
    return act.first(select(Task).where(
        Task.noun == row.noun, Task.object_id == row.id, Task.action == action,
        Task.done_at.is_(None)))


@command("dataset.review_changes", "核对来源变化", "Review the source's changes")
def review_changes(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Somebody looked at what changed at the source, and says what follows."""
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", REVIEW)
        if _asked(act, row, REVIEW) is None:
            raise IllegalMove("没有待核对的来源变化", "no change of the source waits",
                              noun="dataset", state=row.state, action=REVIEW)
        close_tasks(act, row, REVIEW)
        act.touch(row)
        act.record("dataset.review_changes", f"dataset/{row.id}",
                   private={"reason": body.reason})
    return done(row)
