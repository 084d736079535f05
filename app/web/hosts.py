"""Which names this service answers to, and where a request really comes from.

Hosts are a fixed list, so a forged Host header reaches nothing; forwarded addresses count only
for the configured number of proxies of ours. Source: requirement W04; ASVS 5.0 4.1.3, 15.3.4.
"""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Request, request
from werkzeug.exceptions import BadRequest, NotFound

from app.settings import LOOPBACK, Settings


def register(app: Flask, settings: Settings) -> None:
    """Refuse every request whose Host is not on the list with 400, and every address that holds
    NUL with 404: no database keeps a name with one."""
    @app.before_request
    def only_known_hosts():
        if name_of(request.host) not in settings.known_hosts:
            raise BadRequest
        if "\x00" in request.path:
            raise NotFound


def name_of(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def source_of(asked: Request, hops: int) -> str:
    """The address a request comes from, seen through `hops` proxies of ours.

    Each proxy appends the address it heard from; what stands further left is the sender's word.
    """
    direct = asked.remote_addr or ""
    chain = [part.strip() for part in asked.headers.get("X-Forwarded-For", "").split(",")]
    if hops <= 0 or len(chain) < hops:
        return direct
    try:
        return str(ipaddress.ip_address(chain[-hops]))
    except ValueError:
        return direct


def is_same_origin(asked: Request) -> bool | None:
    """Whether a page of this site sent the request; None when the sender says nothing about it.

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms too, so
    `null` says nothing; `Sec-Fetch-Site`, which no page can set, then decides.
    """
    site, origin = asked.headers.get("Sec-Fetch-Site"), asked.headers.get("Origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None or origin == "null":
        return True if site else None
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return secure and parts.netloc == asked.host
