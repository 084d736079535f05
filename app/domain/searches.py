"""Searches: who may, on what, by which action. Nothing is opened here and nothing recorded.

What could be a result is looked up; it becomes one only if the decision on it permits, asked with
everything else the search says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.domain import decisions
from app.domain.asks import Presented, read_ask
from app.domain.attributes import Entity, contradicts
from app.domain.canonical import canonical
from app.domain.hearing import Hearing
from app.domain.law import Law
from app.domain.picture import MethodRight, Picture
from app.domain.quotas import needed
from app.domain.reservations import Need, OnRecord
from app.domain.vocabulary import EVERY

EXAMINED = 1000  # decisions made for one page, whatever it finds
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """`kind` is what is sought: subject, resource or action. The entity sought bears no id; an
    action sought is no entity at all."""

    kind: str
    entities: Mapping[str, Any]
    presented: Presented

    @property
    def types(self) -> tuple[str, str]:
        return self.entities["subject"]["type"], self.entities["resource"]["type"]


@dataclass(frozen=True, slots=True)
class Page:
    """Results in order. `last` is where the next page goes on, "" when nothing is left; `total` is
    known where every candidate could be examined."""

    results: tuple[Result, ...]
    last: str
    total: int | None


class Records(Protocol):
    """Use so far and subject authorizations, which are in no snapshot."""

    def load(self, needs: Iterable[Need]) -> None: ...

    def on_record(self, need: Need) -> OnRecord: ...


@dataclass(frozen=True, slots=True)
class Sight:
    """What a search looks at: one snapshot, the law, one instant, what is on record, and how
    numbers are hashed."""

    picture: Picture
    law: Law
    at: str
    records: Records
    hash_subject: Callable[[str, str], str]


def page_of(search: Search, sight: Sight, after: str, limit: int) -> Page:
    """At most ``limit`` results that come after ``after``."""
    if search.types == ("client_app", "product"):
        return turned(sold(search, sight.picture), lambda some: granted(search, sight, some),
                      after, limit)
    return turned(kept(search, sight.law), lambda some: declared(search, sight.law, some),
                  after, limit)


def turned(candidates: Sequence[Result], permitted: Callable[[Sequence[Result]], list[Result]],
           after: str, limit: int) -> Page:
    """The page of those that are permitted; where candidates are many, it may hold fewer."""
    ordered = sorted(candidates, key=place)
    is_whole = len(ordered) <= EXAMINED
    looked = ordered if is_whole else [each for each in ordered if place(each) > after][:EXAMINED]
    found = permitted(looked)
    rest = [each for each in found if place(each) > after]
    last = ""
    if len(rest) > limit:
        last = place(rest[limit - 1])
    elif looked and looked[-1] is not ordered[-1]:
        last = place(looked[-1])
    return Page(tuple(rest[:limit]), last, len(found) if is_whole else None)


def place(result: Result) -> str:
    """Where a result stands in the order of all."""
    return canonical(result).decode()


# -- what is decided by attribute policies --------------------------------------------------------

def kept(search: Search, law: Law) -> list[Result]:
    """What the policy names. Properties of the one sought narrow: who is known otherwise is out."""
    policy = law.attributes.by_types.get(search.types)
    if policy is None:
        return []
    if search.kind == "action":
        return [{"name": name} for name in policy.known("action")]
    sought = search.entities[search.kind]
    stated = sought.get("properties") or {}
    return [{"type": sought["type"], "id": name} for name in policy.known(search.kind)
            if not contradicts(policy.properties(search.kind, name), stated)]


def declared(search: Search, law: Law, some: Sequence[Result]) -> list[Result]:
    """Those a line permits as they are returned: with the properties kept here."""
    permit = law.attributes.permit
    return [result for result in some
            if permit(*entities_of({**search.entities, search.kind: result})) is not None]


def entities_of(entities: Mapping[str, Any]) -> list[Entity]:
    """Subject, action and resource as attribute policies read them."""
    return [Entity(one.get("type", ""), one["name"] if name == "action" else one["id"],
                   one.get("properties") or {})
            for name, one in ((name, entities[name]) for name in ("subject", "action", "resource"))]


# -- what is decided by grants --------------------------------------------------------------------

def sold(search: Search, picture: Picture) -> list[Result]:
    """Applications of this credential, products granted to their institution, ways granted."""
    credential = picture.credentials.get(search.presented.credential)
    own = credential.apps if credential else frozenset()
    if search.kind == "subject":
        return [{"type": "client_app", "id": name} for name in own]
    app = picture.apps.get(search.entities["subject"]["id"])
    if app is None or app.id not in own:
        return []
    if search.kind == "resource":
        return [{"type": "product", "id": name} for name in picture.products
                if (app.institution, name) in picture.grants_of]
    held = picture.grants_of.get((app.institution, search.entities["resource"]["id"]), ())
    ways = {(way.action, way.channel, way.environment, node)
            for ref in held for way in picture.grants[ref].current.methods
            for node in nodes(way, app.institution, picture)}
    return [way_of(*way) for way in ways]


def nodes(way: MethodRight, institution: str, picture: Picture) -> list[str]:
    """The nodes a way names; `*` stands for every node of the institution."""
    if way.node != EVERY:
        return [way.node]
    return [node.id for node in picture.nodes.values() if node.institution == institution]


def way_of(action: str, channel: str, environment: str, node: str) -> Result:
    """An action with the properties without which a product is not asked for."""
    at_node = {} if node == "-" else {"node": node}
    return {"name": action,
            "properties": {"channel": channel, "environment": environment, **at_node}}


def granted(search: Search, sight: Sight, some: Sequence[Result]) -> list[Result]:
    """Those the whole decision permits now; nothing they would use is set aside."""
    hearings = [heard(search, sight, result) for result in some]
    sight.records.load(each.need for each in hearings if each.need)
    for each in hearings:
        each.on_record = sight.records.on_record(each.need) if each.need else None
    return [result for result, hearing in zip(some, hearings, strict=True)
            if decisions.judged(hearing, "").permits]


def heard(search: Search, sight: Sight, result: Result) -> Hearing:
    """The question on one result, with the properties sent for the one sought."""
    sent = search.entities.get(search.kind, {})
    properties = {**(sent.get("properties") or {}), **result.get("properties", {})}
    entities = {**search.entities, search.kind: {**result, "properties": properties}}
    ask = read_ask(entities, search.presented, sight.hash_subject)
    hearing = Hearing(ask, sight.picture, sight.law, sight.at)
    hearing.need = needed(hearing)
    return hearing
