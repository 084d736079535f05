"""三方对账: what gateways let through, what was decided and what was acknowledged must agree.

A log is held against decisions and receipts when it is taken in; what only a later look can tell
(permits nobody acknowledged, receipts no gateway logged) is looked for once a day.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.commands.attachments import decoded
from app.commands.command import Body, Done, Text, command, entry
from app.commands.findings import find
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import instant
from app.domain.findings import Kind
from app.domain.gateway_logs import Call, read_line
from app.domain.refusals import Invalid, NotAllowed
from app.store.places import place_at
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_receipts import GatewayCall, Receipt
from app.store.tables_use import Reservation
from app.store.unit import Act, begin, read

AT_ONCE = 500
MOST_SHOWN = 50


@dataclass
class Report:
    """What a log held and what did not agree; `unread` are lines that could not be read."""

    file: str
    lines: int = 0
    calls: int = 0
    unread: list[int] = field(default_factory=list)
    total_unread: int = 0
    findings: Counter = field(default_factory=Counter)


class LogFile(Body):
    """An access log of a gateway: JSON lines or nginx's combined format."""

    name: Text = entry("文件名", "File name", min_length=1, max_length=120)
    content: str = entry("文件内容 (Base64)", "Content (Base64)", widget="file", min_length=1)


@command("finding.import", "导入网关日志对账", "Reconcile a gateway's log", creates=True)
def take_in(rt, caller: Caller, body: LogFile) -> Done:
    """The log for programs; it may come again, and nothing is found twice.

    Raises:
        Invalid: it is not UTF-8, or no line of it can be read.
    """
    content = decoded(body.content)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Invalid("文件须为 UTF-8", "the file must be UTF-8") from error
    report = import_log(rt, caller, lines, "sha256:" + hashlib.sha256(content).hexdigest())
    if not report.calls:
        raise Invalid("没有可识别的日志行", "no line of the log can be read",
                      errors=[{"at": str(line)} for line in report.unread])
    return Done("finding", report.file, report.file, "RECONCILED", 1, (), {
        "lines": report.lines, "calls": report.calls, "unread": report.total_unread,
        "unread_lines": report.unread, "findings": dict(report.findings)})


def import_log(rt, caller: Caller, lines: Iterable[str], file: str) -> Report:
    """Hold every call of a log against its decision and its receipt.

    Raises:
        NotAllowed: the caller may not take logs in.
    """
    if not rt.staff.permits(caller.roles, "finding", "import"):
        raise NotAllowed("您的岗位不能导入网关日志", "your roles do not cover `finding.import`")
    report = Report(file)
    for calls in _batches(lines, report):
        with begin(rt, caller) as act:
            act.record("finding.import", f"finding/{file.removeprefix('sha256:')}", file=file,
                       calls=len(calls), first=calls[0].at, last=calls[-1].at)
            _reconciled(act, calls, report)
    return report


def _batches(lines: Iterable[str], report: Report) -> Iterator[list[Call]]:
    batch: list[Call] = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        report.lines += 1
        call = read_line(number, text)
        if call is None:
            report.total_unread += 1
            report.unread += [number] if len(report.unread) < MOST_SHOWN else []
            continue
        report.calls += 1
        batch.append(call)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _reconciled(act: Act, calls: list[Call], report: Report) -> None:
    named = [call.decision for call in calls if call.decision]
    permits = dict(act.session.exec(select(DecisionIndex.id, DecisionIndex.permits).where(
        DecisionIndex.id.in_(named))).all())
    outcomes = dict(act.session.exec(select(Receipt.decision, Receipt.outcome).where(
        Receipt.decision.in_(named))).all())
    known = set(act.session.exec(select(GatewayCall.decision).where(
        GatewayCall.decision.in_(named))).all())
    for call in calls:
        if call.decision and call.decision not in known:
            known.add(call.decision)
            act.add(GatewayCall(decision=call.decision, at=call.at, status=call.status,
                                file=report.file))
        if not call.is_served:
            continue
        kind = None
        if not permits.get(call.decision, False):
            kind = Kind.NO_DECISION
        elif outcomes.get(call.decision) == "NOT_SERVED":
            kind = Kind.CONTRADICTS
        about = call.decision or f"{report.file.removeprefix('sha256:')[:16]}:{call.line}"
        if kind and find(act, kind, about, "", "", file=report.file, line=call.line,
                         status=call.status):
            report.findings[str(kind)] += 1


def compare_yesterday(rt) -> dict[str, int]:
    """What only a later look can tell of yesterday, in Shanghai's days; how many of each kind.

    A day for which no gateway's log was taken in says nothing about calls.
    """
    today = rt.clock().astimezone(rt.settings.zone).replace(hour=0, minute=0, second=0,
                                                           microsecond=0)
    yesterday = today - timedelta(days=1)
    with read(rt) as session:
        late = _unacknowledged(session, yesterday, today, instant(rt.clock()))
        unlogged = _unlogged(session, instant(yesterday), instant(today))
    found: Counter = Counter()
    for kind, rows in ((Kind.NO_RECEIPT, late), (Kind.NOT_LOGGED, unlogged)):
        for start in range(0, len(rows), AT_ONCE):
            with begin(rt, SYSTEM) as act:
                for decision, credential, institution in rows[start:start + AT_ONCE]:
                    found[str(kind)] += find(act, kind, decision, credential, institution)
    return dict(found)


def _unacknowledged(session: Session, since: datetime, until: datetime,
                    now: str) -> list[tuple[str, str, str]]:
    """Permits of these instants whose receipts were ordered and did not come in time.

    Those that set something aside are found when that is given back.
    """
    rows = session.exec(select(DecisionIndex.id, TrailEntry.body).join(
        TrailEntry, TrailEntry.seq == DecisionIndex.seq).outerjoin(
        Receipt, Receipt.decision == DecisionIndex.id).outerjoin(
        Reservation, Reservation.decision == DecisionIndex.id).where(
        DecisionIndex.seq >= place_at(session.connection(), since),
        DecisionIndex.seq < place_at(session.connection(), until), DecisionIndex.permits.is_(True),
        Receipt.decision.is_(None), Reservation.decision.is_(None)))
    found = []
    for decision, body in rows:
        facts = json.loads(body)["facts"]
        if _is_due(facts, now):
            found.append((decision, facts["input"]["credential"], facts["institution"]))
    return found


def _is_due(facts: dict, now: str) -> bool:
    """Whether a receipt was ordered and its time is over."""
    within = [each["properties"]["within_s"] for each in facts.get("obligations", ())
              if each["properties"].get("kind") == "receipt"]
    return bool(within) and now > instant(
        datetime.fromisoformat(facts["at"]) + timedelta(seconds=min(within)))


def _unlogged(session: Session, since: str, until: str) -> list[tuple[str, str, str]]:
    """Receipts that say SERVED and that no log of the day names."""
    if not session.exec(select(GatewayCall.decision).where(
            GatewayCall.at >= since, GatewayCall.at < until).limit(1)).first():
        return []
    return [(decision, credential, "") for decision, credential in session.exec(
        select(Receipt.decision, Receipt.credential).outerjoin(
            GatewayCall, GatewayCall.decision == Receipt.decision).where(
            Receipt.at >= since, Receipt.at < until, Receipt.outcome == "SERVED",
            GatewayCall.decision.is_(None)))]
