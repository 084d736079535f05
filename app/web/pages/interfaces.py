"""The JSON API as a page: every address, what it takes, how to call it; from the OpenAPI text."""

from dataclasses import dataclass, replace

from flask import Blueprint, current_app, render_template, request

from app.web.api.operations import both
from app.web.pages.objects import me
from app.web.routes import names

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Entry:
    """One member of a body, or one parameter; `place` says where that stands."""

    name: str
    kind: str
    required: bool
    title: str
    bounds: str
    place: str = ""


@dataclass(frozen=True)
class Operation:
    """One address and method."""

    method: str
    path: str
    summary: str
    tag: str
    parameters: tuple[Entry, ...]
    body: tuple[Entry, ...]


def pages(rt) -> Blueprint:
    """`GET /api`, for signed-in people only."""
    blueprint = Blueprint("interfaces", __name__)

    @blueprint.get("/api")
    @names("api.read")
    def interfaces():
        me()
        text = request.args.get("q", "").strip().lower()[:100]
        found = [one for one in operations(current_app.api_doc)
                 if text in f"{one.method} {one.path} {one.summary}".lower()]
        tags = sorted({one.tag for one in found})
        return render_template("interfaces.html", text=text, total=len(found), tags=[
            (tag, [one for one in found if one.tag == tag]) for tag in tags])

    return blueprint


def operations(document: dict) -> list[Operation]:
    """Every operation of an OpenAPI document, in the order of its paths."""
    schemas = document.get("components", {}).get("schemas", {})
    return [
        Operation(method.upper(), path, what.get("summary", ""), (what.get("tags") or ["·"])[0],
                  _parameters(what, schemas), _body(what, schemas))
        for path, methods in document.get("paths", {}).items()
        for method, what in methods.items() if method in METHODS]


def _parameters(what: dict, schemas: dict) -> tuple[Entry, ...]:
    return tuple(replace(_entry(one["name"], one.get("schema", {}), one.get("required", False),
                                schemas), place=one.get("in", ""))
                 for one in what.get("parameters", ()))


def _body(what: dict, schemas: dict) -> tuple[Entry, ...]:
    content = what.get("requestBody", {}).get("content", {})
    schema = resolved(next(iter(content.values()), {}).get("schema", {}), schemas)
    needed = schema.get("required", ())
    return tuple(_entry(name, member, name in needed, schemas)
                 for name, member in schema.get("properties", {}).items())


def resolved(schema: dict, schemas: dict) -> dict:
    """The schema a reference points to, or the schema itself."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas.get(name, {}) if name else schema


def _entry(name: str, schema: dict, required: bool, schemas: dict) -> Entry:
    whole = resolved(schema, schemas)
    bounds = [f"{word} {whole[key]}" for key, word in (
        ("minLength", "≥"), ("maxLength", "≤"), ("minimum", "≥"), ("maximum", "≤"))
        if key in whole]
    title, english = schema.get("title", ""), schema.get("en", "")
    return Entry(name, _kind(whole, schemas), required,
                 both(title, english) if title and english else title, ", ".join(bounds))


def _kind(schema: dict, schemas: dict) -> str:
    """The type of a member in a few words."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"][:6]))
    if "anyOf" in schema:
        return " | ".join(_kind(resolved(one, schemas), schemas) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(resolved(schema.get('items', {}), schemas), schemas)}]"
    return str(schema.get("format") or schema.get("type") or "object")
