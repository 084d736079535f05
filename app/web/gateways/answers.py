"""How adapters answer: with the headers every answer of the house has, and never a redirect."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.web.gateways.asking import Outcome
from app.web.security_headers import FIXED

HEADERS = [*FIXED.items(), ("Content-Security-Policy", "default-src 'none'"),
           ("Cache-Control", "no-store")]
ECHO_LIMIT = 256


class Said(NamedTuple):
    """What goes back to a gateway: a status, a body and every header."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


def plain(outcome: Outcome) -> tuple[int, dict[str, str], bytes]:
    """The status is the answer: an empty body where it is yes, a code and the decision's id where
    it is no."""
    if outcome.status == 200:
        return 200, dict(outcome.headers), b""
    said = {"code": outcome.code, "decision_id": outcome.decision_id}
    return outcome.status, dict(outcome.headers), json.dumps(said).encode()


def said(environ: Mapping[str, Any], status: int, headers: Mapping[str, str], body: bytes) -> Said:
    """What goes back to who sent this call."""
    sent = [*HEADERS, *headers.items(), ("Content-Length", str(len(body)))]
    if body:
        sent.append(("Content-Type", "application/json"))
    if status == 401:
        sent.append(("WWW-Authenticate", "Bearer"))
    echo = environ.get("HTTP_X_REQUEST_ID", "")
    if echo and len(echo) <= ECHO_LIMIT and echo.isprintable():
        sent.append(("X-Request-ID", echo))
    return Said(status, b"" if environ["REQUEST_METHOD"] == "HEAD" else body, sent)
