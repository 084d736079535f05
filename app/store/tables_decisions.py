"""The index of decisions: what they are searched by. The decision itself is its trail entry."""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, and_, literal_column
from sqlmodel import SQLModel

from app.store.columns import index_where, place_field

# Numbers a call may come without; one without is not indexed for it.
OPTIONAL = ("trace_id", "business_ref", "subject")
EMPTY = literal_column("''")


class DecisionIndex(SQLModel, table=True):
    """One line per decision, under the `seq` of the entry that holds it.

    `trace_id` and `business_ref` are the caller's own numbers: they stand here only, where they can
    be erased, and never in the trail. On PostgreSQL the index lies in ranges of `seq`; that no `id`
    is given twice is said by the head's guard.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_institution", "institution_id", "seq"),
                      Index("ix_decision_grant", "grant", "seq"),
                      index_where("ix_decision_trace_id", "trace_id", "trace_id <> ''"),
                      index_where("ix_decision_business_ref", "business_ref", "business_ref <> ''"),
                      index_where("ix_decision_subject", "subject", "subject <> ''"),
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
    trace_id: str = ""
    business_ref: str = ""
    subject: str = ""
    epoch: int


def bears(column, number: str):
    """That a decision's column holds this number, in words every index of it is found by."""
    if column.key not in OPTIONAL:
        return column == number
    return and_(column == number, column != EMPTY)
