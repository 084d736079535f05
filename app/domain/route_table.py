"""Calls at gateways and the questions they are, by the table of routes.

What no route matches is refused, and so is what two match alike.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.paths import PARAMETER, pattern_of
from app.domain.picture import RoutePicture
from app.domain.routes import MEMBERS, From, State, shape_of

VALUE_LIMIT = 256


@dataclass(frozen=True)
class Call:
    """A call as a gateway tells of it. Names of headers are in small letters; `ip` is whose call
    it is."""

    host: str
    method: str
    segments: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""


class Unheard(Exception):
    """The call is no question: a code for the caller, and the status a gateway understands."""

    def __init__(self, code: str, status: int = 403) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class RouteTable:
    """The active routes, found by host, method and shape; a literal segment wins, leftmost first.

    Routes of one shape lie in one mapping, so that a call costs a look-up a shape.
    """

    def __init__(self, routes: Iterable[RoutePicture]) -> None:
        self.kept: dict[tuple, dict[tuple[bool, ...], dict[tuple[str, ...], RoutePicture | None]]]
        self.kept = {}
        for route in routes:
            if route.state != State.ACTIVE:
                continue
            segments = pattern_of(route.pattern)
            shape = tuple(bool(PARAMETER.fullmatch(each)) for each in segments)
            places = self.kept.setdefault((route.host, route.method, len(segments)), {})
            alike = places.setdefault(shape, {})
            key = _literal(segments, shape)
            alike[key] = None if key in alike else route
        self.kept = {key: dict(sorted(shapes.items())) for key, shapes in self.kept.items()}

    def match(self, call: Call) -> RoutePicture:
        """The one route of a call.

        Raises:
            Unheard: there is none, or two that no order tells apart.
        """
        shapes = self.kept.get((call.host, call.method, len(call.segments)), {})
        for shape, alike in shapes.items():
            key = _literal(call.segments, shape)
            if key in alike:
                return _one(alike[key])
        raise Unheard("ROUTE.NONE")

    def named(self, host: str, method: str, pattern: str) -> RoutePicture:
        """The route whose pattern a gateway names in place of a path; "" stands for every host.

        Raises:
            Unheard
        """
        found = [route for (at, verb, _), shapes in self.kept.items()
                 if verb == method and host in ("", at)
                 for alike in shapes.values() for route in alike.values()
                 if route and shape_of(route.pattern) == pattern]
        if not found:
            raise Unheard("ROUTE.NONE")
        return _one(found[0] if len(found) == 1 else None)


def _literal(segments: tuple[str, ...], shape: tuple[bool, ...]) -> tuple[str, ...]:
    return tuple("" if free else each for each, free in zip(segments, shape, strict=True))


def _one(route: RoutePicture | None) -> RoutePicture:
    if route is None:
        raise Unheard("ROUTE.AMBIGUOUS")
    return route


# What a source says of a member: (member, source) -> value, empty when nothing.
Reading = Callable[[str, str], Any]


def question(route: RoutePicture, reading: Reading, ip: str = "") -> dict[str, Any]:
    """The AuthZEN entities of a call by its route.

    Raises:
        Unheard: 401 when no caller is named, 403 when a member has two values.
    """
    parts: dict[str, dict] = {"subject": {}, "resource": {}, "context": {}, "data_subject": {}}
    for member, (place, _) in MEMBERS.items():
        value = reading(member, route.sources.get(member, ""))
        if value:
            part, _, name = place.partition(".")
            is_list = member == "fields" and isinstance(value, str)
            parts[part][name] = value.split(",") if is_list else value
    subject, resource, context = parts["subject"], parts["resource"], parts["context"]
    if not subject.get("id"):
        raise Unheard("ID.CALLER_MISSING", 401)
    if parts["data_subject"].get("id"):
        resource["data_subject"] = parts["data_subject"]
    if ip:
        context["ip"] = ip
    return {
        "subject": {"type": "client_app", "id": subject.pop("id"), "properties": subject},
        "action": {"name": route.action, "properties": {
            "channel": route.channel, "environment": route.environment}},
        "resource": {"type": "product", "id": resource.pop("id", ""), "properties": resource},
        "context": context}


def told_by(route: RoutePicture, call: Call, apps: Collection[str]) -> Reading:
    """The reading of a call; `apps` are those the gateway's credential speaks for."""
    parameters = {found[1]: value for each, value in zip(
        pattern_of(route.pattern), call.segments, strict=True)
        if (found := PARAMETER.fullmatch(each))}
    holders: dict[str, Mapping[str, str]] = {
        From.HEADER: call.headers, From.PATH: parameters, From.QUERY: call.query}

    def reading(member: str, source: str) -> str:
        kind, _, name = source.partition(":")
        if kind in ("", From.FIXED):
            return name
        if kind == From.CREDENTIAL:
            return next(iter(apps)) if len(apps) == 1 else ""
        value = holders[kind].get(name, "").strip()
        if value and (len(value) > VALUE_LIMIT or not value.isprintable()
                      or ("," in value and member != "fields")):
            raise Unheard("REQ.MALFORMED")
        return value

    return reading
