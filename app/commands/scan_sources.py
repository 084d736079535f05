"""Live databases that are scanned: registered, scanned on demand or by the calendar, closed."""

import re
from dataclasses import replace

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import permitted
from app.domain.callers import SYSTEM, Caller
from app.domain.refusals import IllegalMove, Invalid
from app.domain.scans import SCAN_SOURCE, RunState, Schedule, SourceState
from app.engines.field_box import open_box
from app.engines.sources.database_urls import Target, target_of
from app.engines.sources.remarks import SourceRefused
from app.store.scans import due_sources, is_scanning
from app.store.situations_scans import source_situation
from app.store.tables_scans import ScanRun, ScanSecret, ScanSource
from app.store.tables_supply import Department
from app.store.unit import Act, begin, read

# driver://account@host:port/database, with nothing a password could hide in.
BARE = re.compile(r"[a-z]+(\+[a-z0-9]+)?://[\w$.-]+@([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?/[\w$.-]+")


class Extent(Body):
    """What of a source is scanned, how much of it, and how often."""

    name: Text = entry("名称", "Name", min_length=2, max_length=100)
    tables: list[Text] = entry(
        "只扫描这些表", "Only these tables", default=[], widget="textarea", max_length=200,
        help_zh="每行一个表名，可用 *，如 tax.*；留空则扫描全部",
        help_en="one name a line, * stands for anything, as in tax.*; empty for all")
    rows: int = entry("每表抽样行数", "Rows of each sample", default=3_000, ge=100, le=20_000)
    schedule: Schedule = entry("定期扫描", "Scanned by itself", default=Schedule.NONE)


class NewSource(Extent):
    """A database a department lets be read."""

    department: Text = entry("数据提供部门", "Department", widget="select",
                             options="noun:department", max_length=64)
    address: Text = entry(
        "数据库地址", "Address", max_length=300, min_length=5,
        help_zh="写法如 postgresql://帐号@主机:5432/库名，不含口令；须为只读帐号",
        help_en="as in postgresql://account@host:5432/database, without the password; the account"
                " may only read")
    password: Text = entry("口令", "Password", default="", widget="password", max_length=200)


class Secret(Body):
    """The password of a source's account."""

    password: Text = entry("新口令", "New password", widget="password", min_length=1,
                           max_length=200)


class Start(Body):
    """How a scan is begun."""

    afresh: bool = entry("未变的表也重新读取", "Read unchanged tables too", default=False)


@command("scan_source.create", "登记数据源", "Register a data source", creates=True)
def create(rt, caller: Caller, body: NewSource) -> Done:
    """The address is checked here, the account when a scan first calls it."""
    require_address(body.address)
    with begin(rt, caller) as act:
        permitted(act, "scan_source", "create")
        department = act.open(Department, body.department)
        row = act.create(
            ScanSource, number=act.number("SRC"), name=body.name, department_id=department.id,
            address=body.address, tables=body.tables, rows=body.rows, schedule=str(body.schedule),
            state=str(SourceState.ACTIVE))
        _seal(act, row, body.password)
        act.record("scan_source.create", f"scan_source/{row.id}", number=row.number,
                   department=department.id, address=row.address, schedule=row.schedule)
    return done(row)


@command("scan_source.edit", "调整扫描范围", "Set what is scanned")
def edit(rt, caller: Caller, ref: str, body: Extent) -> Done:
    """The address stays: a password goes to the host it was given for, and to no other."""
    with begin(rt, caller) as act:
        row = act.open(ScanSource, ref)
        permitted(act, "scan_source", "edit")
        _require_active(row, "edit")
        row.name, row.tables, row.rows = body.name, body.tables, body.rows
        row.schedule = str(body.schedule)
        act.touch(row)
        act.record("scan_source.edit", f"scan_source/{row.id}", tables=row.tables, rows=row.rows,
                   schedule=row.schedule)
    return done(row)


@command("scan_source.set_secret", "更换口令", "Change the password")
def set_secret(rt, caller: Caller, ref: str, body: Secret) -> Done:
    """The old password is gone; the new one is sealed and never shown."""
    with begin(rt, caller) as act:
        row = act.open(ScanSource, ref)
        permitted(act, "scan_source", "set_secret")
        _require_active(row, "set_secret")
        _seal(act, row, body.password)
        act.touch(row)
        act.record("scan_source.set_secret", f"scan_source/{row.id}")
    return done(row)


