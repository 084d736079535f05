"""Notices: every numbered instrument, what it says, and where its printed copy lies."""

from datetime import date
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.store.columns import json_field
from app.store.tables import Registered


class Notice(Registered, table=True):
    """文书. `serial` is its printed number (文号), gapless per `kind` and `year`; `number` says the
    same in letters an address can carry. `about_*` is the object it was issued on; `payload` is
    everything it says and never changes; `code` is what its reader looks up; `edition` the digest
    of the layout it was printed by; `file` the printed copy's digest; `served` is
    `{on, method, by, to, return}`."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("kind", "year", "n"),)
    noun: ClassVar[str] = "notice"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    serial: str = Field(unique=True)
    kind: str = Field(index=True)
    year: int
    n: int
    state: str = Field(index=True)
    title: str
    recipient: str
    institution_id: str | None = Field(default=None, index=True)
    department_id: str | None = Field(default=None, index=True)
    about_noun: str
    about_id: str = Field(index=True)
    about_number: str
    dated: date
    code: str = Field(unique=True)
    payload: dict = json_field(dict)
    payload_digest: str
    edition: str = ""
    file: str = ""
    served: dict = json_field(dict)
