"""Signing in and out: one answer for every failure, few guesses, every outcome on the trail.

An attempt is reserved as a failure before it is judged and taken back when it proves right, so
parallel guesses and a process that dies never count for less. Judging happens between two short
acts, because Argon2 is slow on purpose. Source: requirements A01 and A03 to A12.
"""

import contextlib
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from app.commands.links import place
from app.domain.accounts import State
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import NotAllowed, NotFound, NotRecorded, TooMany, Unidentified
from app.domain.roles import ADMINISTRATORS
from app.domain.sign_ins import ABSOLUTE, NOTED_EVERY, locked_until, source_wait
from app.engines import one_time_codes, password_hashes
from app.engines.field_box import Unreadable, open_box
from app.store import sign_ins
from app.store.tables_people import Account, AccountSecret, SignInAttempt, SignInSession
from app.store.unit import Act, begin, read

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,63}")
STRANGER = Caller(account="unknown", person="unknown", name="", roles=frozenset())


@dataclass(frozen=True)
class Opened:
    """A new session. `token` is known to the caller only from now on."""

    token: str
    account: str
    name: str
    language: str
    ends_at: datetime


@dataclass(frozen=True)
class Attempt:
    """A reserved try: what it will be judged against, and the rows that count it."""

    key: str
    at: datetime
    locked: bool
    rows: tuple[str, ...]
    account_id: str = ""
    institution: str | None = None
    password_hash: str = ""
    totp_secret: str = ""

    @property
    def ref(self) -> str:
        return f"account/{self.account_id or 'unknown'}"


def caller_of(account: Account, source_ip: str | None, session: str | None = None) -> Caller:
    """The caller an account is, for the acts of signing in itself."""
    return Caller(account=account.id, person=account.person_id, name=account.name,
                  roles=frozenset(account.roles), institution=account.institution_id,
                  department=account.department_id, source_ip=source_ip, session=session,
                  language=account.language)


def sign_in(rt, login: str, password: str, code: str, source_ip: str) -> Opened:
    """A session for the right password and the right unused code, given together.

    Raises:
        Unidentified: always in the same words, whatever was wrong.
        TooMany: the source has failed too often.
    """
    attempt = reserve(rt, source_ip, login=login.strip().casefold())
    password_is_right = password_hashes.matches(attempt.password_hash, password)
    step = step_of(rt, attempt, code)
    stronger = ""
    if password_is_right and password_hashes.is_weaker(attempt.password_hash):
        stronger = password_hashes.hashed(password)
    opened = None
    with begin(rt, STRANGER) as act:
        why = _why_not(attempt, password_is_right, step)
        account = act.find(Account, attempt.account_id) if not why else None
        secret = act.find(AccountSecret, attempt.account_id) if account else None
        why = why or _why_not_now(account, secret, attempt, step)
        if why:
            _refuse(act, attempt, why, source_ip)
        else:
            act.caller = caller_of(account, source_ip)
            secret.totp_step, secret.password_hash = step, stronger or secret.password_hash
            _proved(act, attempt)
            opened = open_session(act, account, source_ip, "TOTP")
    if opened is None:
        raise Unidentified("账号、口令或动态口令不正确，或账号暂时锁定",
                           "account, password or code is wrong, or the account is locked for now",
                           code="ID.SIGN_IN_REFUSED")
    return opened


def reserve(rt, source_ip: str, *, login: str = "", account_id: str = "") -> Attempt:
    """Count a try before judging it; a locked account's tries are not judged at all.

    Raises:
        TooMany: this source must wait; nothing is judged or counted.
    """
    source = f"source/{source_ip}"
    with begin(rt, STRANGER) as act:
        wait = source_wait(sign_ins.failures(act.session, source, act.at), act.at)
        if wait:
            raise TooMany("此来源登录失败过多，请稍候再试", "too many failures from this source",
                          retry_after=wait)
        account_id = account_id or _named(act, login)
        # The secret's row is the lock under which the tries of one account are counted.
        secret = act.find(AccountSecret, account_id) if account_id else None
        key = f"account/{account_id}" if account_id else f"login/{sign_ins.hashed_token(login)}"
        locked = locked_until(sign_ins.failures(act.session, key, act.at), act.at) is not None
        rows = tuple(act.add(SignInAttempt(id=act.new_id(), key=name, at=act.at)).id
                     for name in ((source,) if locked else (key, source)))
        account = act.session.get(Account, account_id) if account_id else None
    if secret is None or locked:
        return Attempt(key, act.at, locked, rows, account_id,
                       account.institution_id if account else None)
    return Attempt(key, act.at, False, rows, account_id, account.institution_id,
                   secret.password_hash, secret.totp_secret)


