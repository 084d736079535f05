"""The index of decisions: what they are searched by. The decision itself is its trail entry."""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import place_field


class DecisionIndex(SQLModel, table=True):
    """One line per decision, under the `seq` of the entry that holds it.

    `digest` is over the sealed facts. `trace_id` and `business_ref` are the caller's own numbers:
    they stand here only, where they can be erased, and never in the trail. On PostgreSQL the index
    lies in ranges of `seq`; that no `id` is given twice is said by the head's guard.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_institution", "institution_id", "seq"),
                      Index("ix_decision_grant", "grant", "seq"),
                      UniqueConstraint("id").ddl_if(dialect="sqlite"),
                      {"postgresql_partition_by": "RANGE (seq)"})
    noun: ClassVar[str] = "decision"
    scope: ClassVar[str] = "institution"

    seq: int = place_field(primary_key=True)
    id: str
    at: str
    permits: bool
    institution_id: str = ""
    app: str = ""
    product: str = ""
    grant: str = ""
    purpose: str = ""
    action: str = ""
    codes: str = ""
    trace_id: str = Field(default="", index=True)
    business_ref: str = Field(default="", index=True)
    subject: str = Field(default="", index=True)
    epoch: int
    digest: str
