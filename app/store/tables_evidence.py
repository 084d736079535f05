"""Checkpoints of the trail, what anchors them outside, and packs that were asked for."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from app.store.columns import instant_field, place_field
from app.store.tables import Registered


class TrailTile(SQLModel, table=True):
    """256 hashes of one level of the tree, written once when they are complete.

    `row` 0 holds leaves, row 1 the roots of 256 leaves, and so on. Source: C2SP tlog-tiles.
    """

    __tablename__ = "trail_tile"

    row: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hashes: bytes = Field(sa_type=LargeBinary)


class TrailCheckpoint(SQLModel, table=True):
    """A tree head the jobs process signed; `reason` says why it was made."""

    __tablename__ = "trail_checkpoint"

    size: int = place_field(primary_key=True)
    note: str
    made_at: datetime = instant_field()
    reason: str


class TrailAnchor(SQLModel, table=True):
    """Something outside that saw a checkpoint: today a witness's signature line with its time."""

    __tablename__ = "trail_anchor"

    size: int = place_field(primary_key=True)
    name: str = Field(primary_key=True)
    kind: str = "witness"
    body: str
    seen_at: datetime = instant_field()
    kept_at: datetime = instant_field()


class EvidencePack(Registered, table=True):
    """证据包. `kind` institution, grant or zone; `subject_id` the institution or grant it is about;
    `stream` the institution whose entries it holds, empty for the zone; `level` the redaction."""

    __tablename__ = "evidence_pack"
    noun: ClassVar[str] = "evidence_pack"
    scope: ClassVar[str] = "staff"

    number: str = Field(unique=True)
    state: str = Field(index=True)
    kind: str
    subject_id: str = ""
    subject_number: str = ""
    subject_name: str = ""
    stream: str = ""
    begins: date | None = None
    ends: date | None = None
    level: str
    recipient: str
    legal_basis: str
    purpose: str
    expires: date
    reason: str
    requested_by: str
    anchor_size: int | None = place_field(default=None, nullable=True)
    sha256: str = ""
    bytes: int = 0
    log_size: int = place_field(default=0)
    built_at: datetime | None = instant_field(default=None)
    failure: str = ""
    handed_over: int = 0


class EvidencePackFile(SQLModel, table=True):
    """The bytes of a pack, apart from the row, so that they leave by a recorded hand-over only."""

    __tablename__ = "evidence_pack_file"

    pack_id: str = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)
