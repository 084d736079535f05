"""Decisions as people look them up: by number, trace, business number, time, result and reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from app.domain.answers import case_for, said
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.hearing import Reason
from app.domain.law import Law
from app.domain.refusals import NotFound
from app.queries.decision_dimensions import Dimension, dimensions
from app.queries.decision_receipts import ReceiptView, receipt_of
from app.queries.decision_search import DecisionFilters, counted, looked
from app.queries.field_titles import in_words, titles
from app.queries.obligation_words import Owed, owed
from app.queries.query import Page, may_read, query
from app.store.scope import scoped, visible
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex, bears
from app.store.tables_institutions import Institution
from app.store.trail import stream_of
from app.store.unit import read
from audit.trail import leaf

REMEDIES = {
    "AMEND": ("可申请变更授权", "apply for an amendment"),
    "RENEW": ("可申请续期", "apply for renewal"),
    "SUBJECT": ("请取得信息主体授权", "obtain the subject's authorization"),
    "INSTITUTION": ("请贵单位更正请求或配置", "mend the request or configuration at your side"),
    "OPERATOR": ("请联系运营单位", "contact the operator"),
    "RETRY": ("请稍后重试", "try again later"), "NONE": ("不可补救", "there is no remedy"),
}


@dataclass(frozen=True)
class DecisionLine:
    """One decision of the list."""

    id: str
    number: str
    at: str
    state: str
    institution: str
    institution_name: str
    app: str
    product: str
    grant: str
    purpose: str
    action: str
    reasons: tuple[str, ...]
    trace_id: str
    business_ref: str
    seq: int


@dataclass(frozen=True)
class Told:
    """One reason, in both languages, with who can mend it; `asked` is what it speaks of, as
    sealed."""

    code: str
    dimension: str
    class_: str
    zh: str
    en: str
    remedy: str
    remedy_zh: str
    remedy_en: str
    ref: str
    asked: str


@dataclass(frozen=True)
class Link:
    """One link of the authority chain as the decision found it."""

    link: str
    id: str
    version: int


@dataclass(frozen=True)
class Offer:
    """A case that could mend a reason, and the address of its form with the denial noted."""

    code: str
    kind: str
    request_url: str


@dataclass(frozen=True)
class DecisionSheet:
    """One decision in full. `explanation_*` may be read out to the caller as it stands;
    `holds` says that the sealed body has its leaf, and the index says what it says."""

    id: str
    number: str
    at: str
    state: str
    institution: str
    institution_name: str
    app: str
    product: str
    grant: str
    grant_version: int
    purpose: str
    trace_id: str
    business_ref: str
    epoch: int
    dimensions: tuple[Dimension, ...]
    reasons: tuple[Told, ...]
    chain: tuple[Link, ...]
    fields: dict
    obligations: tuple[Owed, ...]
    input: dict
    policy_digest: str
    rulebook: str
    digest: str
    holds: bool
    seq: int
    leaf: str
    explanation_zh: str
    explanation_en: str
    quota: dict
    receipt: ReceiptView | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Denial:
    """A refused call in words, as a case that was born from it tells it."""

    number: str
    zh: str
    en: str


@query("decision", "决策记录", "Decisions")
def decisions(rt, caller: Caller, filters: DecisionFilters) -> Page[DecisionLine]:
    """Decisions, the newest first; no more than a search looks at."""
    may_read(rt, caller, "decision")
    with read(rt) as session:
        where = looked(rt, session, caller, filters)
        names = _institutions(session)
        rows = session.exec(scoped(select(DecisionIndex), DecisionIndex, caller).where(
            *where.conditions()).order_by(DecisionIndex.seq.desc()).limit(filters.limit).offset(
            filters.offset)).all()
        return Page(tuple(_line(row, names) for row in rows), counted(session, caller, where),
                    filters.limit, filters.offset)


def _institutions(session: Session) -> dict[str, tuple[str, str]]:
    """Number and name of every institution, by id."""
    return {row[0]: (row[1], row[2]) for row in session.exec(
        select(Institution.id, Institution.number, Institution.name))}


def _line(row: DecisionIndex, names: dict[str, tuple[str, str]]) -> DecisionLine:
    return DecisionLine(
        row.id, row.id, row.at, "PERMIT" if row.permits else "DENY",
        *names.get(row.institution_id, ("", "")), row.app, row.product, row.grant, row.purpose,
        row.action, tuple(row.codes.split()), row.trace_id, row.business_ref, row.seq)


@query("decision", "决策记录", "Decision", single=True)
def decision(rt, caller: Caller, ref: str) -> DecisionSheet:
    """One decision by its number, its trace id or its place in the trail."""
    may_read(rt, caller, "decision")
    with read(rt) as session:
        row = sought(session, caller, ref)
        entry = session.get(TrailEntry, row.seq)
        names = _institutions(session)
        facts = json.loads(entry.body)["facts"]
        reasons = told_reasons(rt, session, facts)
        called = titles(session, facts.get("input", {}).get("product", ""))
        asked = dimensions(rt, session, facts, called)
        said_done = receipt_of(session, row.id)
    line = _line(row, names)
    zh, en = explanation(line, reasons, rt.law)
    return DecisionSheet(
        line.id, line.number, line.at, line.state, line.institution, line.institution_name,
        line.app, line.product, line.grant, facts.get("grant_version", 0), line.purpose,
        line.trace_id, line.business_ref, row.epoch,
        asked, reasons, tuple(Link(*link) for link in facts.get("chain", ())),
        facts.get("fields", {}),
        owed(facts.get("obligations", []), called, rt.law), facts.get("input", {}),
        facts.get("policy_digest", ""), facts["rulebook"], digest(facts),
        holds(row, entry, facts), row.seq, bytes(entry.leaf).hex(), zh, en,
        dict(facts.get("quota", {})), said_done, _offers(rt, caller, row, facts))


def sought(session: Session, caller: Caller, ref: str) -> DecisionIndex:
    """The index line of a decision by its number, its trace id or its place in the trail.

    Raises:
        NotFound: unknown and foreign look the same.
    """
    row = None
    for column in (DecisionIndex.id, DecisionIndex.trace_id):
        row = row or session.exec(select(DecisionIndex).where(bears(column, ref)).order_by(
            DecisionIndex.seq.desc()).limit(1)).first()
    if row is None and ref.isdecimal() and len(ref) < 16:
        row = session.get(DecisionIndex, int(ref))
    if row is None or not visible(row, caller):
        raise NotFound("没有这条决策记录，或不在您的可见范围", "no such decision within your view",
                       noun="decision")
    return row


def holds(row: DecisionIndex, entry: TrailEntry, facts: Mapping[str, Any]) -> bool:
    """Whether the body of a decision is what was sealed, and the index says the same of it; what
    may be erased from the index is not looked at."""
    said = facts.get("input", {})
    codes = " ".join(dict.fromkeys(code for code, *_ in facts.get("reasons", ()))) or (
        facts.get("gateway", {}).get("code", ""))
    is_sealed = (leaf(entry.body) == bytes(entry.leaf)
                 and entry.stream == stream_of(row.institution_id or None))
    return is_sealed and (
        row.id, row.at, row.permits, row.epoch, row.grant, row.app, row.product, row.purpose,
        row.action, row.codes) == (
        *(facts[name] for name in ("decision", "at", "permits", "epoch")), facts.get("grant", ""),
        *(said.get(name, "") for name in ("app", "product", "purpose", "action")), codes)


def denial(rt, session: Session, caller: Caller, number: str) -> Denial | None:
    """The denial of this number, where the caller may read it."""
    row = session.exec(select(DecisionIndex).where(DecisionIndex.id == number)).first()
    if (row is None or row.permits or not visible(row, caller)
            or not rt.staff.permits(caller.roles, "decision", "read")):
        return None
    facts = json.loads(session.get(TrailEntry, row.seq).body)["facts"]
    line = _line(row, _institutions(session))
    return Denial(row.id, *explanation(line, told_reasons(rt, session, facts), rt.law))


def _offers(rt, caller: Caller, row: DecisionIndex, facts: dict) -> tuple[Offer, ...]:
    """The cases the caller may file to mend this denial; none where something is prohibited."""
    reasons = [Reason(*each) for each in facts.get("reasons", ())]
    texts = [rt.law.reasons[reason.code] for reason in reasons]
    if (row.permits or not rt.staff.covers(caller.roles, "grant_case", "create")
            or any(text.class_ == "VIOLATION" and text.remedy == "NONE" for text in texts)):
        return ()
    kinds = {kind: reason.code for reason in reversed(reasons)
             if (kind := case_for(reason, rt.law))}
    return tuple(Offer(code, kind, f"/cases/new?kind={kind}&from={row.id}")
                 for kind, code in reversed(kinds.items()))


def told_reasons(rt, session: Session, facts: dict) -> tuple[Told, ...]:
    """What speaks against the call of these facts, as people read it."""
    asked = facts.get("input", {})
    called = titles(session, asked.get("product", ""))
    return tuple(_told(Reason(*reason), asked, called, rt.law)
                 for reason in facts.get("reasons", ()))


def _told(reason: Reason, asked: dict, called: dict[str, str], law: Law) -> Told:
    text, (zh, en) = law.reasons[reason.code], in_words(reason, asked, called)
    return Told(reason.code, text.dimension, text.class_, said(zh, law, "zh"),
                said(en, law, "en"), text.remedy, *REMEDIES[text.remedy], reason.ref, reason.asked)


def explanation(line: DecisionLine, reasons: tuple[Told, ...], law: Law) -> tuple[str, str]:
    """What to tell a caller who asks why, in both languages."""
    at = datetime.fromisoformat(line.at) + timedelta(hours=8)
    when = at.strftime("%Y-%m-%d %H:%M:%S")
    purpose = law.purposes[line.purpose] if line.purpose in law.purposes else None
    who = f"{line.institution_name} {line.institution}".strip()
    zh = (f"{when}（北京时间），{who or '未识别机构'}的应用 {line.app or '未识别'}"
          f"以“{purpose.zh if purpose else '未登记目的'}”为目的"
          f"调用产品 {line.product or '未识别'}，决策号 {line.number}，"
          f"结果：{'允许' if line.state == 'PERMIT' else '拒绝'}。")
    en = (f"At {when} (Beijing time) application {line.app or 'unknown'} of "
          f"{who or 'an unknown institution'} called product "
          f"{line.product or 'unknown'} for {purpose.en if purpose else 'no registered purpose'}; "
          f"decision {line.number}: {'permitted' if line.state == 'PERMIT' else 'refused'}.")
    for number, reason in enumerate(reasons, start=1):
        zh += f"{number}. {reason.zh}（{reason.code}），{reason.remedy_zh}。"
        en += f" {number}. {reason.en} ({reason.code}): {reason.remedy_en}."
    return zh, en
