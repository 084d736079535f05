"""The scanning job: a queued run, or one whose process died, is scanned table by table.

Each finished table is kept in an act of its own, so that a run which is cut off anywhere goes on
behind its last table. Values live in this process while a table is judged, and nowhere else.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import structlog

from app.commands import scan_runs, scan_sources
from app.commands.scan_runs import Found, Held
from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.negative_examples import heeding
from app.domain.scans import (
    LEASE,
    MOST_TRIES,
    Outline,
    as_document,
    fingerprint,
    is_wanted,
)
from app.engines.classification.classifier import TableVerdict, classify
from app.engines.field_box import Unreadable
from app.engines.sources.database_urls import Target
from app.engines.sources.databases import open_database
from app.engines.sources.remarks import SourceRefused
from app.engines.sources.report import Item, Report, Source, samples
from app.engines.sources.sampling import Limits
from app.engines.sources.schema_files import joined
from app.engines.sources.targets import networks_of
from app.jobs import runs
from app.jobs.runs import Alive, Runs, Stopping
from app.store import scans
from app.store.negative_examples import standing
from app.store.tables_scans import ScanRun, ScanSecret, ScanSource
from app.store.tables_supply import Department
from app.store.unit import read

log = structlog.get_logger("hufu.jobs.scans")
Heeded = Callable[[tuple[ColumnSpec, ...]], tuple[ColumnSpec, ...]]


@dataclass(frozen=True)
class Plan:
    """What is to be scanned, and what of it is done."""

    target: Target
    tables: tuple[str, ...]
    rows: int
    rules: str
    afresh: bool
    department: Department
    done: Mapping[str, str]


def turn(rt, holder: str, stopping: Stopping) -> bool:
    """Take up the oldest run that nobody scans; whether there was one."""
    return runs.turn(rt, SCANS, holder, stopping)


def _scan(rt, held: Held, alive: Alive) -> None:
    """The whole run, as far as it goes."""
    rules = rt.grading_rules().by
    if not scan_runs.begin_run(rt, held, rules):
        return
    try:
        plan = _plan(rt, held)
        source = open_database(plan.target, networks_of(rt.settings.scan_networks),
                               Limits(rows=plan.rows))
        with closing(source):
            _tables(rt, held, plan, source, alive)
            scan_runs.finish(rt, held, {item.name for item in source.items})
    except SourceRefused as error:
        scan_runs.fail(rt, held, error.zh, error.en)
    except Unreadable:
        scan_runs.fail(rt, held, "口令无法解封，请更换口令",
                       "the password cannot be unsealed here: set it again")


def _plan(rt, held: Held) -> Plan:
    with read(rt) as session:
        run = session.get(ScanRun, held.run)
        source = session.get(ScanSource, run.source_id)
        secret = session.get(ScanSecret, source.id)
        return Plan(scan_sources.target(rt, source, secret.sealed if secret else ""),
                    tuple(source.tables), source.rows, rt.grading_rules().by, run.afresh,
                    session.get(Department, source.department_id),
                    scans.finished(session, run.id))


def _tables(rt, held: Held, plan: Plan, source: Source, alive: Alive) -> None:
    """Every wanted table, one by one."""
    items = [item for item in source.items if is_wanted(item.name, plan.tables)]
    if not items:
        raise SourceRefused("没有符合范围的表，请调整扫描范围",
                            "no table fits what is to be scanned: set it anew")
    outlines = source.outlines()
    with rt.db.writing() as connection:
        scans.progressed(connection, held.run, total=len(items))
    for item in items:
        alive.now()
        _one(rt, held, plan, item, outlines[item.name])


def _one(rt, held: Held, plan: Plan, item: Item, outline: Outline) -> None:
    """One table: done before, carried over, or read and judged."""
    with read(rt) as session:
        dataset = scans.dataset_of(session, plan.department.id, item.name)
        listed = scans.declared(session, plan.department, item.name)
        refusals = standing(session, plan.department.id, rt.clock())

    def heeded(columns: tuple[ColumnSpec, ...]) -> tuple[ColumnSpec, ...]:
        return heeding(columns, dataset.id if dataset else "", refusals)

    mark = fingerprint(replace(outline, columns=heeded(outline.columns)), plan.rules, plan.rows,
                       listed.columns)
    if plan.done.get(item.name) == mark:
        return
    if not plan.afresh and scan_runs.carry(rt, held, item.name, mark):
        return
    report = Report()
    read_samples = list(samples(Source((item,)), report))
    for line in report.skipped:
        scan_runs.skip(rt, held, item.name, line.zh, line.en)
    for sample in read_samples:
        try:
            found = _found(rt, sample, listed, mark, heeded)
        except Exception as error:  # one table the rules stumble over costs itself only
            kind = type(error).__name__
            log.error("a table could not be judged", run=held.run, kind=kind)
            scan_runs.skip(rt, held, item.name, f"识别出错（{kind}）",
                           f"could not be judged ({kind})")
        else:
            scan_runs.keep(rt, held, found)


def _found(rt, sample: TableSample, listed: TableSpec, mark: str, heeded: Heeded) -> Found:
    """The verdicts on a table as they are kept: counts, masks, codes of reasons."""
    rules = rt.grading_rules()
    whole = joined(sample, {listed.name.casefold(): listed} if listed.columns else {})
    spec = replace(whole.spec, title=whole.spec.title or listed.title,
                   department=listed.department, columns=heeded(whole.spec.columns))
    [judged] = classify([replace(whole, spec=spec)], book=rules.book)
    types = {column.name: column.declared_type for column in sample.spec.columns}
    return Found(
        sample.spec.name, spec.title, mark, max(map(len, sample.values.values()), default=0),
        sample.rows_total, judged.notes, _verdicts(judged, types),
        {name: as_document(profile) for name, profile in judged.profiles.items()},
        {name: rules.suggestion(verdict) for name, verdict in judged.columns.items()})


def _verdicts(judged: TableVerdict, types: Mapping[str, str]) -> dict[str, dict]:
    titles = {column.name: column.title for column in judged.spec.columns}
    return {name: {
        "type": types.get(name, ""), "title": titles[name], "element": verdict.element or "",
        "identifier": verdict.identifier or "", "level": verdict.level,
        "personal": verdict.personal, "confidence": int(verdict.confidence * 100),
        "why": [[reason.code, dict(reason.blanks)] for reason in verdict.why],
    } for name, verdict in judged.columns.items()}


SCANS = Runs("扫描", "scan", scans, scan_runs, _scan, LEASE, MOST_TRIES,
             ("没有读完一张表", "no table finished"))
