"""AuthZEN bodies: which shapes are questions and searches, and what is said about all others.

Unknown members are ignored; what is required is required by name. Source: AuthZEN 1.0.
"""

from collections.abc import Mapping
from typing import Any

from app.commands.decide import SEMANTICS

ITEMS = 1000
REQUIRED = {"subject": ("type", "id"), "action": ("name",), "resource": ("type", "id")}
ENTITIES = (*REQUIRED, "context")
# What each search needs. The entity sought is named by its type alone; an action has none.
SOUGHT = {
    "subject": {**REQUIRED, "subject": ("type",)},
    "resource": {**REQUIRED, "resource": ("type",)},
    "action": {name: keys for name, keys in REQUIRED.items() if name != "action"},
}


class Misshapen(Exception):
    """The body is not a question. The text says what to mend, Chinese first."""

    def __init__(self, zh: str, en: str, status: int = 400) -> None:
        super().__init__(en)
        self.zh, self.en, self.status = zh, en, status

    @property
    def text(self) -> str:
        return f"{self.zh} / {self.en}"


def top(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise Misshapen("请求体须是一个 JSON 对象", "the body must be a JSON object")
    return body


def question(body: Mapping[str, Any]) -> dict[str, Any]:
    """The four entities of one evaluation.

    Raises:
        Misshapen: naming the member that is missing or of the wrong type.
    """
    return _entities(body, REQUIRED)


def sought(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The entities of one search; an id of the entity sought is ignored, whatever it is.

    Raises:
        Misshapen: naming the member that is missing or of the wrong type.
    """
    found = _entities(body, SOUGHT[kind])
    if kind in found:
        found[kind] = {key: value for key, value in found[kind].items() if key != "id"}
    return found


def _entities(body: Mapping[str, Any], required: Mapping[str, tuple]) -> dict[str, Any]:
    """The entities that are required, and the context where there is one."""
    for name, keys in required.items():
        entity = body.get(name)
        if not isinstance(entity, dict):
            raise _missing(name, body, "对象", "an object")
        for key in keys:
            if not isinstance(entity.get(key), str):
                raise _missing(f"{name}.{key}", entity, "字符串", "a string", key)
        if not isinstance(entity.get("properties", {}), dict):
            raise _missing(f"{name}.properties", entity, "对象", "an object", "properties")
    if not isinstance(body.get("context", {}), dict):
        raise _missing("context", body, "对象", "an object")
    return {name: body[name] for name in (*required, "context") if name in body}


def _missing(place: str, holder: Mapping, zh: str, en: str, key: str = "") -> Misshapen:
    if (key or place) not in holder:
        return Misshapen(f"缺少 {place}", f"{place} is missing")
    return Misshapen(f"{place} 须是{zh}", f"{place} must be {en}")


def items(body: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The evaluations with the defaults of the body filled in; None when there are none.

    A member given in an item replaces the default whole, but for a `type` or `id` it leaves out.
    Source: AuthZEN 1.0 certification scenario 3.2.7.
    """
    listed = body.get("evaluations")
    if listed is None or listed == []:
        return None
    if not isinstance(listed, list):
        raise Misshapen("evaluations 须是数组", "evaluations must be an array")
    if len(listed) > ITEMS:
        raise Misshapen(f"evaluations 最多 {ITEMS} 项", f"evaluations holds at most {ITEMS} items")
    defaults = defaults_of(body)
    for position, item in enumerate(listed):
        if not isinstance(item, dict):
            raise Misshapen(f"evaluations[{position}] 须是对象",
                            f"evaluations[{position}] must be an object")
    return [filled(item, defaults) for item in listed]


def defaults_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the evaluations of a batch say where they say nothing else."""
    return {name: body[name] for name in ENTITIES if name in body}


def filled(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """One evaluation with the defaults filled in."""
    return {**defaults, **item, **_named(item, defaults)}


def _named(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The subject and resource of an item that lack a type or an id, each with the default's."""
    found = {}
    for name in ("subject", "resource"):
        own, default = item.get(name), defaults.get(name)
        if isinstance(own, dict) and isinstance(default, dict):
            lacking = {key: default[key] for key in REQUIRED[name]
                       if key in default and key not in own}
            if lacking:
                found[name] = {**lacking, **own}
    return found


def semantic(body: Mapping[str, Any]) -> str:
    """How a batch is evaluated; anything the standard does not name is refused."""
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise Misshapen("options 须是对象", "options must be an object")
    chosen = options.get("evaluations_semantic", SEMANTICS[0])
    if chosen not in SEMANTICS:
        raise Misshapen("options.evaluations_semantic 不是标准所列的值",
                        "options.evaluations_semantic is none of " + ", ".join(SEMANTICS))
    return chosen
