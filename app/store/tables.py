"""Rows every noun shares: trail, transitions, versions, endorsements, clocks, tasks, numbers."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint, literal_column
from sqlmodel import Field, SQLModel

from app.store.bodies import Body
from app.store.columns import index_where, instant_field, json_field, place_field


class Registered(SQLModel):
    """What every registered object has. `version` rises by one with each change (ETag, replay).

    `noun` names the object in the trail; `scope` says whose it is: `staff` (the zone's own),
    `institution` or `department` (the row's owner column), `open` (everybody signed in).
    With `history`, each version is kept append-only in `object_version`.
    """

    noun: ClassVar[str] = ""
    scope: ClassVar[str] = "staff"
    history: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    version: int = Field(default=1, nullable=False)
    created_at: datetime = instant_field()
    updated_at: datetime = instant_field()


class TrailHead(SQLModel, table=True):
    """The one row every act locks last: size and frontier of the tree, and the policy epoch."""

    __tablename__ = "trail_head"

    id: int = Field(primary_key=True)
    size: int = place_field(default=0)
    frontier: bytes = Field(default=b"", sa_type=LargeBinary)
    last_at: str = ""
    epoch: int = 0


class TrailStream(SQLModel, table=True):
    """How many entries each stream holds."""

    __tablename__ = "trail_stream"

    stream: str = Field(primary_key=True)
    count: int = place_field(default=0)


# Kinds of entries that are decisions, as an index says them.
DECIDED = (literal_column("'decision.permit'"), literal_column("'decision.deny'"))


class TrailEntry(SQLModel, table=True):
    """One sealed entry; `body` is canonical JSON, `leaf` its RFC 6962 leaf hash.

    Decisions are found by their own table, and instants by places, which are in the order of time.
    On PostgreSQL it lies in ranges of `seq`, where a key without `seq` holds within a range only:
    there the head's guard says that each stream is numbered once and without a gap.
    """

    __tablename__ = "trail_entry"
    __table_args__ = (UniqueConstraint("stream", "stream_seq").ddl_if(dialect="sqlite"),
                      index_where("ix_trail_entry_ref", "ref",
                                  "kind NOT IN ('decision.permit', 'decision.deny')"),
                      {"postgresql_partition_by": "RANGE (seq)"})

    seq: int = place_field(primary_key=True)
    stream: str
    stream_seq: int = place_field()
    kind: str
    ref: str
    at: str
    leaf: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=Body)


class TrailPrivate(SQLModel, table=True):
    """Salt and value behind a commitment of an entry; may be erased, the leaf stays valid."""

    __tablename__ = "trail_private"

    seq: int = place_field(primary_key=True)
    name: str = Field(primary_key=True)
    salt: str
    value: str


class PolicyChange(SQLModel, table=True):
    """Which object changed at which epoch, for replicas that follow by difference."""

    __tablename__ = "policy_change"

    epoch: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    noun: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    stops: bool = False


class Transition(SQLModel, table=True):
    """One move of one object: what, from, to, by whom, in which duty, why, under which entry."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_object", "noun", "object_id"),)

    id: str = Field(primary_key=True)
    seq: int = place_field()
    noun: str
    object_id: str
    object_version: int
    action: str
    source: str
    target: str
    duty: str
    person: str
    account: str
    on_behalf_of: str | None = None
    capacity: str
    roles: list = json_field(list)
    reason_code: str = ""
    reason: str = ""
    evidence: list = json_field(list)
    relied_on: dict = json_field(dict)
    before: str | None = None
    after: str
    at: datetime = instant_field()
    source_ip: str | None = None


class ObjectVersion(SQLModel, table=True):
    """What an object was from one instant on; append-only, so replay is a query."""

    __tablename__ = "object_version"

    noun: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = place_field()
    valid_from: datetime = instant_field()
    digest: str
    body: dict = json_field(dict)


class Endorsement(SQLModel, table=True):
    """One person's hand under a move that needs several; `digest` binds it to what was proposed."""

    __tablename__ = "endorsement"
    __table_args__ = (Index("ix_endorsement_object", "noun", "object_id"),)

    id: str = Field(primary_key=True)
    noun: str
    object_id: str
    action: str
    seat: str
    person: str
    on_behalf_of: str | None = None
    account: str
    name: str
    reason: str = ""
    payload: dict = json_field(dict)
    digest: str
    at: datetime = instant_field()
    state: str = "OPEN"


class Task(SQLModel, table=True):
    """Something a role, or one person, owes to a case."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_open", "done_at", "role"),
                      Index("ix_task_object", "noun", "object_id"))

    id: str = Field(primary_key=True)
    noun: str
    object_id: str
    number: str
    title: str
    action: str
    role: str
    institution_id: str | None = None
    department_id: str | None = None
    assignee: str | None = None
    opened_at: datetime = instant_field()
    due_at: datetime | None = instant_field(default=None)
    paused_at: datetime | None = instant_field(default=None)
    done_at: datetime | None = instant_field(default=None)
    done_by: str | None = None


class Clock(SQLModel, table=True):
    """A running time limit of a case, in working or calendar days, with its pauses."""

    __tablename__ = "clock"
    __table_args__ = (Index("ix_clock_object", "noun", "object_id"),)

    id: str = Field(primary_key=True)
    noun: str
    object_id: str
    kind: str
    days: int
    working: bool = True
    started_at: datetime = instant_field()
    due_at: datetime = instant_field()
    provisional: bool = False
    pauses: list = json_field(list)
    paused_at: datetime | None = instant_field(default=None)
    stopped_at: datetime | None = instant_field(default=None)
    breached_at: datetime | None = instant_field(default=None)


class NumberSeries(SQLModel, table=True):
    """The last number given in a series of a year; taken inside the act, so it has no gap."""

    __tablename__ = "number_series"

    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int = 0


class Attachment(SQLModel, table=True):
    """A file by its digest, so that a pack and a backup are whole."""

    __tablename__ = "attachment"

    sha256: str = Field(primary_key=True)
    name: str
    media_type: str
    size: int
    body: bytes = Field(sa_type=LargeBinary)
    institution_id: str | None = None
    department_id: str | None = None
    account: str
    at: datetime = instant_field()
