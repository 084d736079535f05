"""Whether a host may be called, and the one address it is then called at.

Source: OWASP ASVS 5.0 13.2.4, 15.3.2 (rule O01). A name is resolved once; what comes back is
judged and connected to, so a second answer of the resolver counts for nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable

from app.engines.sources.remarks import SourceRefused, shown

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\.?")
_ODD_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|\d+)(\.(0[xX][0-9a-fA-F]*|\d+))*\.?")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
# Site-local, relays of 6to4, protocol assignments and examples: Python takes these for global.
_NEVER = tuple(map(ipaddress.ip_network, (
    "fec0::/10", "192.88.99.0/24", "192.0.0.0/24", "3fff::/20")))


def networks_of(listed: Iterable[str]) -> tuple[Network, ...]:
    """The listed ranges, such as `10.20.0.0/16`.

    Raises:
        SourceRefused: one is no range of addresses.
    """
    found = []
    for text in listed:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise SourceRefused(
                f"`{shown(text)}` 不是地址段，写法如 10.20.0.0/16",
                f"`{shown(text)}` is no range of addresses: write it as 10.20.0.0/16",
            ) from error
    return tuple(found)


def resolved(host: str, port: int) -> list[str]:
    """Every address the system's resolver gives for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def address_of(
    host: str, port: int, allowed: Iterable[Network], resolver: Resolver = resolved
) -> str:
    """The address to connect to: global, or within an allowed range, whichever name led there.

    Raises:
        SourceRefused: the name is not plain, unknown, or leads anywhere else.
    """
    allowed = tuple(allowed)
    addresses = [_parsed(text) for text in _addresses(host, port, resolver)]
    for address in addresses:
        if not _may_be_called(address, allowed):
            raise SourceRefused(
                "目标地址不在允许的范围内，请把它所在的地址段写入 HUFU_SCAN_NETWORKS",
                "the target's address is not allowed: list its range in HUFU_SCAN_NETWORKS",
            )
    return str(addresses[0])


def _addresses(host: str, port: int, resolver: Resolver) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    if not _NAME.fullmatch(host) or _ODD_NUMBER.fullmatch(host):
        raise SourceRefused(
            "主机名有误：请写域名，或四段十进制的 IP 地址",
            "the host is not plain: write a name, or an address of four decimal numbers",
        )
    try:
        found = resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise _unknown() from error
    if not found:
        raise _unknown()
    return found


def _parsed(text: str) -> Address:
    """The address, without a zone index; what is wrapped in IPv6 is unwrapped."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo
    wrapped = address.ipv4_mapped or address.sixtofour or (teredo and teredo[1])
    if not wrapped and address in _TRANSLATED:
        wrapped = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return wrapped or address


def _may_be_called(address: Address, allowed: tuple[Network, ...]) -> bool:
    """Link-local (where clouds keep their metadata), site-local, multicast and reserved never."""
    loopback = address.is_loopback
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_reserved and not loopback or _lies_in(address, _NEVER):
        return False
    return address.is_global or _lies_in(address, allowed)


def _lies_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)


def _unknown() -> SourceRefused:
    """A mistyped address may have a part of its password here, so the host is not named."""
    return SourceRefused("找不到主机，请检查主机名", "the host is not known: check its name")
