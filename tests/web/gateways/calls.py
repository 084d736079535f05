"""Calls at the adapters, over bare WSGI."""

import io
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass

from tests.gateway_zone import CLIENT, GATEWAY, HOST, PATH, QUERY, Gated


@dataclass(frozen=True)
class Answer:
    """What a gateway hears."""

    status: int
    headers: dict[str, str]
    body: dict | None

    @property
    def obligations(self) -> list:
        packed = self.headers["X-Obligations"]
        return json.loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))


def send(application, path: str, headers: dict[str, str], body: bytes = b"",
         method: str = "GET") -> Answer:
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": GATEWAY,
               "HTTP_HOST": "localhost:8420", "wsgi.url_scheme": "http",
               "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    environ |= {"HTTP_" + name.upper().replace("-", "_"): value
                for name, value in headers.items()}
    found = {}

    def start(status, sent):
        found.update(status=int(status[:3]), headers=dict(sent))

    text = b"".join(application(environ, start))
    return Answer(found["status"], found["headers"], json.loads(text) if text else None)


def forward(application, gated: Gated, *, family="X-Forwarded-", uri="", method="GET", host=HOST,
            drop=(), at="/gw/forward", **changes) -> Answer:
    """What nginx, Traefik or APISIX sends; `drop` names headers left out."""
    last = {"X-Forwarded-": "Uri", "X-Original-": "URI"}[family]
    told = {f"{family}Method": method, f"{family}Host": host,
            f"{family}{last}": uri or f"{PATH}?{QUERY}", "X-Forwarded-For": CLIENT,
            "X-Hufu-Gateway": gated.secret, **gated.headers,
            **{name.replace("_", "-"): value for name, value in changes.items()}}
    return send(application, at, {name: value for name, value in told.items()
                                  if name not in drop})


def envoy(application, gated: Gated, *, path=PATH, uri="", method="GET", **changes) -> Answer:
    """What Envoy sends: its client's method and path behind the prefix."""
    told = {"Host": HOST, "X-Original-URI": uri or f"{path}?{QUERY}", "X-Forwarded-For": CLIENT,
            "X-Hufu-Gateway": gated.secret, **gated.headers,
            **{name.replace("_", "-"): value for name, value in changes.items()}}
    return send(application, "/gw/envoy" + path, told, method=method)


def opa(application, gated: Gated, *, path=PATH, method="GET", host=HOST, query=None,
        drop=(), host_of_call="localhost:8420", **headers) -> Answer:
    """What APISIX posts: the call inside `input`."""
    given = {"x-hufu-gateway": gated.secret,
             **{name.lower(): value for name, value in gated.headers.items()},
             **{name.replace("_", "-").lower(): value for name, value in headers.items()}}
    asked = dict(part.split("=") for part in QUERY.split("&"))
    body = {"input": {"type": "http", "request": {
        "scheme": "http", "method": method, "host": host, "port": 9080, "path": path,
        "headers": {name: value for name, value in given.items() if name not in drop},
        "query": asked if query is None else query},
        "var": {"remote_addr": CLIENT, "timestamp": 1780315200}}}
    return send(application, "/v1/data/gateway/decision", {"Host": host_of_call},
                json.dumps(body).encode(), "POST")
