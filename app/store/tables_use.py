"""用量台账: how much of each bound on use is taken, and what permits have set aside.

The rows are written by the ledger under the head lock, and by receipts and releases, which take the
same lock first; they are counters, so they are no part of the trail.
"""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.store.columns import json_field, place_field


class UseCounter(SQLModel, table=True):
    """What is taken of one bound in one window: `key` names whose (`grant/GR-…`), `window` is the
    instant it begins. `reserved` waits for receipts, `used` stays."""

    __tablename__ = "use_counter"

    key: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    window: str = Field(primary_key=True)
    reserved: int = place_field(default=0)
    used: int = place_field(default=0)


class Reservation(SQLModel, table=True):
    """What one permit set aside until its receipt, or until `due`. `counters` are
    `[key, period, window]`; `consent` the id of a subject authorization whose use is reserved;
    `state` RESERVED, COMMITTED or RELEASED."""

    __tablename__ = "reservation"
    __table_args__ = (Index("ix_reservation_due", "state", "due"),)

    decision: str = Field(primary_key=True)
    institution_id: str = ""
    credential: str = ""
    amount: int = 1
    counters: list = json_field(list)
    consent: str = ""
    due: str
    state: str = "RESERVED"
