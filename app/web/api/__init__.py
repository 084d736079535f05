"""The JSON API: every command and every query of the product, drawn from their own tables.

`GET /api/v1/<nouns>`, `GET /api/v1/<nouns>/<ref>`, `POST /api/v1/<nouns>` where a noun is made,
`POST /api/v1/<nouns>/<ref>/<action>`. Problems are RFC 9457, lists are bounded, objects carry an
ETag and commands honour If-Match.
"""

import re
import typing

from flask import Response, g, request
from flask_openapi3 import APIBlueprint
from pydantic import TypeAdapter

from app.commands.command import Command, Done, commands, perform
from app.domain.refusals import Unidentified
from app.queries.query import Query, queries
from app.web.api.operations import PREFIX, Ref, command_path, query_path
from app.web.problems import BadRequest
from app.web.routes import names

ETAG = re.compile(r'^(?:W/)?"v(\d{1,9})"$')


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


def blueprint(rt) -> APIBlueprint:
    """The whole API as one blueprint."""
    api = APIBlueprint("api", __name__, url_prefix=PREFIX, doc_ui=False)
    for (_, single), query in sorted(queries().items()):
        (_add_single if single else _add_list)(api, rt, query)
    for command in commands().values():
        (_add_create if command.creates else _add_action)(api, rt, command)
    return api


def _view(action: str, name: str, annotations: dict, run) -> typing.Callable:
    run.__name__ = run.__qualname__ = name
    run.__annotations__ = annotations
    return names(action)(run)


def _add_list(api: APIBlueprint, rt, query: Query) -> None:
    declared = query

    def run(query):
        return answer(declared.answer, declared.run(rt, caller(), query))

    _view(f"{query.noun}.read", f"list_{query.noun}", {"query": query.filters}, run)
    api.get(query_path(query))(run)


def _add_single(api: APIBlueprint, rt, query: Query) -> None:
    def run(path):
        return answer(query.answer, query.run(rt, caller(), path.ref))

    _view(f"{query.noun}.read", f"get_{query.noun}", {"path": Ref}, run)
    api.get(query_path(query))(run)


def _add_create(api: APIBlueprint, rt, command: Command) -> None:
    def run(body):
        return answer(Done, perform(rt, caller(), command, None, body), 201)

    _view(f"{command.noun}.{command.action}", f"{command.noun}_{command.action}",
          {"body": command.body}, run)
    api.post(command_path(command))(run)


def _add_action(api: APIBlueprint, rt, command: Command) -> None:
    def run(path, body):
        who = caller().expecting(seen_version())
        return answer(Done, perform(rt, who, command, path.ref, body))

    _view(f"{command.noun}.{command.action}", f"{command.noun}_{command.action}",
          {"path": Ref, "body": command.body}, run)
    api.post(command_path(command))(run)
