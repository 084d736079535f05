"""The shape of Open Policy Agent, as the `opa` plugin of APISIX asks it.

The plugin looks for `result.allow` and at nothing else, so only a decision has a `result`; its
path is decoded by APISIX already. The plugin sends no credential of its own: the gateway's stands
in a header of the call, which the gateway sets and takes away again.
"""

import json
from collections.abc import Mapping
from typing import Any

from app.domain.paths import Ambiguous, decoded_path
from app.domain.wire import BODY_LIMIT, read_json
from app.web.gateways.asking import UNKNOWN_GATEWAY, Outcome, Told

NAME = "opa"
PATH = "/v1/data/gateway/decision"


def serves(path: str) -> bool:
    return path == PATH


def read(environ: Mapping[str, Any]) -> Told:
    """Where the call goes.

    Raises:
        Ambiguous, Malformed
    """
    body = read_json(_body_of(environ))
    told = _object(_object(body, "input"), "request")
    headers = {name.lower(): _joined(value)
               for name, value in _object(told, "headers").items()}
    asked = _object(told, "query") if told.get("query") else {}
    query = {name: _joined(value) if isinstance(value, (str, bool)) else "\0"
             for name, value in asked.items()}
    place = _object(body["input"], "var") if body["input"].get("var") else {}
    texts = [told.get(name) for name in ("host", "method", "path")]
    if environ["REQUEST_METHOD"] != "POST" or not all(isinstance(each, str) for each in texts):
        raise Ambiguous("request")
    host, method, path = texts
    ip = place.get("remote_addr", "")
    return Told(host, method, path, headers, query, headers.get("x-hufu-gateway", ""),
                ip if isinstance(ip, str) else "", decoded_path)


def render(outcome: Outcome) -> tuple[int, dict[str, str], bytes]:
    """A decision is 200 with a `result`; what is none has no `result`, which APISIX refuses."""
    said: dict[str, Any] = {"code": outcome.code, "decision_id": outcome.decision_id}
    if outcome is UNKNOWN_GATEWAY or not outcome.decision_id:
        return outcome.status, {}, json.dumps(said).encode()
    result: dict[str, Any] = {"allow": outcome.status == 200, "headers": dict(outcome.headers)}
    if outcome.status != 200:
        result |= {"status_code": outcome.status, "reason": said}
    return 200, {}, json.dumps({"result": result}).encode()


def _object(holder: Any, name: str) -> Mapping[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, dict):
        raise Ambiguous(name)
    return found


def _joined(value: Any) -> str:
    """A value as one text; several values are joined as in a header, so that they are seen."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else ""


def _body_of(environ: Mapping[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > BODY_LIMIT:
        raise Ambiguous("body")
    return environ["wsgi.input"].read(int(length) if length.isdecimal() else BODY_LIMIT + 1)
