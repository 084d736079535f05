"""Envoy's external authorization over HTTP: the call's own method and path behind a prefix.

The path of a WSGI request is decoded already, so Envoy sends it once more as it stood, in
`X-Original-URI`; the two must be the same path. Envoy's client adds its own address to
`X-Forwarded-For`, so whose call it is stands in `X-Client-Address`.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.paths import Ambiguous, path_of, query_of
from app.web.gateways.answers import plain as render
from app.web.gateways.asking import Told
from app.web.gateways.headers import Headers, only, target

NAME = "envoy"
PREFIX = "/gw/envoy"
__all__ = ["read", "render", "serves"]


def serves(path: str) -> bool:
    return path == PREFIX or path.startswith(PREFIX + "/")


def read(environ: Mapping[str, Any]) -> Told:
    """Where the call goes.

    Raises:
        Ambiguous: also where Envoy cut the body it forwarded.
    """
    headers = Headers(environ)
    path, query = target(headers, "x-original-uri")
    if environ["PATH_INFO"][len(PREFIX):] != "/" + "/".join(path_of(path)):
        raise Ambiguous("path")
    if headers.get("x-envoy-auth-partial-body") == "true":
        raise Ambiguous("body")
    return Told(only(headers, "host"), environ["REQUEST_METHOD"], path, headers, query_of(query),
                ip=headers.get("x-client-address", "").strip())
