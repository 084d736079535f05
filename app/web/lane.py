"""The decision lane: AuthZEN answered by a bare WSGI callable, before Flask's router.

It knows its own paths and hands every other to the application behind it. A denial is an answer;
4xx means that the call itself was wrong; whatever goes wrong here denies.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from app.commands.decide import Gate
from app.domain.asks import Presented
from app.domain.picture import Picture
from app.domain.refusals import TooMany
from app.domain.wire import BODY_LIMIT, Malformed
from app.web import authzen_search
from app.web.acknowledging import Acknowledging
from app.web.authzen import Misshapen
from app.web.bearer import held
from app.web.budgets import charge_credential
from app.web.gateways import Gateways
from app.web.gateways.asking import Asking
from app.web.questions import Asked, Questions, read
from app.web.security_headers import FIXED

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
METADATA = "/.well-known/authzen-configuration"
HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::[0-9]{1,5})?", re.ASCII)
ECHO_LIMIT = 256
PROVED = "hufu.proved"  # where a call carries what its head proved before
HEADERS = [*FIXED.items(), ("Content-Security-Policy", "default-src 'none'"),
           ("Cache-Control", "no-store"), ("Content-Type", "application/json")]
STATUS = {200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized", 403: "403 Forbidden",
          405: "405 Method Not Allowed", 429: "429 Too Many Requests",
          500: "500 Internal Server Error"}
log = logging.getLogger("hufu.lane")
encode = msgspec.json.Encoder().encode


def mount(app, rt, gate: Gate | None = None):
    """The application with the lane before it, following the policy epoch."""
    gate = gate or Gate(rt).start()
    app.wsgi_app = Lane(Gateways(Acknowledging(app.wsgi_app, gate), gate), gate)
    app.extensions["gate"] = gate
    return app


class Said(NamedTuple):
    """What goes back to a caller: a status, a body and headers beyond those of every answer."""

    status: int
    body: bytes
    more: tuple[tuple[str, str], ...] = ()


class Proved:
    """What the head of a call proved, for a call with the same head: it holds as long as nothing
    the snapshot says of credentials changes."""

    __slots__ = ("picture", "presented")

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.presented: Presented | None = None


class Lane:
    """A WSGI application in front of another."""

    def __init__(self, behind: Callable, gate: Gate) -> None:
        self.behind, self.gate = behind, gate
        self.settings = gate.rt.settings
        self.gateways = Asking(gate)
        questions = Questions(gate, self.gateways)
        self.evaluations = {EVALUATION: questions.evaluation, EVALUATIONS: questions.batch}
        beneath = urlsplit(self.settings.base_url).path.rstrip("/")
        self.handlers = {METADATA: self.metadata, METADATA + beneath: self.metadata, **{
            path: lambda environ, search=search: self.searched(search, environ)
            for path, search in authzen_search.handlers(gate).items()}}

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path not in self.evaluations and path not in self.handlers:
            return self.behind(environ, start_response)
        try:
            if path in self.evaluations:
                asked = self.asked(environ)
                said = Said(200, asked.answer(self.gate.told(asked.questions, asked.semantic)))
            else:
                said = Said(200, encode(self.handlers[path](environ)))
        except Exception as problem:
            said = self.refused(problem)
        start_response(STATUS[said.status], headers_of(said, environ))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else said.body]

    def refused(self, problem: Exception) -> Said:
        """What is said where a call went wrong; nothing of a defect reaches the caller."""
        if isinstance(problem, Misshapen):
            more = (("WWW-Authenticate", "Bearer"),) if problem.status == 401 else ()
            return Said(problem.status, encode(problem.text), more)
        if isinstance(problem, TooMany):
            return Said(429, encode(f"{problem.zh} / {problem.en}"),
                        (("Retry-After", str(problem.facts["retry_after"])),))
        if isinstance(problem, Malformed):
            return Said(400, encode(f"{problem.zh} / {problem}"))
        reference = self.gate.rt.new_id()
        log.error("lane failed, reference %s", reference, exc_info=problem)
        return Said(500, encode(f"内部错误，编号 {reference} / internal error {reference}"))

    def asked(self, environ: Mapping[str, Any]) -> Asked:
        """The questions of a call to one of the `evaluations`.

        Raises:
            Misshapen, Malformed: what is asked cannot be heard.
        """
        return self.evaluations[environ["PATH_INFO"]](*self.sent(environ))

    def searched(self, search: Callable, environ: Mapping[str, Any]) -> Any:
        body, presented = self.sent(environ)
        charge_credential(self.gate, presented.credential)
        return search(read(body), presented)

    def require_host(self, environ: Mapping[str, Any]) -> None:
        """Hosts are a fixed list, each with a port or none; nothing else a caller sends as one is
        ever repeated (W04)."""
        named = HOST.fullmatch(environ.get("HTTP_HOST", ""))
        if named is None or named[1].strip("[]").lower() not in self.settings.known_hosts:
            raise Misshapen("主机名不在允许的名单内", "the Host is not one this service answers to")

    def sent(self, environ: Mapping[str, Any]) -> tuple[bytes, Presented]:
        """The body as it came, and what the caller proved."""
        picture, before = self.gate.picture, environ.get(PROVED)
        if before and before.picture is picture:
            return body_of(environ), before.presented
        self.require_host(environ)
        if environ["REQUEST_METHOD"] != "POST":
            raise Misshapen("请使用 POST", "use POST", 405)
        presented = self.presented(environ)
        kind = environ.get("CONTENT_TYPE", "").split(";", 1)[0].strip().lower()
        if kind != "application/json":
            raise Misshapen("Content-Type 须是 application/json",
                            "the Content-Type must be application/json")
        if before:
            before.picture, before.presented = picture, presented
        return body_of(environ), presented

    def presented(self, environ: Mapping[str, Any]) -> Presented:
        """The credential the caller holds, by its secret; dates and bounds are decided later.

        Raises:
            Misshapen: 401, the same for every way of not holding one.
        """
        known = held(environ, self.gate)
        if known is None:
            raise Misshapen("未提供有效凭证，请使用 Authorization: Bearer",
                            "no valid credential: send Authorization: Bearer", 401)
        return Presented(known[0], peer_of(environ, self.settings.proxy_hops))

    def metadata(self, environ: Mapping[str, Any]) -> dict[str, Any]:
        """AuthZEN discovery: the configured base address; a local zone has none and tells the
        address it was asked at."""
        self.require_host(environ)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            raise Misshapen("请使用 GET", "use GET", 405)
        settings = self.settings
        base = asked_at(environ) if settings.is_local else settings.base_url.rstrip("/")
        return {"policy_decision_point": base, "access_evaluation_endpoint": base + EVALUATION,
                "access_evaluations_endpoint": base + EVALUATIONS,
                **authzen_search.endpoints(base), "supported_obligations": ["custom", "step-up"]}


def asked_at(environ: Mapping[str, Any]) -> str:
    """The address as it was served, from a Host that is on the list; what a proxy says of another
    one is not heard, because a zone behind a proxy is told its address by its settings."""
    return f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"


def body_of(environ: Mapping[str, Any]) -> bytes:
    """The body, read no further than one byte over the limit."""
    told = environ.get("CONTENT_LENGTH") or ""
    if not told.isdecimal():
        return environ["wsgi.input"].read(BODY_LIMIT + 1)
    length = int(told)
    if length > BODY_LIMIT:
        raise Misshapen("请求体超过 1 MiB", "the body is larger than 1 MiB")
    return environ["wsgi.input"].read(length)


def peer_of(environ: Mapping[str, Any], hops: int) -> str:
    """Who connected: the socket, or what the outermost of ``hops`` trusted proxies saw."""
    if not hops:
        return environ.get("REMOTE_ADDR", "")
    seen = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return seen[-hops] if len(seen) >= hops else ""


def headers_of(said: Said, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every header of an answer."""
    return [*HEADERS, *own_headers(said, environ)]


def own_headers(said: Said, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers that are not those of every answer; the caller's request id comes back as it was
    sent."""
    headers = [("Content-Length", str(len(said.body))), *said.more]
    echo = environ.get("HTTP_X_REQUEST_ID", "")
    if echo and len(echo) <= ECHO_LIMIT and echo.isprintable():
        headers.append(("X-Request-ID", echo))
    return headers
