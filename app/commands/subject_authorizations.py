"""Subject authorizations: asked for by an institution, answered and withdrawn by the subject.

What the subject did comes through the institution or a counter until the subject's own pages take
it; whoever files it signs for it. A withdrawal counts from the next decision in every process:
decisions read these rows under the head lock, so nothing has to be told to anybody.
"""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.filing import Code, File, permitted, refuse
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import instant
from app.domain.lifecycle import Move, require
from app.domain.refusals import Refusal
from app.domain.subject_authorizations import (
    ANSWER_WITHIN,
    SUBJECT_AUTHORIZATION,
    Authority,
    Mode,
    State,
    asks_within_grant,
    grant_is_active,
    is_not_cooling_off,
    longest_days,
)
from app.domain.workdays import start_of
from app.store.case_views import rights_or_none
from app.store.chain import current_version
from app.store.situations_consents import consent_situation, cools_until, spent
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_grants import Grant
from app.store.tables_supply import Product
from app.store.unit import Act, begin, read

TOKEN_BYTES = 18
MOST_AT_ONCE = 500
ASKING = Move("request", (), State.REQUESTED, "请求授权", "Request",
              (grant_is_active, asks_within_grant, is_not_cooling_off), duty="make")
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class NewRequest(Body):
    """What a subject is asked to agree to. The number of the subject is hashed and not kept."""

    grant: Text = entry("授权", "Grant", widget="select", options="noun:grant", max_length=64)
    subject_kind: Code = entry("主体类型", "Kind of subject")
    subject_id: Text = entry("主体证照号码", "Number of the subject", min_length=2, max_length=64)
    purposes: list[Code] = entry("目的", "Purposes", min_length=1, max_length=50)
    items: list[Code] = entry("数据项", "Fields", default=[], max_length=200,
                              help_zh="留空为产品的全部数据项", help_en="empty for every field")
    mode: Mode = entry("处理方式", "Mode", default=Mode.VIEW)
    max_uses: int | None = entry("次数上限", "Most uses", default=None, ge=1, le=1_000_000)
    earliest: date | None = entry("数据起始日", "Earliest record date", default=None)
    retention_days: int | None = entry("留存天数", "Days kept", default=None, ge=0, le=36_500)
    last_day: date = entry("授权止期", "Last day", widget="date")
    notice_version: Text = entry("告知文本版本", "Version of the notice", max_length=64)
    notice_digest: Digest = entry("告知文本摘要", "Digest of the notice")


class Signed(Body):
    """How the subject agreed: what was ticked one by one, and the evidence of the signature."""

    channel: Code = entry("签署渠道", "Channel")
    proofing: Code = entry("身份核验级别", "Level of identity proofing")
    certificate: Text = entry("签名证书摘要", "Digest of the certificate", min_length=8,
                              max_length=128)
    signed_at: datetime = entry("签署时间", "Signed at")
    file: File | None = entry("签署文件摘要", "Digest of the signed file", default=None)
    authority: Authority = entry("签署人身份", "Who signed", default=Authority.SELF)
    separate: list[Code] = entry("单独同意", "Separate consents", default=[], max_length=50)
    noted: bool = entry("已告知提供方与接收方", "Provider and receiver were named", default=False)


class Successor(Body):
    """Which authorization stands in its place."""

    by: Text = entry("新的主体授权", "New authorization", max_length=64)


@command("subject_authorization.request", "请求主体授权", "Request an authorization",
         creates=True)
def request(rt, caller: Caller, body: NewRequest) -> Done:
    """The request waits for the subject for seven days."""
    with begin(rt, caller) as act:
        permitted(act, "subject_authorization", "request")
        grant = act.open(Grant, body.grant)
        product = act.session.get(Product, grant.product_id)
        last = start_of(body.last_day + timedelta(days=1))
        refuse(_wrong(act, body, last), "INPUT.INVALID")
        row = act.create(
            SubjectAuthorization, token="sa_" + rt.token(TOKEN_BYTES),
            institution_id=grant.institution_id, state=str(State.REQUESTED),
            subject=rt.subject_hash(body.subject_kind, body.subject_id),
            subject_kind=body.subject_kind, purposes=" ".join(sorted(set(body.purposes))),
            products=product.number, items=" ".join(sorted(set(body.items))),
            mode=str(body.mode), max_uses=body.max_uses, retention_days=body.retention_days,
            earliest=body.earliest.isoformat() if body.earliest else "", valid_from=act.at,
            valid_to=last, notice=f"{body.notice_version} {body.notice_digest}",
            grant_id=grant.id)
        require(ASKING, consent_situation(
            rt, act.session, caller, row, grant_active=grant.state == "ACTIVE",
            within_grant=_is_within(act, grant, body),
            cools_until=cools_until(act.session, row)))
        act.record("subject_authorization.request", f"subject_authorization/{row.id}",
                   institution=row.institution_id, grant=grant.number, subject=row.subject,
                   purposes=row.purposes.split(), ends=instant(last), notice=row.notice)
    return done(row, token=row.token)


