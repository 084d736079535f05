"""Gateways: what nginx, Envoy, Traefik and APISIX send, turned into the one question by the routes.

A WSGI application between the lane and the router; a task hears the same by `said_soon`. Every
answer has a status its gateway takes for what it is; whatever goes wrong here refuses.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from app.web.gateways import answers, envoy, forward, opa
from app.web.gateways.answers import Said
from app.web.gateways.asking import UNAVAILABLE, Asking, Outcome
from app.web.hosts import name_of

ADAPTERS = (forward, envoy, opa)
MISDIRECTED = Outcome(403, "REQ.MALFORMED")
STATUS = {200: "200 OK", 401: "401 Unauthorized", 403: "403 Forbidden"}
BRIEF = 8_192  # what is longer is read in a thread: the loop would stand still meanwhile
log = logging.getLogger("hufu.gateways")


class Gateways:
    """The adapters of gateways in front of another WSGI application."""

    def __init__(self, behind: Callable, gate) -> None:
        self.behind, self.asking = behind, Asking(gate)
        self.known_hosts = gate.rt.settings.known_hosts

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        adapter = adapter_of(environ["PATH_INFO"])
        if adapter is None:
            return self.behind(environ, start_response)
        try:
            outcome = (self.asking.outcome(environ, adapter) if self._is_ours(environ, adapter)
                       else MISDIRECTED)
        except Exception:
            outcome = self._failed()
        said = answers.said(environ, *adapter.render(outcome))
        start_response(STATUS[said.status], said.headers)
        return [said.body]

    async def said_soon(self, environ: Mapping[str, Any], body: bytes) -> Said | None:
        """The same for a task that has read the body; None where a thread has to hear the call."""
        adapter = adapter_of(environ["PATH_INFO"])
        if adapter is None or not is_brief(environ, body):
            return None
        environ = {**environ, "wsgi.input": BytesIO(body)}
        try:
            outcome = (await self.asking.outcome_soon(environ, adapter)
                       if self._is_ours(environ, adapter) else MISDIRECTED)
        except Exception:
            outcome = self._failed()
        if outcome is None:
            return None
        return answers.said(environ, *adapter.render(outcome))

    def _is_ours(self, environ: Mapping[str, Any], adapter) -> bool:
        """Whether the Host is one of ours (W04); Envoy's is that of the call and told as such."""
        return adapter is envoy or name_of(environ.get("HTTP_HOST", "")) in self.known_hosts

    def _failed(self) -> Outcome:
        """The last hand: a defect refuses, and nothing of it reaches the caller."""
        log.exception("gateway adapter failed, reference %s", self.asking.gate.rt.new_id())
        return UNAVAILABLE


def adapter_of(path: str) -> Any:
    """The adapter that hears calls at this path; None where none does."""
    return next((each for each in ADAPTERS if each.serves(path)), None)


def is_brief(environ: Mapping[str, Any], body: bytes) -> bool:
    """Whether a call is read in no time, whoever sent it."""
    told = sum(len(value) for value in environ.values() if isinstance(value, str))
    return told + len(body) <= BRIEF