@command("scan_source.start", "开始扫描", "Scan now")
def start(rt, caller: Caller, ref: str, body: Start) -> Done:
    """A run is queued; the jobs process takes it up."""
    with begin(rt, caller) as act:
        row = act.open(ScanSource, ref)
        permitted(act, "scan_source", "start")
        _require_active(row, "start")
        if is_scanning(act.session, row.id):
            raise IllegalMove("扫描已在进行", "a scan is under way", noun="scan_source",
                              state=row.state, action="start", code="SCAN.OPEN")
        run = _queue(act, row, caller.name, body.afresh)
    return done(run)


@command("scan_source.close", "停用", "Close")
def close(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Nothing is scanned any more, and the password is forgotten."""
    with begin(rt, caller) as act:
        row = act.open(ScanSource, ref)
        situation = source_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, SCAN_SOURCE, row, "close", situation)
        close_tasks(act, row)
        _seal(act, row, "")
    return done(row, step)


def queue_due(rt) -> int:
    """Queue a run for every source whose time has come; how many."""
    with read(rt) as session:
        due = due_sources(session, rt.clock())
    return sum(_queued(rt, source) for source in due)


def _queued(rt, source: str) -> bool:
    with begin(rt, SYSTEM) as act:
        row = act.find(ScanSource, source)
        if row.state != SourceState.ACTIVE or is_scanning(act.session, row.id):
            return False
        _queue(act, row, SYSTEM.name)
    return True


def _queue(act: Act, row: ScanSource, asked_by: str, afresh: bool = False) -> ScanRun:
    run = act.create(ScanRun, number=act.number("SCAN"), source_id=row.id, asked_by=asked_by,
                     state=str(RunState.QUEUED), afresh=afresh)
    act.record("scan_source.start", f"scan_source/{row.id}", run=run.id, number=run.number,
               afresh=afresh)
    return run


def require_address(text: str) -> None:
    """The address names a database server by an allowed driver, with an account and no password.

    Raises:
        Invalid: what to mend; the address itself is not repeated.
    """
    zh = en = ""
    try:
        target = target_of(text)
        if target.kind == "sqlite":
            zh, en = "页面只扫描数据库服务器；文件请用命令行扫描", (
                "pages scan database servers; scan a file from the command line")
        elif target.password:
            zh, en = "地址中不写口令，请填在口令栏", (
                "write no password into the address: it has a field of its own")
    except SourceRefused as error:
        zh, en = error.zh, error.en
    if zh:
        raise Invalid(zh, en, errors=[{"at": "address", "zh": zh, "en": en}])


def is_bare(address: str | None) -> bool:
    """Whether an address is written so that no password can stand in it; what is malformed may
    hold one anywhere."""
    return not address or bool(BARE.fullmatch(address.strip()))


def _require_active(row: ScanSource, action: str) -> None:
    if row.state != SourceState.ACTIVE:
        raise IllegalMove("数据源已停用", "the source is closed", noun="scan_source",
                          state=row.state, action=action)


def place(source: str) -> str:
    """Where a sealed password belongs; it opens nowhere else."""
    return f"scan_source/{source}/password"


def _seal(act: Act, row: ScanSource, password: str) -> None:
    kept = act.find(ScanSecret, row.id) or ScanSecret(source_id=row.id, sealed="",
                                                      changed_at=act.at)
    box = open_box(act.rt.settings.data_dir, act.rt.token)
    kept.sealed = box.seal(password, place(row.id), act.rt.token) if password else ""
    kept.changed_at = act.at
    act.add(kept)


def target(rt, row: ScanSource, sealed: str) -> Target:
    """The database of a source, with the password opened.

    Raises:
        Unreadable: the password was sealed by a key this process has not.
    """
    bare = target_of(row.address)
    password = open_box(rt.settings.data_dir, rt.token).open(sealed, place(row.id)) \
        if sealed else ""
    return replace(bare, password=password)
