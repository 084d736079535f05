"""The JSON API: every command and every query of the product, drawn from their own tables.

`GET /api/v1/<nouns>`, `GET /api/v1/<nouns>/<ref>`, `POST /api/v1/<nouns>` where a noun is made,
`POST /api/v1/<nouns>/<ref>/<action>`. Problems are RFC 9457, lists are bounded, objects carry an
ETag and commands honour If-Match.
"""

import re
import typing

from flask import Response, g, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, RootModel, TypeAdapter, create_model

from app.commands.command import Command, Done, commands, perform
from app.domain.refusals import Unidentified
from app.queries.query import Query, queries
from app.web.problems import BadRequest
from app.web.routes import names, plural

PREFIX = "/api/v1"
ETAG = re.compile(r'^(?:W/)?"v(\d{1,9})"$')


class Ref(BaseModel):
    """An object by id or number."""

    ref: str = Field(..., min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    messages: dict[str, str]


def caller():
    """Who asks, or 401."""
    if g.caller is None:
        raise Unidentified("请先登录", "sign in first")
    return g.caller


def seen_version() -> int | None:
    """The version named by If-Match, None when the header is absent.

    Raises:
        BadRequest: the header is there and is not one of our tags.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    match = ETAG.match(header.strip())
    if not match:
        raise BadRequest("If-Match 应为对象的 ETag", "If-Match must be the ETag of the object")
    return int(match.group(1))


def answer(model, value, status: int = 200) -> Response:
    """A value as JSON, with its ETag where it has a version."""
    response = Response(_adapter(model).dump_json(value), status=status,
                        mimetype="application/json")
    version = getattr(value, "version", None)
    if isinstance(version, int):
        tag = f'"v{version}"'
        response.headers["ETag"] = tag
        if request.method == "GET" and request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
    return response


_adapters: dict = {}


def _adapter(model) -> TypeAdapter:
    if model not in _adapters:
        _adapters[model] = TypeAdapter(model)
    return _adapters[model]


def _schema(name: str, model) -> type[BaseModel]:
    return create_model(name, __base__=RootModel[model])


def blueprint(rt) -> APIBlueprint:
    """The whole API as one blueprint."""
    api = APIBlueprint("api", __name__, url_prefix=PREFIX)
    for (_, single), query in sorted(queries().items()):
        (_add_single if single else _add_list)(api, rt, query)
    for command in commands().values():
        (_add_create if command.creates else _add_action)(api, rt, command)
    return api


def _tag(noun: str) -> list[Tag]:
    return [Tag(name=plural(noun))]


def _view(action: str, name: str, annotations: dict, run) -> typing.Callable:
    run.__name__ = run.__qualname__ = name
    run.__annotations__ = annotations
    return names(action)(run)


def _add_list(api: APIBlueprint, rt, query: Query) -> None:
    declared = query

    def run(query):
        return answer(declared.answer, declared.run(rt, caller(), query))

    _view(f"{query.noun}.read", f"list_{query.noun}", {"query": query.filters}, run)
    api.get(f"/{plural(query.noun)}", summary=query.en, tags=_tag(query.noun),
            responses={200: _schema(f"{query.noun}_page", query.answer)})(run)


def _add_single(api: APIBlueprint, rt, query: Query) -> None:
    def run(path):
        return answer(query.answer, query.run(rt, caller(), path.ref))

    _view(f"{query.noun}.read", f"get_{query.noun}", {"path": Ref}, run)
    api.get(f"/{plural(query.noun)}/<ref>", summary=query.en, tags=_tag(query.noun),
            responses={200: _schema(query.noun, query.answer)})(run)


def _add_create(api: APIBlueprint, rt, command: Command) -> None:
    tail = "" if command.action == "create" else f"/{command.action.replace('_', '-')}"

    def run(body):
        return answer(Done, perform(rt, caller(), command, None, body), 201)

    _view(f"{command.noun}.{command.action}", f"{command.noun}_{command.action}",
          {"body": command.body}, run)
    api.post(f"/{plural(command.noun)}{tail}", summary=command.en, tags=_tag(command.noun),
             responses={201: _schema("done", Done)})(run)


def _add_action(api: APIBlueprint, rt, command: Command) -> None:
    def run(path, body):
        who = caller().expecting(seen_version())
        return answer(Done, perform(rt, who, command, path.ref, body))

    _view(f"{command.noun}.{command.action}", f"{command.noun}_{command.action}",
          {"path": Ref, "body": command.body}, run)
    api.post(f"/{plural(command.noun)}/<ref>/{command.action.replace('_', '-')}",
             summary=command.en, tags=_tag(command.noun),
             responses={200: _schema("done", Done)})(run)
