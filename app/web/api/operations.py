"""What is served to programs: every command, every query, and the addresses pages keep for them.

The addresses of commands and queries are said here once, for the blueprint and the document.
What a page serves to programs is listed by its endpoint; its address is read from the URL map.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from pydantic import BaseModel, Field

from app.commands.command import Command, Done, commands
from app.queries.query import Query, queries
from app.web.routes import action_of, plural

PREFIX = "/api/v1"


def both(zh: str, en: str, between: str = " / ") -> str:
    """A sentence of the document in both languages, Chinese first."""
    return zh + between + en


class Ref(BaseModel):
    """An object by id or number."""

    ref: str = Field(..., min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$",
                     title=both("编号或标识", "number or id"))


@dataclass(frozen=True)
class Files:
    """An answer of bytes: the media types it may have, and whether its ETag is its digest."""

    kinds: tuple[str, ...]
    has_tag: bool = True


@dataclass(frozen=True)
class Operation:
    """One address and method: what it takes, what it gives. `takes` and `gives` are models, or
    `Files`; `gives` None is an empty answer. `acts` changes an object that has versions;
    `is_whole` is a list without pages."""

    method: str
    path: str
    tag: str
    zh: str
    en: str
    takes: object = None
    filters: type[BaseModel] | None = None
    gives: object = None
    status: int = 200
    is_public: bool = False
    acts: bool = False
    is_whole: bool = False


def query_path(query: Query) -> str:
    return f"/{plural(query.noun)}" + ("/<ref>" if query.single else "")


def command_path(command: Command) -> str:
    collection, action = f"/{plural(command.noun)}", command.action.replace("_", "-")
    if command.creates:
        return collection if action == "create" else f"{collection}/{action}"
    return f"{collection}/<ref>/{action}"


def declared() -> Iterator[Operation]:
    """The operations drawn from the tables of commands and queries."""
    for query in queries().values():
        yield Operation("get", PREFIX + query_path(query), plural(query.noun), query.zh, query.en,
                        filters=query.filters, gives=query.answer)
    for command in commands().values():
        yield Operation("post", PREFIX + command_path(command), plural(command.noun), command.zh,
                        command.en, takes=command.body, gives=Done,
                        status=201 if command.creates else 200, acts=not command.creates)


def kept_by_pages(app: Flask, table) -> Iterator[Operation]:
    """The operations of a table (endpoint, method, tag, zh, en, options), where they are served.

    Raises:
        LookupError: an endpoint of the table is not served with its method.
    """
    for endpoint, method, tag, zh, en, options in table:
        rules = [rule.rule for rule in app.url_map.iter_rules(endpoint)
                 if method.upper() in rule.methods] if endpoint in app.view_functions else []
        if not rules:
            raise LookupError(f"nothing serves {method} {endpoint}")
        yield Operation(method, rules[0], tag, zh, en,
                        is_public=action_of(app, endpoint) == "public", **options)
