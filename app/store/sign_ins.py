"""Sessions, attempts and one-time links as rows: the statements around signing in.

Sessions and attempts are not part of the trail; what they lead to is recorded by the commands.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, select

from app.domain.sign_ins import REMEMBERED
from app.store.tables_people import (
    Account,
    AccountSecret,
    Delegation,
    OneTimeLink,
    SignInAttempt,
    SignInSession,
)


def hashed_token(token: str) -> str:
    """How a session id or a link is stored."""
    return "sha256:" + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Known:
    """The rows behind a session."""

    session: SignInSession
    account: Account
    secret: AccountSecret


def known(session: Session, id_hash: str) -> Known | None:
    """Session, account and secret of a stored id; None when one of them is missing."""
    found = session.exec(
        select(SignInSession, Account, AccountSecret)
        .join(Account, Account.id == SignInSession.account_id)
        .join(AccountSecret, AccountSecret.account_id == Account.id)
        .where(SignInSession.id_hash == id_hash)).first()
    return Known(*found) if found else None


def acting_under(session: Session, delegation_id: str) -> tuple[Delegation, Account] | None:
    """A delegation and its delegator's account."""
    return session.exec(
        select(Delegation, Account).join(Account, Account.id == Delegation.delegator_id)
        .where(Delegation.id == delegation_id)).first()


def roles_open_to(session: Session, account: Account, at: datetime) -> set[str]:
    """The roles an account may act in: its own, and those it stands in with now."""
    lent = session.exec(select(Delegation.roles).where(
        Delegation.delegate_id == account.id, Delegation.state == "ACTIVE",
        Delegation.begins <= at, Delegation.ends > at))
    return {*account.roles, *(role for roles in lent for role in roles)}


def failures(session: Session, key: str, at: datetime) -> list[datetime]:
    """When the key failed, as far back as a lock can reach."""
    return list(session.exec(select(SignInAttempt.at).where(
        SignInAttempt.key == key, SignInAttempt.at > at - REMEMBERED)).all())


def forget(session: Session, key: str) -> None:
    """The key has proved itself: its failures no longer count."""
    session.connection().execute(delete(SignInAttempt).where(SignInAttempt.key == key))


def withdraw(session: Session, attempt_id: str) -> None:
    """An attempt turned out not to be a failure."""
    session.connection().execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))


def end_sessions(session: Session, account_id: str, at: datetime) -> None:
    """Every living session of the account is over."""
    session.connection().execute(update(SignInSession).where(
        SignInSession.account_id == account_id, SignInSession.ended_at.is_(None)
    ).values(ended_at=at))


def note_seen(session: Session, id_hash: str, at: datetime) -> None:
    """The session was used now."""
    session.connection().execute(update(SignInSession).where(
        SignInSession.id_hash == id_hash, SignInSession.ended_at.is_(None)).values(seen_at=at))


def void_links(session: Session, account_id: str, at: datetime) -> None:
    """No unused link of the account works any more."""
    session.connection().execute(update(OneTimeLink).where(
        OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None)).values(used_at=at))


def sweep(session: Session, before: datetime) -> None:
    """Rows that nothing can depend on any more are removed."""
    connection = session.connection()
    connection.execute(delete(SignInAttempt).where(SignInAttempt.at < before))
    connection.execute(delete(SignInSession).where(SignInSession.seen_at < before))
