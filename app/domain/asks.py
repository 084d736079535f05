"""One question about a product, read from the AuthZEN entities it travels in.

Nothing is trusted here and nothing refused: a member of the wrong form is listed in `malformed`
and becomes a reason. Members nobody knows are ignored, unless they claim to restrict.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Presented:
    """What the caller proved or the connection shows: never read from the body."""

    credential: str
    peer: str


@dataclass(frozen=True, slots=True)
class Ask:
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


class Reader:
    """Members of one question; what cannot be read is remembered by its place."""

    def __init__(self) -> None:
        self.malformed: list[str] = []

    def text(self, source: Mapping[str, Any], name: str, where: str) -> str:
        value = source.get(name)
        if value is None:
            return ""
        if isinstance(value, str) and 0 < len(value) <= TEXT_LIMIT and value.isprintable():
            return value
        return self.wrong(where + name)

    def number(self, source: Mapping[str, Any], name: str, where: str, default: int) -> int:
        value = source.get(name, default)
        if type(value) is int and value >= default:
            return value
        self.wrong(where + name)
        return default

    def texts(self, source: Mapping[str, Any], name: str, where: str) -> tuple[str, ...] | None:
        value = source.get(name)
        if value is None:
            return None
        if (isinstance(value, list) and len(value) <= FIELDS_LIMIT
                and all(isinstance(item, str) and 0 < len(item) <= TEXT_LIMIT for item in value)):
            return tuple(dict.fromkeys(value))
        self.wrong(where + name)
        return ()

    def mapping(self, source: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
        value = source.get(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.wrong(where + name)
        return {}

    def formed(
        self, source: Mapping[str, Any], name: str, where: str, form: Callable[[str], str]
    ) -> str:
        """A text in the form wanted; remembered as malformed when it has another."""
        text = self.text(source, name, where)
        try:
            return form(text) if text else ""
        except (ValueError, OverflowError):
            return self.wrong(where + name)

    def wrong(self, where: str) -> str:
        self.malformed.append(where)
        return ""


def read_ask(
    entities: Mapping[str, Any], presented: Presented, hash_subject: Callable[[str, str], str]
) -> Ask:
    """The question in ``entities`` (subject, action, resource, context; shapes already checked)."""
    reader = Reader()
    what = entities["resource"].get("properties") or {}
    known = {
        **_who(reader, entities["subject"].get("properties") or {}),
        **_how(reader, entities["action"].get("properties") or {}),
        **_what(reader, what, hash_subject),
        **_why(reader, entities.get("context") or {}),
    }
    return Ask(
        presented=presented, app=entities["subject"]["id"], action=entities["action"]["name"],
        product=entities["resource"]["id"], malformed=tuple(reader.malformed),
        unknown=tuple(sorted(RESTRICTING.intersection(what))), **known,
    )


def _who(reader: Reader, given: Mapping[str, Any]) -> dict[str, Any]:
    where = "subject.properties."
    return {
        "institution": reader.text(given, "institution", where),
        "branch": reader.text(given, "branch", where),
        "user": reader.text(given, "user", where),
        "auth_level": reader.number(given, "user_auth_level", where, 0),
        "claimed_credential": reader.text(given, "credential", where),
    }


def _how(reader: Reader, given: Mapping[str, Any]) -> dict[str, Any]:
    where = "action.properties."
    for name in ("channel", "environment"):
        if given.get(name) is None:
            reader.wrong(where + name)
    return {
        "channel": reader.text(given, "channel", where),
        "environment": reader.text(given, "environment", where),
        "node": reader.text(given, "node", where),
        "batch_size": reader.number(given, "batch_size", where, 1),
    }


def _what(
    reader: Reader, given: Mapping[str, Any], hash_subject: Callable[[str, str], str]
) -> dict[str, Any]:
    where = "resource.properties."
    subject = reader.mapping(given, "data_subject", where)
    kind = reader.text(subject, "kind", where + "data_subject.")
    number = reader.text(subject, "id", where + "data_subject.")
    if given.get("fields") == []:
        reader.wrong(where + "fields")
    return {
        "version": reader.text(given, "version", where),
        "fields": reader.texts(given, "fields", where),
        "region": reader.text(given, "region", where),
        "industry": reader.text(given, "industry", where),
        "lookback_from": reader.formed(given, "lookback_from", where, a_date),
        "subject_kind": kind,
        "subject_hash": hash_subject(kind, number) if number else "",
    }


def _why(reader: Reader, given: Mapping[str, Any]) -> dict[str, Any]:
    where = "context."
    mode = reader.text(given, "field_mode", where) or "strict"
    if mode not in ("strict", "reduce"):
        reader.wrong(where + "field_mode")
    return {
        "purpose": reader.text(given, "purpose", where) if given.get("purpose") != "" else "",
        "grant": reader.text(given, "grant", where),
        "subject_authorization": reader.text(given, "subject_authorization", where),
        "business_ref": reader.text(given, "business_ref", where),
        "time": reader.formed(given, "time", where, an_instant),
        "ip": reader.formed(given, "ip", where, an_address),
        "field_mode": mode,
        "trace_id": reader.text(given, "trace_id", where),
        "min_epoch": reader.number(given, "min_epoch", where, 0),
        "supported_obligations": reader.texts(given, "supported_obligations", where),
        "supported_kinds": reader.texts(given, "supported_kinds", where),
    }


def a_date(text: str) -> str:
    if len(text) != 10:
        raise ValueError("not a calendar day")
    return date.fromisoformat(text).isoformat()


def an_instant(text: str) -> str:
    """An ISO 8601 instant with its zone, as fixed-width UTC text."""
    formed = instant(datetime.fromisoformat(text))
    if len(formed) != len("2026-11-22T02:15:04.118000Z"):
        raise ValueError("not an instant of our era")
    return formed


def an_address(text: str) -> str:
    return str(ipaddress.ip_address(text))
