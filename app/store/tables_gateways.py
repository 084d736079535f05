"""Gateways: the routes by which their calls are questions, and the processes that answer them."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class Route(Registered, table=True):
    """网关路由. `sources` maps members of the question to where they come from, as
    `header:x-client-app`. `place` is host, method and shape while the route may be used, so that
    no two live ones are alike."""

    __tablename__ = "route"
    noun: ClassVar[str] = "route"

    number: str = Field(unique=True)
    name: str
    state: str
    host: str = Field(index=True)
    method: str
    pattern: str
    place: str = Field(unique=True)
    action: str
    channel: str
    environment: str
    sources: dict = json_field(dict)
    proposed_by: str


class ProcessBeat(SQLModel, table=True):
    """A process that decides, and the policy epoch it last confirmed."""

    __tablename__ = "process_beat"

    process: str = Field(primary_key=True)
    host: str
    pid: int
    epoch: int
    confirmed_at: datetime = instant_field()
    started_at: datetime = instant_field()
