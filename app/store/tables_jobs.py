"""Leases of jobs: any number of jobs processes may run, one does each job at a time."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.store.columns import instant_field


class JobLease(SQLModel, table=True):
    """Who does a job now and until when, and when it was last done."""

    __tablename__ = "job_lease"

    name: str = Field(primary_key=True)
    owner: str
    until: datetime = instant_field()
    done_at: datetime | None = instant_field(default=None)
    failure: str = ""
