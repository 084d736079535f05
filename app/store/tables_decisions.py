"""The index of decisions: what they are searched by. The decision itself is its trail entry."""

from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class DecisionIndex(SQLModel, table=True):
    """One line per decision, under the `seq` of the entry that holds it.

    `digest` is over the sealed facts. `trace_id` and `business_ref` are the caller's own numbers:
    they stand here only, where they can be erased, and never in the trail.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_institution", "institution_id", "seq"),)
    noun: ClassVar[str] = "decision"
    scope: ClassVar[str] = "institution"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(unique=True)
    at: str
    permits: bool
    institution_id: str = ""
    app: str = ""
    product: str = ""
    grant: str = Field(default="", index=True)
    purpose: str = ""
    action: str = ""
    codes: str = ""
    trace_id: str = Field(default="", index=True)
    business_ref: str = Field(default="", index=True)
    subject: str = Field(default="", index=True)
    epoch: int
    digest: str
