"""Decisions as people look them up: by number, trace, business number, time, result and reason."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import Field
from sqlalchemy import func, or_
from sqlmodel import Session, select

from app.domain.answers import said
from app.domain.callers import Caller
from app.domain.canonical import digest, instant
from app.domain.decisions import ORDER
from app.domain.hearing import Reason
from app.domain.law import Law
from app.domain.refusals import Invalid, NotFound
from app.domain.workdays import start_of
from app.queries.field_titles import in_words, titles
from app.queries.obligation_words import Owed, owed
from app.queries.query import Filters, Page, may_read, page_of, query
from app.store.scope import visible
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_institutions import Institution
from app.store.unit import read

AFTER_ALL = 2**62
DAY = r"^$|^\d{4}-\d{2}-\d{2}$"
DIMENSIONS = {
    "request": ("请求", "Request"), "identity": ("身份与凭证", "Identity and credential"),
    "institution": ("机构", "Institution"), "chain": ("上游授权链", "Chain above"),
    "grant": ("授权", "Grant"), "purpose": ("目的", "Purpose"), "scope": ("范围", "Scope"),
    "method": ("方式", "Method"), "term": ("期限", "Term"),
    "consent": ("主体授权", "Subject authorization"), "quota": ("配额", "Quota"),
    "context": ("网络与时间", "Network and hours"), "hold": ("停用", "Holds"),
    "obligations": ("义务", "Obligations"),
}
REMEDIES = {
    "AMEND": ("可申请变更授权", "apply for an amendment"),
    "RENEW": ("可申请续期", "apply for renewal"),
    "SUBJECT": ("请取得信息主体授权", "obtain the subject's authorization"),
    "INSTITUTION": ("请贵单位更正请求或配置", "mend the request or configuration at your side"),
    "OPERATOR": ("请联系运营单位", "contact the operator"),
    "RETRY": ("请稍后重试", "try again later"), "NONE": ("不可补救", "there is no remedy"),
}


class DecisionFilters(Filters):
    """What decisions can be narrowed by; `q` is a decision, trace, business or grant number."""

    state: str = Field("", pattern=r"^$|^(PERMIT|DENY)$", title="结果",
                       json_schema_extra={"en": "Result"})
    institution: str = Field("", max_length=64, title="机构编号",
                             json_schema_extra={"en": "Institution"})
    grant: str = Field("", max_length=64, title="授权编号", json_schema_extra={"en": "Grant"})
    product: str = Field("", max_length=64, title="产品编号", json_schema_extra={"en": "Product"})
    reason: str = Field("", max_length=64, title="原因代码", json_schema_extra={"en": "Reason"})
    subject: str = Field("", max_length=64, title="主体证照号码",
                         json_schema_extra={"en": "Number of the data subject"})
    begins: str = Field("", pattern=DAY, title="起始日期", json_schema_extra={"en": "From"})
    ends: str = Field("", pattern=DAY, title="截止日期", json_schema_extra={"en": "To"})


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
class Dimension:
    """One dimension of the evaluation and its result."""

    name: str
    zh: str
    en: str
    result: str


@dataclass(frozen=True)
class Link:
    """One link of the authority chain as the decision found it."""

    link: str
    id: str
    version: int


@dataclass(frozen=True)
class DecisionSheet:
    """One decision in full. `explanation_*` may be read out to the caller as it stands;
    `holds` says that the sealed facts still have the digest the index names."""

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


@dataclass(frozen=True)
class Denial:
    """A refused call in words, as a case that was born from it tells it."""

    number: str
    zh: str
    en: str


@query("decision", "决策记录", "Decisions")
def decisions(rt, caller: Caller, filters: DecisionFilters) -> Page[DecisionLine]:
    """Decisions, the newest first."""
    may_read(rt, caller, "decision")
    with read(rt) as session:
        statement = _narrowed(rt, session, filters)
        names = _institutions(session)
        return page_of(session, caller, DecisionIndex, statement, filters,
                       order=(DecisionIndex.seq.desc(),), line=lambda row: _line(row, names))


def _narrowed(rt, session: Session, filters: DecisionFilters):
    statement = select(DecisionIndex)
    if filters.q:
        statement = statement.where(or_(*(column == filters.q for column in (
            DecisionIndex.id, DecisionIndex.trace_id, DecisionIndex.business_ref,
            DecisionIndex.grant))))
    if filters.state:
        statement = statement.where(DecisionIndex.permits == (filters.state == "PERMIT"))
    for name, column in (("grant", DecisionIndex.grant), ("product", DecisionIndex.product)):
        if getattr(filters, name):
            statement = statement.where(column == getattr(filters, name))
    if filters.institution:
        key = session.exec(select(Institution.id).where(
            Institution.number == filters.institution)).first()
        statement = statement.where(DecisionIndex.institution_id == (key or "-"))
    if filters.reason:
        statement = statement.where((" " + DecisionIndex.codes + " ").contains(
            f" {filters.reason} ", autoescape=True))
    if filters.subject:
        statement = statement.where(DecisionIndex.subject.in_(
            [rt.subject_hash(kind, filters.subject) for kind in rt.law.vocabulary.subject_kinds]))
    return _within(statement, filters)


def _within(statement, filters: DecisionFilters):
    """Decisions of these days. The trail is in order of time, so days are ranges of its places."""
    places = select(func.min(TrailEntry.seq)).where
    if filters.begins:
        first = places(TrailEntry.at >= instant(start_of(_day(filters.begins))))
        statement = statement.where(DecisionIndex.seq >= func.coalesce(
            first.scalar_subquery(), AFTER_ALL))
    if filters.ends:
        after = places(TrailEntry.at >= instant(start_of(_day(filters.ends) + timedelta(days=1))))
        statement = statement.where(DecisionIndex.seq < func.coalesce(
            after.scalar_subquery(), AFTER_ALL))
    return statement


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("日期不存在", "there is no such day") from None


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
        row = _found(session, caller, ref)
        entry = session.get(TrailEntry, row.seq)
        names = _institutions(session)
        facts = json.loads(entry.body)["facts"]
        reasons = _reasons(rt, session, facts)
        called = titles(session, facts.get("input", {}).get("product", ""))
    line = _line(row, names)
    zh, en = explanation(line, reasons, rt.law)
    results = facts.get("dimensions", {})
    return DecisionSheet(
        line.id, line.number, line.at, line.state, line.institution, line.institution_name,
        line.app, line.product, line.grant, facts.get("grant_version", 0), line.purpose,
        line.trace_id, line.business_ref, row.epoch,
        tuple(Dimension(name, *DIMENSIONS[name], results[name])
              for name, _ in ORDER if name in results),
        reasons, tuple(Link(*link) for link in facts.get("chain", ())), facts.get("fields", {}),
        owed(facts.get("obligations", []), called, rt.law), facts.get("input", {}),
        facts.get("policy_digest", ""), facts["rulebook"], row.digest,
        digest(facts) == row.digest, row.seq, bytes(entry.leaf).hex(), zh, en)


def _found(session: Session, caller: Caller, ref: str) -> DecisionIndex:
    statement = select(DecisionIndex).where(or_(DecisionIndex.id == ref,
                                                DecisionIndex.trace_id == ref))
    row = session.exec(statement.order_by(DecisionIndex.seq.desc())).first()
    if row is None and ref.isdecimal() and len(ref) < 16:
        row = session.get(DecisionIndex, int(ref))
    if row is None or not visible(row, caller):
        raise NotFound("没有这条决策记录，或不在您的可见范围", "no such decision within your view",
                       noun="decision")
    return row


def denial(rt, session: Session, caller: Caller, number: str) -> Denial | None:
    """The denial of this number, where the caller may read it."""
    row = session.exec(select(DecisionIndex).where(DecisionIndex.id == number)).first()
    if (row is None or row.permits or not visible(row, caller)
            or not rt.staff.permits(caller.roles, "decision", "read")):
        return None
    facts = json.loads(session.get(TrailEntry, row.seq).body)["facts"]
    line = _line(row, _institutions(session))
    return Denial(row.id, *explanation(line, _reasons(rt, session, facts), rt.law))


def _reasons(rt, session: Session, facts: dict) -> tuple[Told, ...]:
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