def _named(act: Act, login: str) -> str:
    """The id behind a login, empty for none; text that cannot be a login is not looked up."""
    if not LOGIN.fullmatch(login):
        return ""
    return act.first(select(Account.id).where(Account.login == login)) or ""


def step_of(rt, attempt: Attempt, code: str) -> int | None:
    """The step of a right code, None for a wrong one or where none is enrolled."""
    if not attempt.totp_secret:
        return None
    try:
        secret = open_box(rt.settings.data_dir, rt.token).open(attempt.totp_secret,
                                                               place(attempt.account_id))
    except Unreadable:
        return None
    return one_time_codes.step_of(secret, code.replace(" ", ""), attempt.at)


def _why_not(attempt: Attempt, password_is_right: bool, step: int | None) -> str:
    if attempt.locked:
        return "LOCKED"
    if not attempt.account_id:
        return "UNKNOWN"
    if not password_is_right:
        return "PASSWORD"
    return "" if step is not None else "CODE"


def _why_not_now(account: Account | None, secret: AccountSecret | None, attempt: Attempt,
                 step: int | None) -> str:
    """What has changed since the try was reserved, read under the lock (Z06)."""
    if account is None or secret is None or account.state != State.ACTIVE:
        return "STATE"
    if not password_hashes.same(secret.password_hash, attempt.password_hash):
        return "PASSWORD"
    return "REPLAY" if step <= secret.totp_step else ""


def _refuse(act: Act, attempt: Attempt, why: str, source_ip: str) -> None:
    lock = locked_until(sign_ins.failures(act.session, attempt.key, act.at), act.at)
    facts = {"locked_until": instant(lock)} if lock else {}
    act.record("session.refuse", attempt.ref, institution=attempt.institution, why=why,
               private={"source_ip": source_ip}, **facts)


def _proved(act: Act, attempt: Attempt) -> None:
    sign_ins.forget(act.session, attempt.key)
    for row in attempt.rows:
        sign_ins.withdraw(act.session, row)


def open_session(act: Act, account: Account, source_ip: str, factor: str) -> Opened:
    """A new session inside an act; an administrator's other sessions end (A10)."""
    token = act.rt.token(32)
    if set(account.roles) & set(ADMINISTRATORS):
        sign_ins.end_sessions(act.session, account.id, act.at)
    act.add(SignInSession(id_hash=sign_ins.hashed_token(token), account_id=account.id,
                          created_at=act.at, seen_at=act.at, factor_at=act.at,
                          source_ip=source_ip))
    act.record("session.open", f"account/{account.id}", institution=account.institution_id,
               factor=factor, private={"source_ip": source_ip})
    return Opened(token, account.id, account.name, account.language, act.at + ABSOLUTE)


def sign_out(rt, caller: Caller) -> None:
    """The session is dead from now on, whoever holds its cookie."""
    with begin(rt, caller) as act:
        row = act.find(SignInSession, caller.session or "")
        if row is not None and row.ended_at is None:
            row.ended_at = act.at
            act.record("session.close", f"account/{row.account_id}",
                       institution=caller.institution)


def confirm_factor(rt, caller: Caller, code: str) -> None:
    """The second factor again, for high acts of the next five minutes (A12).

    Raises:
        Unidentified: wrong or used code; it counts as a failed sign-in.
    """
    attempt = reserve(rt, caller.source_ip or "", account_id=caller.account)
    step = step_of(rt, attempt, code)
    confirmed = False
    with begin(rt, caller) as act:
        why = _why_not(attempt, True, step)
        account = act.find(Account, caller.account) if not why else None
        secret = act.find(AccountSecret, caller.account) if account else None
        why = why or _why_not_now(account, secret, attempt, step)
        if why:
            _refuse(act, attempt, why, caller.source_ip or "")
        else:
            secret.totp_step = step
            act.find(SignInSession, caller.session).factor_at = act.at
            _proved(act, attempt)
            act.record("session.confirm_factor", f"account/{account.id}",
                       institution=caller.institution)
            confirmed = True
    if not confirmed:
        raise Unidentified("动态口令不正确或已用过，请等待下一个口令",
                           "the code is wrong or was used; wait for the next one",
                           code="ID.CODE_REFUSED")


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
    """Sessions and attempts of the day before yesterday and earlier are removed."""
    with begin(rt, STRANGER) as act:
        sign_ins.sweep(act.session, act.at - timedelta(days=2))
