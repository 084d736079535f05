"""Signing in and out: one answer for every failure, few guesses, every outcome on the trail.

Login, password and second factor are given together, so that no answer tells which was wrong. They
are judged between two short acts, because Argon2 is slow on purpose. Source: requirements A01 and
A03 to A12.
"""

import contextlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.commands.attempts import STRANGER, named, proved, refuse, reserve
from app.commands.challenges import at_confirming, at_sign_in
from app.commands.links import place
from app.commands.second_factors import refusal, shown, why_not, why_not_now
from app.domain.accounts import State
from app.domain.callers import Caller
from app.domain.refusals import NotAllowed, NotFound, NotRecorded, Unidentified
from app.domain.roles import ADMINISTRATORS
from app.domain.sign_ins import ABSOLUTE, NOTED_EVERY
from app.engines import one_time_codes, password_hashes
from app.engines.field_box import open_box
from app.store import security_keys, sign_ins
from app.store.tables_people import Account, AccountSecret, SignInSession
from app.store.unit import Act, begin, read


@dataclass(frozen=True)
class Opened:
    """A new session. `token` is known to the caller only from now on."""

    token: str
    account: str
    name: str
    language: str
    ends_at: datetime


def caller_of(account: Account, source_ip: str | None, session: str | None = None) -> Caller:
    """The caller an account is, for the acts of signing in itself."""
    return Caller(account=account.id, person=account.person_id, name=account.name,
                  roles=frozenset(account.roles), institution=account.institution_id,
                  department=account.department_id, source_ip=source_ip, session=session,
                  language=account.language)


def sign_in(rt, login: str, password: str, code: str, source_ip: str, *,
            assertion: Mapping | None = None, offers_keys: bool = False) -> Opened:
    """A session for the right password and the right unused second factor, given together: a code
    or, as `assertion`, a key's answer. `offers_keys` is what the browser says of itself.

    Raises:
        Unidentified: always in the same words, whatever was wrong.
        TooMany: the source has failed too often.
    """
    attempt = reserve(rt, source_ip, login=named(login))
    password_is_right = password_hashes.matches(attempt.password_hash, password)
    factor = shown(rt, attempt, code, assertion, at_sign_in(login))
    stronger = ""
    if password_is_right and password_hashes.is_weaker(attempt.password_hash):
        stronger = password_hashes.hashed(password)
    opened = None
    with begin(rt, STRANGER) as act:
        why = why_not(attempt, password_is_right, factor)
        account = act.find(Account, attempt.account_id) if not why else None
        why = why or why_not_now(act, account, attempt, factor)
        if why:
            refuse(act, attempt, why, source_ip)
        else:
            act.caller = caller_of(account, source_ip)
            if stronger:
                act.find(AccountSecret, account.id).password_hash = stronger
            proved(act, attempt)
            opened = open_session(act, account, source_ip, factor.factor, offers_keys)
    if opened is None:
        raise Unidentified("账号、口令或第二因素不正确，或账号暂时锁定",
                           "account, password or second factor is wrong, or the account is locked "
                           "for now", code="ID.SIGN_IN_REFUSED")
    return opened


def open_session(act: Act, account: Account, source_ip: str, factor: str,
                 offers_keys: bool = False) -> Opened:
    """A new session inside an act; an administrator's other sessions end (A10)."""
    token = act.rt.token(32)
    if set(account.roles) & set(ADMINISTRATORS):
        sign_ins.end_sessions(act.session, account.id, act.at)
    act.add(SignInSession(id_hash=sign_ins.hashed_token(token), account_id=account.id,
                          created_at=act.at, seen_at=act.at, factor_at=act.at,
                          source_ip=source_ip, offers_keys=offers_keys))
    act.record("session.open", f"account/{account.id}", institution=account.institution_id,
               factor=factor, private={"source_ip": source_ip})
    return Opened(token, account.id, account.name, account.language, act.at + ABSOLUTE)


def living(act: Act) -> SignInSession:
    """The caller's session, locked.

    Raises:
        NotFound: it has ended since the request came.
    """
    row = act.find(SignInSession, act.caller.session or "")
    if row is None or row.ended_at is not None:
        raise NotFound("没有登录会话", "no session")
    return row


