"""Rulebooks by digest, and drafts played over past decisions."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from app.store.columns import instant_field, json_field, place_field
from app.store.tables import Registered


class PolicyBundle(SQLModel, table=True):
    """规则集: the rulebooks of one digest, file by file: tried, proposed or in force."""

    __tablename__ = "policy_bundle"
    noun: ClassVar[str] = "policy_bundle"
    scope: ClassVar[str] = "staff"

    digest: str = Field(primary_key=True)
    texts: dict = json_field(dict)
    kept_at: datetime = instant_field()


class WhatIf(Registered, table=True):
    """推演: a draft played over past decisions. `bundle` is the digest of draft rulebooks, or
    `grant_id` names a grant and `rights` what it would allow. The decisions lie between `first`
    and `last` in the trail, of one institution or product where these are named. `holder` plays
    until `held_until`; the lease and what was `played` change without a version. `heard` could be
    made again, `unsure` came out otherwise without the draft too, `left_out` were no decisions on
    a product or not evaluated. `flips` are lines
    `{institution, was, codes, count, examples}`; `found` is their digest."""

    __tablename__ = "what_if"
    noun: ClassVar[str] = "what_if"
    history: ClassVar[bool] = False

    number: str = Field(unique=True)
    kind: str
    state: str = Field(index=True)
    bundle: str = Field(default="", index=True)
    grant_id: str = ""
    rights: dict = json_field(dict)
    institution_id: str = ""
    product: str = ""
    begins: str = ""
    ends: str = ""
    asked_by: str
    first: int = place_field(default=0)
    last: int = place_field(default=0)
    total: int = 0
    played: int = 0
    heard: int = 0
    unsure: int = 0
    left_out: int = 0
    flips: list = json_field(list)
    found: str = ""
    failure: dict = json_field(dict)
    started_at: datetime | None = instant_field(default=None)
    ended_at: datetime | None = instant_field(default=None)
    holder: str = ""
    held_until: datetime | None = instant_field(default=None)
    tries: int = 0


class WhatIfPart(SQLModel, table=True):
    """What came of one stretch of the decisions, up to the place `up_to`: a run that is cut off
    goes on behind its last part."""

    __tablename__ = "what_if_part"

    run_id: str = Field(primary_key=True)
    up_to: int = place_field(primary_key=True)
    heard: int
    unsure: int
    left_out: int
    flips: list = json_field(list)
