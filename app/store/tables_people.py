"""Natural persons and their accounts; duties are separated by person, not by account."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import LargeBinary
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

    `password_hash` is Argon2id; `totp_secret` is sealed with the field key; `totp_step` is the
    last accepted step, so that a code works once. `state` is ACTIVE or CLOSED.
    """

    __tablename__ = "account"
    noun: ClassVar[str] = "account"

    login: str = Field(unique=True, index=True)
    person_id: str = Field(index=True)
    name: str
    state: str = "ACTIVE"
    roles: list = json_field(list)
    institution_id: str | None = Field(default=None, index=True)
    department_id: str | None = Field(default=None, index=True)
    password_hash: str = ""
    password_set_at: datetime | None = instant_field(default=None)
    totp_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    totp_step: int = 0
    invite_hash: str = ""
    invite_expires_at: datetime | None = instant_field(default=None)
    language: str = "zh"


class SignInSession(SQLModel, table=True):
    """A session on the server; the cookie's value is stored hashed."""

    __tablename__ = "session"

    id_hash: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    csrf: str
    created_at: datetime = instant_field()
    seen_at: datetime = instant_field()
    factor_at: datetime | None = instant_field(default=None)
    ended_at: datetime | None = instant_field(default=None)
    source_ip: str | None = None
    theme: str = "light"


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
