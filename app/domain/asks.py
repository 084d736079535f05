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

    def checked(self, text: str, where: str, form: Callable[[str], str]) -> str:
        """The text in the form wanted; "" and a remembered place when it has none."""
        if not text:
            return ""
        try:
            return form(text)
        except ValueError:
            return self.wrong(where)

    def wrong(self, where: str) -> str:
        self.malformed.append(where)
        return ""


def read_ask(
    entities: Mapping[str, Any], presented: Presented, hash_subject: Callable[[str, str], str]
) -> Ask:
    """The question in ``entities`` (subject, action, resource, context; shapes already checked)."""
    reader = Reader()
    who = entities["subject"].get("properties") or {}
    how = entities["action"].get("properties") or {}
    what = entities["resource"].get("properties") or {}
    context = entities.get("context") or {}
    subject = reader.mapping(what, "data_subject", "resource.properties.")
    kind = reader.text(subject, "kind", "resource.properties.data_subject.")
    number = reader.text(subject, "id", "resource.properties.data_subject.")
    fields = reader.texts(what, "fields", "resource.properties.")
    if fields == () and "resource.properties.fields" not in reader.malformed:
        reader.wrong("resource.properties.fields")
    for place, given, name in (("action.properties.channel", how, "channel"),
                               ("action.properties.environment", how, "environment")):
        if given.get(name) is None:
            reader.wrong(place)
    mode = reader.text(context, "field_mode", "context.") or "strict"
    if mode not in ("strict", "reduce"):
        reader.wrong("context.field_mode")
    return Ask(
        presented=presented,
        app=entities["subject"]["id"], action=entities["action"]["name"],
        product=entities["resource"]["id"],
        institution=reader.text(who, "institution", "subject.properties."),
        branch=reader.text(who, "branch", "subject.properties."),
        user=reader.text(who, "user", "subject.properties."),
        auth_level=reader.number(who, "user_auth_level", "subject.properties.", 0),
        claimed_credential=reader.text(who, "credential", "subject.properties."),
        channel=reader.text(how, "channel", "action.properties."),
        environment=reader.text(how, "environment", "action.properties."),
        node=reader.text(how, "node", "action.properties."),
        batch_size=reader.number(how, "batch_size", "action.properties.", 1),
        version=reader.text(what, "version", "resource.properties."), fields=fields,
        region=reader.text(what, "region", "resource.properties."),
        industry=reader.text(what, "industry", "resource.properties."),
        lookback_from=reader.checked(
            reader.text(what, "lookback_from", "resource.properties."),
            "resource.properties.lookback_from", a_date),
        subject_kind=kind, subject_hash=hash_subject(kind, number) if number else "",
        purpose=context["purpose"] if context.get("purpose") == "" else
        reader.text(context, "purpose", "context."),
        grant=reader.text(context, "grant", "context."),
        subject_authorization=reader.text(context, "subject_authorization", "context."),
        business_ref=reader.text(context, "business_ref", "context."),
        time=reader.checked(reader.text(context, "time", "context."), "context.time", an_instant),
        ip=reader.checked(reader.text(context, "ip", "context."), "context.ip", an_address),
        field_mode=mode,
        trace_id=reader.text(context, "trace_id", "context."),
        min_epoch=reader.number(context, "min_epoch", "context.", 0),
        supported_obligations=reader.texts(context, "supported_obligations", "context."),
        supported_kinds=reader.texts(context, "supported_kinds", "context."),
        malformed=tuple(reader.malformed),
        unknown=tuple(sorted(RESTRICTING.intersection(what))),
    )


def a_date(text: str) -> str:
    if len(text) != 10:
        raise ValueError("not a calendar day")
    return date.fromisoformat(text).isoformat()


def an_instant(text: str) -> str:
    """An ISO 8601 instant with its zone, as fixed-width UTC text."""
    return instant(datetime.fromisoformat(text))


def an_address(text: str) -> str:
    return str(ipaddress.ip_address(text))
