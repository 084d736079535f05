"""Decisions on things that are not products: declared permits over kept and sent properties.

Nothing here can open data of the zone: products are decided by the chain and the grant alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Kept:
    """Properties known here, by entity id."""

    subjects: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permit:
    """One line: every condition it states must hold. An empty list of ids names every id."""

    permit: str
    actions: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    subject_where: Mapping[str, object] = field(default_factory=dict)
    resource_where: Mapping[str, object] = field(default_factory=dict)
    action_where: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttributePolicy:
    """The permits between one type of subject and one type of resource."""

    subject: str
    resource: str
    permits: tuple[Permit, ...]
    kept: Kept = field(default_factory=Kept)

    def known(self, kind: str) -> frozenset[str]:
        """Every subject, resource or action that is kept here or named by a line."""
        stated = (name for line in self.permits for name in getattr(line, kind + "s"))
        return frozenset((*getattr(self.kept, kind + "s", ()), *stated))

    def properties(self, kind: str, name: str) -> Mapping[str, object]:
        """What is kept of a subject or resource; nothing of one only named."""
        return getattr(self.kept, kind + "s").get(name, {})


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in a question, with the properties sent along."""

    type: str
    id: str
    properties: Mapping[str, object]


@dataclass(frozen=True)
class AttributePolicies:
    """Every policy, found by its pair of types."""

    policies: tuple[AttributePolicy, ...]

    @cached_property
    def by_types(self) -> Mapping[tuple[str, str], AttributePolicy]:
        found = {(policy.subject, policy.resource): policy for policy in self.policies}
        if len(found) != len(self.policies):
            raise ValueError("two attribute policies name the same pair of types")
        return found

    def permit(self, subject: Entity, action: Entity, resource: Entity) -> str | None:
        """The name of the line that permits, None when no line does.

        Properties of the request stand before those kept, as in the AuthZEN scenario.
        """
        policy = self.by_types.get((subject.type, resource.type))
        if policy is None or not (subject.id and action.id and resource.id):
            return None
        whose = {**policy.properties("subject", subject.id), **subject.properties}
        what = {**policy.properties("resource", resource.id), **resource.properties}
        for line in policy.permits:
            if (action.id in line.actions
                    and (not line.subjects or subject.id in line.subjects)
                    and (not line.resources or resource.id in line.resources)
                    and holds(line.subject_where, whose) and holds(line.resource_where, what)
                    and holds(line.action_where, action.properties)):
                return line.permit
        return None


def holds(where: Mapping[str, object], properties: Mapping[str, object]) -> bool:
    """Whether every stated property has exactly the stated value, of the same type."""
    return all(name in properties and type(properties[name]) is type(value)
               and properties[name] == value for name, value in where.items())


def contradicts(kept: Mapping[str, object], stated: Mapping[str, object]) -> bool:
    """Whether a stated property is kept with another value; one not kept is no contradiction."""
    return not holds({name: stated[name] for name in stated if name in kept}, kept)