def _wrong(act: Act, body: NewRequest, last: datetime) -> list[tuple[str, str, str]]:
    """What of a request is no word of ours or lasts too long."""
    law = act.rt.law
    wrong = [(f"purposes.{at}", "不是末级目的", "is no purpose leaf")
             for at, code in enumerate(body.purposes) if not law.purposes.is_leaf(code)
             or law.purposes[code].prohibited]
    if body.subject_kind not in law.vocabulary.subject_kinds:
        wrong.append(("subject_kind", "未登记的主体类型", "is no kind of subject"))
    longest = None if wrong else longest_days(law.purposes, tuple(body.purposes))
    if last <= act.at or (longest and last > act.at + timedelta(days=longest + 1)):
        wrong.append(("last_day", "授权期限须在今后 12 个月内",
                      "the term ends within the next 12 months"))
    return wrong


def _is_within(act: Act, grant: Grant, body: NewRequest) -> bool:
    version = current_version(act.session, grant)
    rights = rights_or_none(act.rt, version.dimensions) if version else None
    return rights is not None and rights.leaves(act.rt.law.purposes).issuperset(
        body.purposes) and rights.treatments.keys() >= set(body.items)


@command("subject_authorization.give", "确认主体授权", "Give")
def give(rt, caller: Caller, ref: str, body: Signed) -> Done:
    """The subject agreed; it counts from this act on."""
    with begin(rt, caller) as act:
        row = act.open(SubjectAuthorization, ref)
        row.evidence = {"channel": body.channel, "proofing": body.proofing,
                        "certificate": body.certificate, "at": instant(body.signed_at),
                        "file": body.file or "", "authority": str(body.authority)}
        row.separate, row.noted = " ".join(sorted(set(body.separate))), body.noted
        row.valid_from = act.at
        step = advance(act, SUBJECT_AUTHORIZATION, row, "give",
                       consent_situation(rt, act.session, caller, row),
                       record={"separate": row.separate.split(), "proofing": body.proofing})
    return done(row, step, token=row.token)


@command("subject_authorization.refuse", "主体拒绝", "Refuse")
def refuse_request(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The subject refused, and is not asked again for thirty days."""
    return _ended(rt, caller, ref, "refuse")


class Why(Body):
    """A reason may be given and need not be."""

    reason: str = entry("理由", "Reason", default="", widget="textarea", max_length=2000)


@command("subject_authorization.withdraw", "撤回主体授权", "Withdraw")
def withdraw(rt, caller: Caller, ref: str, body: Why) -> Done:
    """The subject withdrew: the next decision anywhere is refused; past ones stand (INV-19)."""
    return _ended(rt, caller, ref, "withdraw", body.reason)


@command("subject_authorization.replace", "替换主体授权", "Replace")
def replace(rt, caller: Caller, ref: str, body: Successor) -> Done:
    """A fresh authorization of the same subject for the same institution takes its place."""
    with begin(rt, caller) as act:
        row = act.open(SubjectAuthorization, ref)
        fresh = act.get(SubjectAuthorization, body.by)
        is_fit = (fresh.id != row.id and fresh.state == State.ACTIVE
                  and (fresh.subject, fresh.institution_id) == (row.subject, row.institution_id))
        row.replaced_by, row.ended_at = (fresh.id if is_fit else ""), act.at
        step = advance(act, SUBJECT_AUTHORIZATION, row, "replace",
                       consent_situation(rt, act.session, caller, row),
                       record={"by": row.replaced_by})
    return done(row, step)


@command("subject_authorization.invalidate", "作废主体授权", "Invalidate", factor=True)
def invalidate(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons find that the evidence does not hold."""
    return _ended(rt, caller, ref, "invalidate", body.reason)


def _ended(rt, caller: Caller, ref: str, action: str, reason: str = "") -> Done:
    with begin(rt, caller) as act:
        row = act.open(SubjectAuthorization, ref)
        step = end(act, row, action, reason)
    return done(row, step)


def end(act: Act, row: SubjectAuthorization, action: str, reason: str = ""):
    """Take an action that ends the authorization; the instant of the end is kept with it."""
    step = advance(act, SUBJECT_AUTHORIZATION, row, action,
                   consent_situation(act.rt, act.session, act.caller, row, reason))
    if step:
        row.ended_at = act.at
    return step


def end_due(rt) -> int:
    """Requests nobody answered lapse, terms end, spent ones are recorded; how many.

    No decision waits for this: each compares the clock and the counter by itself (INV-12).
    """
    at = rt.clock()
    with read(rt) as session:
        found = [(key, "lapse") for key in session.exec(select(SubjectAuthorization.id).where(
            SubjectAuthorization.state == str(State.REQUESTED),
            SubjectAuthorization.created_at <= at - ANSWER_WITHIN).limit(MOST_AT_ONCE))]
        found += [(key, "expire") for key in session.exec(select(SubjectAuthorization.id).where(
            SubjectAuthorization.state == str(State.ACTIVE),
            SubjectAuthorization.valid_to <= at).limit(MOST_AT_ONCE))]
        found += [(key, "exhaust") for key in spent(session, MOST_AT_ONCE)]
    return sum(_move(rt, key, action) for key, action in found)


def _move(rt, key: str, action: str) -> bool:
    """One moved in its own act; False where somebody was faster."""
    try:
        with begin(rt, SYSTEM) as act:
            end(act, act.find(SubjectAuthorization, key), action)
    except Refusal:
        return False
    return True
