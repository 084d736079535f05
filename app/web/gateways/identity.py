"""The vocabulary of the AuthZEN group's gateway plugins (Kong, Tyk and others), by the same routes.

They ask about an `identity` and a `route` named by its pattern. What a route takes from a header,
the path or the query stands in the question's own properties and context.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.paths import Ambiguous, host_of
from app.domain.route_table import Reading, RouteTable, Unheard, question
from app.domain.routes import MEMBERS, From, shape_of

KEPT = ("ip", "min_epoch", "supported_kinds", "supported_obligations", "time", "trace_id")


def understood(entities: Mapping[str, Any], table: RouteTable) -> Mapping[str, Any]:
    """The question about the product behind a route; any other question, and one that names no
    route, is left as it is, and no policy permits it."""
    subject, resource = entities["subject"], entities["resource"]
    if (subject["type"], resource["type"]) != ("identity", "route"):
        return entities
    at = (resource.get("properties") or {}).get("hostname", "")
    try:
        route = table.named(host_of(at) if at else "", entities["action"]["name"],
                            shape_of(resource["id"]))
        routed = question(route, _given(entities))
    except (Ambiguous, Unheard, AttributeError):
        return entities
    context = entities.get("context") or {}
    routed["context"] |= {name: context[name] for name in KEPT if name in context}
    return routed


def _given(entities: Mapping[str, Any]) -> Reading:
    """The reading of a question: fixed values by the route, the others as they are given."""
    subject, resource = entities["subject"], entities["resource"].get("properties") or {}
    holders = {"subject": {**(subject.get("properties") or {}), "id": subject["id"]},
               "resource": {**resource, "id": ""}, "context": entities.get("context") or {},
               "data_subject": resource.get("data_subject") or {}}

    def reading(member: str, source: str) -> Any:
        kind, _, fixed = source.partition(":")
        if kind in ("", From.FIXED):
            return fixed
        part, _, name = MEMBERS[member][0].partition(".")
        return holders[part].get(name)

    return reading
