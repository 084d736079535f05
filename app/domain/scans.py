"""Scans of live databases: sources, the runs over them, and what a run keeps of each table.

Nothing here holds a value of a scanned table: names, counts, shapes and verdicts only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from app.domain.callers import SYSTEM
from app.domain.canonical import digest
from app.domain.classification.facts import ColumnSpec, Hit, Profile
from app.domain.lifecycle import Lifecycle, Move, Situation, guard
from app.domain.titled import Titled

LEASE = timedelta(seconds=20)
READ_AGAIN = timedelta(days=30)  # a table that looks unchanged is still read that often
MOST_TRIES = 10  # how often a run is taken up with no table finished between, before it is given up


class SourceState(Titled):
    """Whether a source may be scanned."""

    ACTIVE = "ACTIVE", "可扫描", "In use"
    CLOSED = "CLOSED", "已停用", "Closed"


class Schedule(Titled):
    """How often a source is scanned by itself."""

    NONE = "NONE", "不定期", "Never"
    DAILY = "DAILY", "每日", "Daily"
    WEEKLY = "WEEKLY", "每周", "Weekly"


PERIODS = {Schedule.DAILY: timedelta(days=1), Schedule.WEEKLY: timedelta(days=7)}


class RunState(Titled):
    """How far a run has come."""

    QUEUED = "QUEUED", "排队中", "Queued"
    RUNNING = "RUNNING", "扫描中", "Scanning"
    DONE = "DONE", "已完成", "Done"
    CANCELLED = "CANCELLED", "已取消", "Cancelled"
    FAILED = "FAILED", "未能进行", "Failed"


OPEN = (RunState.QUEUED, RunState.RUNNING)


class Asker(Titled):
    """Who asks for a run where no person does; persons are named by their names."""

    SYSTEM = SYSTEM.name, "系统", "The system"


class TableState(Titled):
    """What became of one table in a run."""

    SCANNED = "SCANNED", "已扫描", "Scanned"
    UNCHANGED = "UNCHANGED", "未变，沿用", "Unchanged"


@dataclass(frozen=True, kw_only=True)
class SourceSituation(Situation):
    """What the guards of a source look at."""

    scanning: bool


@guard("扫描进行中，请先取消", "a scan is under way: cancel it first", "SCAN.OPEN")
def nothing_runs(situation: SourceSituation) -> bool:
    return not situation.scanning


SCAN_SOURCE = Lifecycle(
    noun="scan_source",
    zh="数据源",
    en="Data source",
    states=SourceState,
    starts=SourceState.ACTIVE,
    moves=(Move("close", (SourceState.ACTIVE,), SourceState.CLOSED, "停用", "Close",
                (nothing_runs,)),),
    ends=(SourceState.CLOSED,),
)

SCAN_RUN = Lifecycle(
    noun="scan_run",
    zh="扫描",
    en="Scan",
    states=RunState,
    starts=RunState.QUEUED,
    moves=(
        Move("begin", (RunState.QUEUED,), RunState.RUNNING, "开始扫描", "Begin"),
        Move("finish", (RunState.RUNNING,), RunState.DONE, "完成扫描", "Finish"),
        Move("fail", OPEN, RunState.FAILED, "未能进行", "Fail"),
        Move("cancel", OPEN, RunState.CANCELLED, "取消扫描", "Cancel"),
    ),
    ends=(RunState.DONE, RunState.CANCELLED, RunState.FAILED),
)


def is_wanted(table: str, patterns: Sequence[str]) -> bool:
    """Whether a table is to be scanned: it fits a pattern such as `tax.*`, or there is none."""
    return not patterns or any(fnmatchcase(table.casefold(), pattern.casefold())
                               for pattern in patterns)


def is_due(schedule: str, last: datetime | None, at: datetime) -> bool:
    """Whether a source scanned last at an instant is to be scanned by itself now."""
    period = PERIODS.get(Schedule(schedule))
    return period is not None and (last is None or last + period <= at)


@dataclass(frozen=True)
class Outline:
    """A table as its database declares it, found without reading a row.

    Args:
        rows: by the server's statistics, where it has any.
    """

    name: str
    title: str
    columns: tuple[ColumnSpec, ...]
    rows: int | None = None


def fingerprint(outline: Outline, rules: str, sample: int,
                listed: Sequence[ColumnSpec] = ()) -> str:
    """What a verdict rests on, short of the values: while it stays, a table is not read again.

    Rows count by powers of two, so that a growing table is read again when it has doubled.

    Args:
        listed: the columns as the department's catalogue has them.
    """
    return digest({
        "listed": [[column.name, column.title, column.declared_type] for column in listed],
        "name": outline.name, "title": outline.title, "rules": rules, "sample": sample,
        "band": -1 if outline.rows is None else outline.rows.bit_length(),
        "columns": [[column.name, column.title, column.declared_type, column.key, *column.refused]
                    for column in outline.columns]})


def may_carry(was: str, now: str, read_at: datetime, at: datetime) -> bool:
    """Whether the last verdict stands for a table that was read at an instant."""
    return was == now and at - read_at < READ_AGAIN


def as_document(profile: Profile) -> dict:
    """A profile as plain values; shares keep four digits."""
    document = asdict(profile)
    document["hits"] = {name: asdict(hit) for name, hit in sorted(profile.hits.items())}
    return {key: round(value, 4) if isinstance(value, float) else value
            for key, value in document.items()}


def as_profile(document: Mapping) -> Profile:
    """The profile a document was made of."""
    return Profile(**{
        **document, "hits": {name: Hit(**hit) for name, hit in document["hits"].items()},
        "shapes": tuple((shape, count) for shape, count in document["shapes"]),
        "lengths": tuple(document["lengths"]),
        "years": tuple(document["years"]) if document["years"] else None})
