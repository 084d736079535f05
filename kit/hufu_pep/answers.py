"""What the decision point answered, read strictly: what cannot be read is a refusal."""

from datetime import datetime, timedelta
from typing import Any, Dict, Mapping, NamedTuple, Tuple

from .masks import TREATMENTS

LONGEST_CACHED = timedelta(seconds=5)


class Refused(Exception):
    """Nothing may be returned. `code` says why; `decision` is the id of the answer, if any."""

    def __init__(self, code: str, decision: str = "", reasons: Tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.decision, self.reasons = code, decision, reasons


class Obligation(NamedTuple):
    """Something to carry out. `kind` is the type itself where it is not `custom`."""

    id: str
    kind: str
    properties: Mapping[str, Any]


class Answer(NamedTuple):
    """One decision. `fields` maps each field that may leave to its treatment; `keep_s` is how long
    a permit may be used again without asking."""

    permits: bool
    decision: str
    decided_at: datetime
    epoch: int
    keep_s: float
    fields: Mapping[str, str]
    obligations: Tuple[Obligation, ...]
    reasons: Tuple[str, ...]


def read_answer(document: Any) -> Answer:
    """The answer in a decoded body.

    Raises:
        Refused: `PEP.UNREADABLE`; a body that is half right permits nothing.
    """
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise Refused("PEP.UNREADABLE") from None


def _read(document: Any) -> Answer:
    permits, context = document["decision"], document.get("context") or {}
    if type(permits) is not bool:
        raise ValueError
    if not permits:
        return _refusal(context)
    decided, until = _instant(context["decided_at"]), _instant(context["valid_until"])
    keep = max(min(until - decided, LONGEST_CACHED), timedelta(0))
    return Answer(True, _text(context["decision_id"]), decided, _whole(context["epoch"]),
                  keep.total_seconds(), _fields(context["fields_effective"]),
                  _obligations(context["obligations"]), ())


def _refusal(context: Mapping[str, Any]) -> Answer:
    """A refusal stands whatever else the answer says."""
    reasons = tuple(str(reason["code"]) for reason in context.get("reasons", ()))
    decided = _instant(context["decided_at"]) if "decided_at" in context else datetime.max
    return Answer(False, str(context.get("decision_id", "")), decided,
                  _whole(context.get("epoch", 0)), 0.0, {},
                  _obligations(context.get("obligations", [])), reasons)


def _obligations(items: Any) -> Tuple[Obligation, ...]:
    """What is ordered: each kind once, each under a number of its own."""
    found = tuple(map(_obligation, items))
    if not len(found) == len({each.id for each in found}) == len({each.kind for each in found}):
        raise ValueError
    return found


def _obligation(item: Mapping[str, Any]) -> Obligation:
    named, properties = _text(item["type"]), dict(item["properties"])
    kind = _text(properties.pop("kind")) if named == "custom" else named
    return Obligation(_text(item["id"]), kind, properties)


def _fields(treatments: Mapping[str, Any]) -> Dict[str, str]:
    if not all(type(name) is str and how in TREATMENTS for name, how in treatments.items()):
        raise ValueError
    return dict(treatments)


def _text(value: Any) -> str:
    if type(value) is str and value:
        return value
    raise ValueError


def _whole(value: Any) -> int:
    if type(value) is int and value >= 0:
        return value
    raise ValueError


def _instant(value: Any) -> datetime:
    """An instant with its zone; `Z` is read by every Python."""
    found = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError
    return found
