"""What a query is: a noun, what it may be filtered by, and a function. Pages and API read this.

Every list is bounded and scoped; every answer is a frozen dataclass.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.refusals import NotAllowed, NotFound
from app.domain.wire import in_calendar, is_ref
from app.store import replica
from app.store.scope import scoped, visible

T = TypeVar("T")
MOST = 200


class Filters(BaseModel):
    """What every list can be narrowed by; nouns add their own members."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    q: str = Field("", max_length=100, title="关键字",
                   json_schema_extra={"en": "Keyword"})
    state: str = Field("", max_length=40, title="状态", json_schema_extra={"en": "State"})
    sort: str = Field("", max_length=40, title="排序", json_schema_extra={"en": "Sort"})
    limit: int = Field(50, ge=1, le=MOST, title="每页条数",
                       json_schema_extra={"en": "Items a page"})
    offset: int = Field(0, ge=0, le=1_000_000, title="跳过条数",
                        json_schema_extra={"en": "Items skipped"})

    @field_validator("*", mode="before")
    @classmethod
    def _has_no_nul(cls, value):
        """PostgreSQL has no NUL in text: a filter that holds one finds what it finds without."""
        return value.replace("\x00", "") if isinstance(value, str) else value

    @field_validator("*")
    @classmethod
    def _lies_in_the_calendar(cls, value):
        return in_calendar(value)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: the items, how many there are in all, and where this page lies."""

    items: tuple[T, ...]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True)
class Query:
    """A list or a single object of one noun."""

    noun: str
    run: Callable
    zh: str
    en: str
    single: bool
    filters: type[Filters] | None
    answer: object


_declared: dict[tuple[str, bool], Query] = {}


def query(noun: str, zh: str, en: str, *, single: bool = False) -> Callable[[Callable], Callable]:
    """Declare the function below as the list of a noun, or with `single` as one object of it.

    A list is `(rt, caller, filters) -> Page[Line]`, a single `(rt, caller, ref) -> Sheet`.
    """

    def declare(run: Callable) -> Callable:
        if (noun, single) in _declared:
            raise ValueError(f"`{noun}` is declared twice")
        hints = run.__annotations__

        @wraps(run)
        def asked(rt, caller: Caller, what):
            return replica.asked(rt, lambda: run(rt, caller, what))

        _declared[noun, single] = Query(noun, asked, zh, en, single, hints.get("filters"),
                                        hints["return"])
        return run

    return declare


@cache
def queries() -> dict[tuple[str, bool], Query]:
    """Every query of the product, by (noun, single)."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"app.queries.{module.name}")
    return dict(_declared)


def may_read(rt, caller: Caller, noun: str) -> None:
    """Refuse unless one of the caller's roles may read the noun.

    Raises:
        NotAllowed
    """
    if not rt.staff.permits(caller.roles, noun, "read"):
        raise NotAllowed("您的岗位不能查看此类对象",
                         "your roles do not let you see objects of this kind", noun=noun)


def page_of(session: Session, caller: Caller, model, statement, filters: Filters, *,
            order: Sequence, line: Callable[[object], T]) -> Page[T]:
    """One page of rows within the caller's scope, as lines."""
    statement = scoped(statement, model, caller)
    total = session.exec(select(func.count()).select_from(statement.subquery())).one()
    rows = session.exec(statement.order_by(*order).limit(filters.limit).offset(filters.offset))
    return Page(tuple(line(row) for row in rows.all()), int(total), filters.limit, filters.offset)


def one(session: Session, caller: Caller, model, ref: str):
    """The row by id or number within the caller's scope.

    Raises:
        NotFound: unknown and foreign look the same.
    """
    row = session.get(model, ref) if is_ref(ref) else None
    if row is None and is_ref(ref) and hasattr(model, "number"):
        row = session.exec(select(model).where(model.number == ref)).first()
    if row is None or not visible(row, caller):
        raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                       noun=model.noun)
    return row


def like(text: str) -> str:
    """A LIKE pattern that finds the text itself, wildcards in it taken literally (escape `\\`)."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
