"""From a gateway's request to the decision: who asks, what the call is, what is answered."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from app.commands.decide import Question
from app.commands.unrouted import turned_away
from app.domain.asks import Presented
from app.domain.headers_only import packed
from app.domain.paths import Ambiguous, host_of, path_of
from app.domain.picture import RoutePicture
from app.domain.route_table import Call, RouteTable, Unheard, question, told_by
from app.domain.wire import Malformed
from app.web.gateways.headers import Headers

NOBODY = "sha256:" + "0" * 64
TRACE = re.compile(r"[!-+\--~]{1,128}")  # one value: no comma, no space
decode = msgspec.json.Decoder().decode


@dataclass(frozen=True)
class Outcome:
    """What a gateway is told: 200, 401 or 403, a code where it is refused, and the headers."""

    status: int
    code: str = ""
    decision_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


UNAVAILABLE = Outcome(403, "SYS.UNAVAILABLE")
UNKNOWN_GATEWAY = Outcome(401, "ID.CREDENTIAL_UNKNOWN")


class Unrouted(NamedTuple):
    """A call of a known gateway that is no question, and why."""

    presented: Presented
    refusal: Unheard
    trace: str


class Asking:
    """Asks for a gateway, with the routes of the current picture."""

    def __init__(self, gate) -> None:
        self.gate, self.hops = gate, gate.rt.settings.proxy_hops
        self._kept: tuple[Mapping[str, RoutePicture], RouteTable] = ({}, RouteTable(()))

    @property
    def table(self) -> RouteTable:
        """The table of the picture's routes, made anew only when they changed."""
        routes = self.gate.picture.routes
        known, table = self._kept
        if routes is not known:
            table = RouteTable(routes.values())
            self._kept = (routes, table)
        return table

    def outcome(self, environ: Mapping[str, Any], adapter) -> Outcome:
        """Refused unless the gateway is known, its call is a question, and the answer is yes."""
        asked = self.asked(environ, adapter)
        if isinstance(asked, Question):
            return outcome_of(self.gate.answer(asked))
        return self._turned_away(asked) if asked else UNKNOWN_GATEWAY

    async def outcome_soon(self, environ: Mapping[str, Any], adapter) -> Outcome | None:
        """The same for a task; None where a thread has to wait for the store."""
        asked = self.asked(environ, adapter)
        if isinstance(asked, Question):
            heard = await self.gate.told_soon([asked])
            return outcome_of(decode(heard[0].text)) if heard else None
        return None if asked else UNKNOWN_GATEWAY

    def asked(self, environ: Mapping[str, Any], adapter) -> Question | Unrouted | None:
        """The question a call is, or why it is none; None where its gateway is not known."""
        try:
            told = adapter.read(environ)
        except (Ambiguous, Malformed):
            told = None
        presented = self._presented(environ, told.token if told else "", adapter.NAME)
        if presented is None:
            return None
        trace = trace_of(told.headers if told else Headers(environ))
        try:
            entities = self._question(told, source_of(environ, self.hops), presented)
        except Unheard as refusal:
            return Unrouted(presented, refusal, trace)
        if trace:
            entities["context"]["trace_id"] = trace
        return Question(entities, presented)

    def _turned_away(self, call: Unrouted) -> Outcome:
        """The refusal of what is no question, sealed."""
        refusal = call.refusal
        context = turned_away(self.gate, call.presented, refusal.code, call.trace)
        return refused(refusal.code, context, refusal.status)

    def _question(self, told: "Told | None", source: str, presented: Presented) -> dict[str, Any]:
        """What a route makes of the call.

        Raises:
            Unheard
        """
        if told is None:
            raise Unheard("REQ.MALFORMED")
        try:
            call = told.call(source)
            known = self.gate.credential(presented.credential)
            route = self.table.match(call)
            return question(route, told_by(route, call, known.apps if known else ()), call.ip)
        except Ambiguous as error:
            raise Unheard("REQ.MALFORMED") from error

    def _presented(self, environ: Mapping[str, Any], token: str, via: str) -> Presented | None:
        """The credential of the gateway, by its secret; None for every way of not holding one.

        What the gateway's own configuration sets wins over what its client may have sent.
        """
        scheme, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        shown = (environ.get("HTTP_X_HUFU_GATEWAY") or token
                 or (bearer if scheme.lower() == "bearer" else "")).strip()
        brand, _, rest = shown.partition("_")
        prefix = rest.partition("_")[0]
        known = self.gate.credential(prefix) if brand == "hufu" and prefix else None
        digest = "sha256:" + hashlib.sha256(shown.encode()).hexdigest()
        if not hmac.compare_digest(digest, known.secret_hash if known else NOBODY):
            return None
        return Presented(prefix, peer_of(environ, self.hops), via) if known else None


def outcome_of(answer: Mapping[str, Any]) -> Outcome:
    """The answer as headers. What they cannot hold was refused before it was sealed."""
    context = answer["context"]
    if answer["decision"] is not True:
        reasons = context.get("reasons") or [{"code": "SYS.UNAVAILABLE"}]
        return refused(reasons[0]["code"], context)
    headers = marks(context) | {"X-Obligations": packed(context["obligations"])}
    return Outcome(200, "", context["decision_id"], headers)


def refused(code: str, context: Mapping[str, Any], status: int = 403) -> Outcome:
    return Outcome(status, code, context.get("decision_id", ""), marks(context))


def marks(context: Mapping[str, Any]) -> dict[str, str]:
    """Decision and epoch, as headers."""
    return {"X-Decision-Id": context["decision_id"], "X-Policy-Epoch": str(context["epoch"])}


def peer_of(environ: Mapping[str, Any], hops: int) -> str:
    """The gateway's address: the socket, or what the outermost of `hops` proxies of ours saw."""
    if not hops:
        return environ.get("REMOTE_ADDR", "")
    seen = forwarded_for(environ)
    return seen[-hops] if len(seen) >= hops else ""


def source_of(environ: Mapping[str, Any], hops: int) -> str:
    """Whose call it is: the address the gateway itself put last, before proxies of ours."""
    seen = forwarded_for(environ)
    return seen[-hops - 1] if len(seen) > hops else ""


def trace_of(headers: Mapping[str, str]) -> str:
    """The request id the gateway gave the call, where it is one value."""
    told = headers.get("x-request-id", "")
    return told if TRACE.fullmatch(told) else ""


def forwarded_for(environ: Mapping[str, Any]) -> list[str]:
    sent = environ.get("HTTP_X_FORWARDED_FOR", "")
    return [part.strip() for part in sent.split(",")] if sent else []


@dataclass(frozen=True)
class Told:
    """What an adapter was told, as it was told; `token` and `ip` where they travel in the body."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    token: str = ""
    ip: str = ""
    reading: Callable[[str], tuple[str, ...]] = path_of

    def call(self, source: str) -> Call:
        """The call.

        Raises:
            Ambiguous
        """
        return Call(host_of(self.host), self.method, self.reading(self.path), self.headers,
                    self.query, self.ip or source)
