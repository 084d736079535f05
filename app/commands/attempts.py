"""A try at proving who one is: counted as a failure before it is judged, taken back when right.

So parallel guesses and a process that dies never count for less. Source: requirements A05, A06.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import TooMany
from app.domain.sign_ins import locked_until, source_wait
from app.store import sign_ins
from app.store.security_keys import keys_of
from app.store.tables_people import Account, AccountSecret, SignInAttempt
from app.store.unit import Act, begin

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,63}")
STRANGER = Caller(account="unknown", person="unknown", name="", roles=frozenset())


@dataclass(frozen=True)
class KnownKey:
    """A security key as an attempt knows it."""

    id: str
    public_key: str


@dataclass(frozen=True)
class Attempt:
    """A reserved try: what it will be judged against, and the rows that count it. `keys` are the
    account's security keys by their names in WebAuthn."""

    key: str
    at: datetime
    locked: bool
    rows: tuple[str, ...]
    account_id: str = ""
    institution: str | None = None
    password_hash: str = ""
    totp_secret: str = ""
    keys: Mapping[str, KnownKey] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return f"account/{self.account_id or 'unknown'}"


def named(login: str) -> str:
    """A login as it is looked up."""
    return login.strip().casefold()


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
        account_id = account_id or _known(act, login)
        # The secret's row is the lock under which the tries of one account are counted.
        secret = act.find(AccountSecret, account_id) if account_id else None
        key = f"account/{account_id}" if account_id else f"login/{sign_ins.hashed_token(login)}"
        locked = locked_until(sign_ins.failures(act.session, key, act.at), act.at) is not None
        rows = tuple(act.add(SignInAttempt(id=act.new_id(), key=name, at=act.at)).id
                     for name in ((source,) if locked else (key, source)))
        account = act.session.get(Account, account_id) if account_id else None
        keys = {row.credential_id: KnownKey(row.id, row.public_key)
                for row in keys_of(act.session, account_id)}
    if secret is None or locked:
        return Attempt(key, act.at, locked, rows, account_id,
                       account.institution_id if account else None)
    return Attempt(key, act.at, False, rows, account_id, account.institution_id,
                   secret.password_hash, secret.totp_secret, keys)


def _known(act: Act, login: str) -> str:
    """The id behind a login, empty for none; text that cannot be a login is not looked up."""
    if not LOGIN.fullmatch(login):
        return ""
    return act.first(select(Account.id).where(Account.login == login)) or ""


def refuse(act: Act, attempt: Attempt, why: str, source_ip: str) -> None:
    """The try stays counted; why it failed is sealed, with when a lock it caused ends."""
    lock = locked_until(sign_ins.failures(act.session, attempt.key, act.at), act.at)
    facts = {"locked_until": instant(lock)} if lock else {}
    act.record("session.refuse", attempt.ref, institution=attempt.institution, why=why,
               private={"source_ip": source_ip}, **facts)


def proved(act: Act, attempt: Attempt) -> None:
    """The try was right: it and the failures before it count no more."""
    sign_ins.forget(act.session, attempt.key)
    for row in attempt.rows:
        sign_ins.withdraw(act.session, row)