def renewed(act: Act, **changes) -> Opened:
    """The caller's session with some members changed, under a new id; the old id is dead (A09)."""
    old = living(act)
    old.ended_at, token = act.at, act.rt.token(32)
    act.add(SignInSession(**(old.model_dump() | {
        "id_hash": sign_ins.hashed_token(token), "ended_at": None} | changes)))
    account = act.find(Account, old.account_id)
    return Opened(token, account.id, account.name, account.language, old.created_at + ABSOLUTE)


def sign_out(rt, caller: Caller) -> None:
    """The session is dead from now on, whoever holds its cookie."""
    with begin(rt, caller) as act:
        row = act.find(SignInSession, caller.session or "")
        if row is not None and row.ended_at is None:
            row.ended_at = act.at
            act.record("session.close", f"account/{row.account_id}",
                       institution=caller.institution)


def confirm_factor(rt, caller: Caller, code: str, *,
                   assertion: Mapping | None = None) -> Opened:
    """The second factor again, for high acts of the next five minutes (A12), under a new id.

    Raises:
        Unidentified: wrong or used factor; it counts as a failed sign-in.
    """
    attempt = reserve(rt, caller.source_ip or "", account_id=caller.account)
    factor = shown(rt, attempt, code, assertion, at_confirming(caller))
    with begin(rt, caller) as act:
        why = why_not(attempt, True, factor)
        account = act.find(Account, caller.account) if not why else None
        why = why or why_not_now(act, account, attempt, factor)
        if why:
            refuse(act, attempt, why, caller.source_ip or "")
        else:
            opened = renewed(act, factor_at=act.at)
            proved(act, attempt)
            act.record("session.confirm_factor", f"account/{account.id}",
                       institution=caller.institution, factor=factor.factor)
    if why:
        raise refusal(why, assertion is not None)
    return opened


def is_this_machine(source_ip: str) -> bool:
    """Whether the address is loopback; anything that is no address is not."""
    try:
        return ipaddress.ip_address(source_ip).is_loopback
    except ValueError:
        return False


def enter_as(rt, account_id: str, source_ip: str) -> Opened:
    """A demonstration zone's persona, entered from this machine only.

    Raises:
        NotAllowed: not a demonstration zone, or asked from elsewhere.
    """
    if not (rt.settings.demo and is_this_machine(source_ip)):
        raise NotAllowed("仅演示环境可用", "only in a demonstration zone, from this machine")
    with begin(rt, STRANGER) as act:
        account = act.find(Account, account_id)
        if account is None or account.state != State.ACTIVE:
            raise NotFound("没有这个演示人物", "no such persona")
        act.caller = caller_of(account, source_ip)
        return open_session(act, account, source_ip, "DEMO")


def code_for_demo(rt, caller: Caller) -> str:
    """The present code of a persona, so that a visitor can confirm high acts; else empty."""
    if not rt.settings.demo:
        return ""
    with read(rt) as session:
        secret = session.get(AccountSecret, caller.account)
    if secret is None or not secret.totp_secret:
        return ""
    box = open_box(rt.settings.data_dir, rt.token)
    return one_time_codes.code_now(box.open(secret.totp_secret, place(caller.account)), rt.clock())


def note_seen(rt, id_hash: str, seen_at: datetime) -> None:
    """The session was used now; written at most twice a minute, and never for longer than true.

    A store that cannot take it leaves the session to run out.
    """
    at = rt.clock()
    if at - seen_at < NOTED_EVERY:
        return
    with contextlib.suppress(NotRecorded), begin(rt, STRANGER) as act:
        sign_ins.note_seen(act.session, id_hash, act.at)


def sweep(rt) -> None:
    """Sessions and attempts of the day before yesterday and earlier are removed, and challenges
    nobody may answer any more."""
    with begin(rt, STRANGER) as act:
        sign_ins.sweep(act.session, act.at - timedelta(days=2))
        security_keys.sweep(act.session, act.at)
