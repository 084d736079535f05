"""Gateways: what nginx, Envoy, Traefik and APISIX send, turned into the one question by the routes.

A WSGI application between the lane and the router. Every answer has a status its gateway takes
for what it is; whatever goes wrong here refuses.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.web.gateways import answers, envoy, forward, opa
from app.web.gateways.asking import UNAVAILABLE, Asking, Outcome
from app.web.hosts import name_of

ADAPTERS = (forward, envoy, opa)
log = logging.getLogger("hufu.gateways")


class Gateways:
    """The adapters of gateways in front of another WSGI application."""

    def __init__(self, behind: Callable, gate) -> None:
        self.behind, self.asking = behind, Asking(gate)
        self.known_hosts = gate.rt.settings.known_hosts

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        adapter = next((each for each in ADAPTERS if each.serves(path)), None)
        if adapter is None:
            return self.behind(environ, start_response)
        try:
            outcome = (self.asking.outcome(environ, adapter) if self._is_ours(environ, adapter)
                       else Outcome(403, "REQ.MALFORMED"))
        except Exception:  # the last hand: a defect refuses, and nothing of it reaches the caller
            log.exception("gateway adapter failed, reference %s", self.asking.gate.rt.new_id())
            outcome = UNAVAILABLE
        return answers.respond(environ, start_response, *adapter.render(outcome))

    def _is_ours(self, environ: Mapping[str, Any], adapter) -> bool:
        """Whether the Host is one of ours (W04); Envoy's is that of the call and told as such."""
        return adapter is envoy or name_of(environ.get("HTTP_HOST", "")) in self.known_hosts
