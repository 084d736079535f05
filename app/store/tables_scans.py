"""Sources that are scanned, the runs over them, and what each run keeps of each table."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class ScanSource(Registered, table=True):
    """数据源. `address` names no password; `tables` are patterns of names, none means all."""

    __tablename__ = "scan_source"
    noun: ClassVar[str] = "scan_source"

    number: str = Field(unique=True)
    name: str
    department_id: str = Field(index=True)
    address: str
    tables: list = json_field(list)
    rows: int
    schedule: str = "NONE"
    state: str = Field(index=True)


class ScanSecret(SQLModel, table=True):
    """The password of a source's account, sealed; it stands in no version and no entry."""

    __tablename__ = "scan_secret"

    source_id: str = Field(primary_key=True)
    sealed: str
    changed_at: datetime = instant_field()


class ScanRun(Registered, table=True):
    """扫描. `holder` scans until `held_until` and says again and again that it lives; the counts
    and the lease change without a version. `tries` counts how often it was taken up since a table
    was last finished. `skipped` are `{table, zh, en}`, `failure` the same without a table,
    `dropped` are `{table, table_id}`: tables the last run read that the source has no more."""

    __tablename__ = "scan_run"
    noun: ClassVar[str] = "scan_run"
    history: ClassVar[bool] = False

    number: str = Field(unique=True)
    source_id: str = Field(index=True)
    state: str = Field(index=True)
    asked_by: str
    afresh: bool = False
    rules: str = ""
    total: int = 0
    finished: int = 0
    skipped: list = json_field(list)
    dropped: list = json_field(list)
    failure: dict = json_field(dict)
    started_at: datetime | None = instant_field(default=None)
    ended_at: datetime | None = instant_field(default=None)
    holder: str = ""
    held_until: datetime | None = instant_field(default=None)
    tries: int = 0


class ScanTable(SQLModel, table=True):
    """What one run found in one table: verdicts, profiles of counts and shapes, no value.

    `verdicts` are by column `{type, element, identifier, level, personal, confidence, why}`;
    `read_at` is when its rows were read, which for an unchanged table is an earlier run. `columns`,
    `personal` and `changed` count verdicts, those on personal information, and changes.
    """

    __tablename__ = "scan_table"
    __table_args__ = (UniqueConstraint("run_id", "name"),)
    noun: ClassVar[str] = "scan_table"
    scope: ClassVar[str] = "staff"

    id: str = Field(primary_key=True)
    run_id: str = Field(index=True)
    source_id: str = Field(index=True)
    name: str
    title: str = ""
    state: str
    fingerprint: str
    at: datetime = instant_field()
    read_at: datetime = instant_field()
    rows: int = 0
    rows_total: int | None = Field(default=None, sa_type=BigInteger)
    level: int = 0
    columns: int = 0
    personal: int = 0
    changed: int = 0
    dataset_id: str = ""
    verdicts: dict = json_field(dict)
    profiles: dict = json_field(dict)
    changes: list = json_field(list)
    notes: list = json_field(list)
