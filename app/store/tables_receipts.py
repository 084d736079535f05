"""Receipts of enforcement points, calls as gateways logged them, and what does not agree."""

from typing import ClassVar

from sqlmodel import Field, SQLModel

from app.store.columns import json_field
from app.store.tables import Registered


class Receipt(SQLModel, table=True):
    """回执 of one decision. `digest` is over the canonical body; a second one that differs is
    refused. It is sealed as `decision.receipt`."""

    __tablename__ = "receipt"

    decision: str = Field(primary_key=True)
    institution_id: str = ""
    credential: str
    outcome: str
    digest: str
    at: str = Field(index=True)
    body: dict = json_field(dict)


class GatewayCall(SQLModel, table=True):
    """A call a gateway let through, by the decision it names; `file` is the log it stood in."""

    __tablename__ = "gateway_call"

    decision: str = Field(primary_key=True)
    at: str = Field(index=True)
    status: int
    file: str


class Finding(Registered, table=True):
    """对账发现. `place` is the kind and what it is about, so that nothing is found twice; `refs`
    names what it rests on."""

    __tablename__ = "finding"
    noun: ClassVar[str] = "finding"

    place: str = Field(unique=True)
    kind: str = Field(index=True)
    severity: str
    state: str = Field(index=True)
    decision: str = Field(default="", index=True)
    credential: str = ""
    institution_number: str = ""
    refs: dict = json_field(dict)
