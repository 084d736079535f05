"""Natural persons and their accounts; duties are separated by person, not by account."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import synonym
from sqlmodel import Field, SQLModel

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class Person(Registered, table=True):
    """A natural person; `interests` are ids of institutions or departments declared."""

    __tablename__ = "person"
    noun: ClassVar[str] = "person"

    name: str
    employer: str = ""
    interests: list = json_field(list)


class Account(Registered, table=True):
    """How a person signs in: staff of the zone, or of one institution or department.

    `qualified` are roles the person may stand in for; holding a role needs no mention there.
    """

    __tablename__ = "account"
    noun: ClassVar[str] = "account"

    login: str = Field(unique=True, index=True)
    person_id: str = Field(index=True)
    name: str
    state: str = "ACTIVE"
    roles: list = json_field(list)
    qualified: list = json_field(list)
    institution_id: str | None = Field(default=None, index=True)
    department_id: str | None = Field(default=None, index=True)
    language: str = "zh"


# People name an account by its login, as they name a grant by its number; no login is an id.
Account.number = synonym("login")


class AccountSecret(SQLModel, table=True):
    """What an account proves itself by; held apart so that no version and no entry repeats it.

    `password_hash` is Argon2id; `totp_secret` is sealed with the field key; `totp_step` is the
    last accepted step, so that a code works once.
    """

    __tablename__ = "account_secret"

    account_id: str = Field(primary_key=True)
    password_hash: str = ""
    password_set_at: datetime | None = instant_field(default=None)
    totp_secret: str = ""
    totp_step: int = 0


class OneTimeLink(SQLModel, table=True):
    """A link that works once and for a time; only its hash is kept.

    `kind` is FIRST (names the first administrators), INVITE (sets password and second factor) or
    PASSWORD (sets a password, asks for the second factor).
    """

    __tablename__ = "one_time_link"

    token_hash: str = Field(primary_key=True)
    kind: str
    account_id: str = Field(default="", index=True)
    totp_secret: str = ""
    created_at: datetime = instant_field()
    expires_at: datetime = instant_field()
    used_at: datetime | None = instant_field(default=None)


class Delegation(Registered, table=True):
    """委托代理: an account acts in another's name, for some roles, in a period.

    A queue is a role's (`Task.role`), so the roles say the queues too.
    """

    __tablename__ = "delegation"
    noun: ClassVar[str] = "delegation"

    number: str = Field(unique=True, index=True)
    delegator_id: str = Field(index=True)
    delegate_id: str = Field(index=True)
    delegator_name: str
    delegate_name: str
    roles: list = json_field(list)
    begins: datetime = instant_field()
    ends: datetime = instant_field()
    reason: str
    created_by: str
    state: str = "PROPOSED"


class SignInSession(SQLModel, table=True):
    """A session on the server; the cookie's value is stored hashed.

    `delegation_id` names the delegation the person acts under now, if any; `offers_keys` tells
    that the browser said it has WebAuthn.
    """

    __tablename__ = "session"

    id_hash: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    created_at: datetime = instant_field()
    seen_at: datetime = instant_field()
    factor_at: datetime | None = instant_field(default=None)
    ended_at: datetime | None = instant_field(default=None)
    source_ip: str | None = None
    delegation_id: str | None = None
    offers_keys: bool = False


class SignInAttempt(SQLModel, table=True):
    """A failed sign-in of an account or a source; counted across processes and restarts."""

    __tablename__ = "sign_in_attempt"

    id: str = Field(primary_key=True)
    key: str = Field(index=True)
    at: datetime = instant_field()


class RateCounter(SQLModel, table=True):
    """Requests of one key in one window; one row for all processes."""

    __tablename__ = "rate_counter"

    key: str = Field(primary_key=True)
    window: str = Field(primary_key=True)
    count: int = 0
