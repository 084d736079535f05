"""Security keys and their challenges as rows: the statements around WebAuthn."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, select

from app.store.sign_ins import hashed_token
from app.store.tables_security_keys import KeyChallenge, SecurityKey


def keys_of(session: Session, account_id: str) -> list[SecurityKey]:
    """The keys of an account, the oldest first."""
    return list(session.exec(select(SecurityKey).where(
        SecurityKey.account_id == account_id).order_by(SecurityKey.added_at, SecurityKey.id)))


def count_keys(session: Session, account_id: str) -> int:
    """How many keys an account has."""
    return session.exec(select(func.count()).select_from(SecurityKey).where(
        SecurityKey.account_id == account_id)).one()


def take(session: Session, challenge: str, bound_to: str, at: datetime) -> bool:
    """Use a challenge up: true once, for whom it was made, in its time."""
    return session.connection().execute(delete(KeyChallenge).where(
        KeyChallenge.challenge_hash == hashed_token(challenge),
        KeyChallenge.bound_to == bound_to, KeyChallenge.expires_at > at)).rowcount == 1


def forget_keys(session: Session, account_id: str) -> None:
    """The account has no key any more."""
    session.connection().execute(delete(SecurityKey).where(SecurityKey.account_id == account_id))


def sweep(session: Session, at: datetime) -> None:
    """Challenges whose time is over are removed."""
    session.connection().execute(delete(KeyChallenge).where(KeyChallenge.expires_at <= at))
