"""One question about a product, read from the AuthZEN entities it travels in.

Nothing is trusted here and nothing refused: a member of the wrong form is listed in `malformed`
and becomes a reason. Members nobody knows are ignored, unless they claim to restrict.
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from app.domain.canonical import instant

TEXT_LIMIT = 256
FIELDS_LIMIT = 500

# Names that claim to narrow what is returned. A call that relies on one must not be answered as if
# it had not been said. Source: AuthZEN 1.0 lets receivers ignore members; these are the exception.
RESTRICTING = frozenset({
    "columns", "exclude_fields", "filter", "filters", "industries", "limit", "lookback_to", "mask",
    "max_rows", "population", "query", "regions", "row_filter", "rows", "sample", "subjects",
    "time_range", "where",
})


class Presented(NamedTuple):
    """What the caller proved or the connection shows: never read from the body. `via` is the
    adapter a gateway asked through, "" where it asked in AuthZEN itself."""

    credential: str
    peer: str
    via: str = ""


class Ask(NamedTuple):
    """A question as understood. `fields` is None for every field of the pinned version.

    `subject_hash` is the keyed hash of the data subject's number; the number itself is not kept.
    """

    presented: Presented
    app: str
    action: str
    product: str
    institution: str = ""
    branch: str = ""
    user: str = ""
    auth_level: int = 0
    claimed_credential: str = ""
    channel: str = ""
    environment: str = ""
    node: str = ""
    batch_size: int = 1
    version: str = ""
    fields: tuple[str, ...] | None = None
    region: str = ""
    industry: str = ""
    lookback_from: str = ""
    subject_kind: str = ""
    subject_hash: str = ""
    purpose: str = ""
    grant: str = ""
    subject_authorization: str = ""
    business_ref: str = ""
    time: str = ""
    ip: str = ""
    field_mode: str = "strict"
    trace_id: str = ""
    min_epoch: int = 0
    supported_obligations: tuple[str, ...] | None = None
    supported_kinds: tuple[str, ...] | None = None
    malformed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Misread(ValueError):
    """A member has another form than it should."""


def text(value: Any) -> str:
    """One printable line of bounded length."""
    if isinstance(value, str) and 0 < len(value) <= TEXT_LIMIT and value.isprintable():
        return value
    raise Misread


def texts(value: Any) -> tuple[str, ...]:
    """A list of such lines, each once."""
    if isinstance(value, list) and len(value) <= FIELDS_LIMIT:
        return tuple(dict.fromkeys(map(text, value)))
    raise Misread


def some_texts(value: Any) -> tuple[str, ...]:
    """At least one such line."""
    if not value:
        raise Misread
    return texts(value)


def count(value: Any) -> int:
    """A whole number, zero or more; `true` is not a number."""
    if type(value) is int and value >= 0:
        return value
    raise Misread


def size(value: Any) -> int:
    """A whole number, one or more."""
    if not value:
        raise Misread
    return count(value)


def mode(value: Any) -> str:
    if value in ("strict", "reduce"):
        return value
    raise Misread


def purpose(value: Any) -> str:
    """A code; the empty text states no purpose and is told so."""
    return "" if value == "" else text(value)


def a_date(value: Any) -> str:
    if len(text(value)) != 10:
        raise Misread
    return date.fromisoformat(value).isoformat()


def an_instant(value: Any) -> str:
    """An ISO 8601 instant with its zone, as fixed-width UTC text."""
    return instant(datetime.fromisoformat(text(value)))


def an_address(value: Any) -> str:
    return str(ipaddress.ip_address(text(value)))


# Where each member stands, how it is read, and what the question calls it.
MEMBERS: dict[str, dict[str, tuple[Callable[[Any], Any], str]]] = {
    "subject": {"institution": (text, "institution"), "branch": (text, "branch"),
                "user": (text, "user"), "user_auth_level": (count, "auth_level"),
                "credential": (text, "claimed_credential")},
    "action": {"channel": (text, "channel"), "environment": (text, "environment"),
               "node": (text, "node"), "batch_size": (size, "batch_size")},
    "resource": {"version": (text, "version"), "fields": (some_texts, "fields"),
                 "region": (text, "region"), "industry": (text, "industry"),
                 "lookback_from": (a_date, "lookback_from")},
    "data_subject": {"kind": (text, "subject_kind"), "id": (text, "number")},
    "context": {"purpose": (purpose, "purpose"), "grant": (text, "grant"),
                "subject_authorization": (text, "subject_authorization"),
                "business_ref": (text, "business_ref"), "time": (an_instant, "time"),
                "ip": (an_address, "ip"), "field_mode": (mode, "field_mode"),
                "trace_id": (text, "trace_id"), "min_epoch": (count, "min_epoch"),
                "supported_obligations": (texts, "supported_obligations"),
                "supported_kinds": (texts, "supported_kinds")},
}


def read_ask(
    entities: Mapping[str, Any], presented: Presented, hash_subject: Callable[[str, str], str]
) -> Ask:
    """The question in ``entities`` (subject, action, resource, context; shapes already checked)."""
    found: dict[str, Any] = {}
    wrong: list[str] = []
    what = entities["resource"].get("properties") or {}
    how = entities["action"].get("properties") or {}
    _read("subject", entities["subject"].get("properties") or {}, "subject.properties.", found,
          wrong)
    _read("action", how, "action.properties.", found, wrong)
    _read("resource", what, "resource.properties.", found, wrong)
    _read("context", entities.get("context") or {}, "context.", found, wrong)
    for name in ("channel", "environment"):
        if how.get(name) is None:
            wrong.append("action.properties." + name)
    subject = what.get("data_subject")
    if isinstance(subject, dict):
        _read("data_subject", subject, "resource.properties.data_subject.", found, wrong)
    elif subject is not None:
        wrong.append("resource.properties.data_subject")
    number = found.pop("number", "")
    if number:
        found["subject_hash"] = hash_subject(found.get("subject_kind", ""), number)
    return Ask(presented=presented, app=entities["subject"]["id"],
               action=entities["action"]["name"], product=entities["resource"]["id"],
               malformed=tuple(wrong), unknown=tuple(sorted(RESTRICTING.intersection(what))),
               **found)


def _read(entity: str, given: Mapping[str, Any], where: str, found: dict[str, Any],
          wrong: list[str]) -> None:
    """The members of one entity that are given and known; null is as good as absent."""
    known = MEMBERS[entity]
    for name, value in given.items():
        member = known.get(name)
        if value is None or member is None:
            continue
        read, called = member
        try:
            found[called] = read(value)
        except (ValueError, OverflowError):
            wrong.append(where + name)
