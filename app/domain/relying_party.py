"""For whom a security key answers: the name it is bound to and the pages that may ask it.

A key made for one name answers no other, which is what makes it proof against imitated pages.
Source: W3C WebAuthn Level 2 5.1.2 and 13.4.9; requirement A03.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

LOCAL = "localhost"


@dataclass(frozen=True)
class RelyingParty:
    """`id` is the name keys are bound to, `names` are the hosts whose pages may ask for them,
    `origins` what a browser calls those pages."""

    id: str
    names: frozenset[str]
    origins: tuple[str, ...]


def relying_party(base_url: str, hosts: Iterable[str], port: int) -> RelyingParty | None:
    """The relying party of a public address; None where the address is no name, since browsers
    bind keys to names only.

    Further hosts count when they lie below the name. On `localhost`, which browsers trust, pages
    over plain HTTP at the listening port count too.
    """
    public = urlsplit(base_url)
    name = public.hostname or ""
    if not name or _is_address(name):
        return None
    below = {host.casefold() for host in hosts if host.casefold().endswith(f".{name}")}
    names = (name, *sorted(below))
    tail = f":{public.port}" if public.port and public.port != 443 else ""
    origins = [f"https://{one}{tail}" for one in names]
    if name == LOCAL:
        origins.append(f"http://{LOCAL}" + (f":{port}" if port != 80 else ""))
    return RelyingParty(name, frozenset(names), tuple(dict.fromkeys(origins)))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
