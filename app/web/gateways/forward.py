"""Forward authentication: nginx `auth_request`, Traefik `forwardAuth`, APISIX `forward-auth`.

The call is told in headers: of the `X-Forwarded-` family, or of the `X-Original-` family of nginx.
Where both are there they must agree. Answered with 200, 401 or 403 and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.paths import query_of
from app.web.gateways.answers import plain as render
from app.web.gateways.asking import Told
from app.web.gateways.headers import Headers, only, target

NAME = "forward"
PATHS = ("/gw/forward", "/gw/nginx")
__all__ = ["read", "render", "serves"]


def serves(path: str) -> bool:
    return path in PATHS


def read(environ: Mapping[str, Any]) -> Told:
    """Where the call goes.

    Raises:
        Ambiguous
    """
    headers = Headers(environ)
    method = only(headers, "x-forwarded-method", "x-original-method")
    path, query = target(headers, "x-forwarded-uri", "x-original-uri")
    host = only(headers, "x-forwarded-host", "x-original-host")
    return Told(host, method, path, headers, query_of(query))
