"""The headers every answer carries: content policy with a nonce, and the browser's other locks.

Source: requirements W02 and W03. Pages hold no inline script or style; what they load is ours.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g, request

FIXED = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICY = (
    "default-src 'none'",
    "script-src 'nonce-{nonce}'",
    "style-src 'self' 'nonce-{nonce}'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
UNCHANGING = "public, max-age=31536000, immutable"


def policy(nonce: str) -> str:
    """The content security policy for one answer."""
    return "; ".join(POLICY).format(nonce=nonce)


def _keeping(response: Response) -> str:
    """How long a browser may keep this answer: our own files by their mark, all else never."""
    if request.endpoint != "static" or response.status_code not in (200, 206, 304):
        return "no-store"
    return UNCHANGING if "v" in request.args else "no-cache"


def register(app: Flask, token: Callable[[], str]) -> None:
    """Give every answer of `app` these headers; `token` makes an unguessable text."""

    def nonce() -> str:
        if "nonce" not in g:
            g.nonce = token()
        return g.nonce

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(FIXED)
        response.headers["Content-Security-Policy"] = policy(nonce())
        response.headers["Cache-Control"] = _keeping(response)
        return response

    app.jinja_env.globals["nonce"] = nonce
