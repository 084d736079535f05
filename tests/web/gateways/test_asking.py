"""Whose call it is and which gateway asks, seen through the proxies of ours that are set."""

import pytest

from app.web.gateways.asking import peer_of, source_of

CHAIN = "198.51.100.7, 203.0.113.8, 192.0.2.10"


@pytest.mark.parametrize(("sent", "hops", "peer", "source"), [
    (CHAIN, 0, "10.0.0.1", "192.0.2.10"), (CHAIN, 1, "192.0.2.10", "203.0.113.8"),
    (CHAIN, 2, "203.0.113.8", "198.51.100.7"), (CHAIN, 3, "198.51.100.7", ""),
    (CHAIN, 4, "", ""), ("", 0, "10.0.0.1", ""), ("", 1, "", ""),
    ("203.0.113.8", 0, "10.0.0.1", "203.0.113.8"), (" , ", 0, "10.0.0.1", "")])
def test_the_gateway_and_its_client_are_told_apart_by_the_count_of_our_proxies(
        sent, hops, peer, source):
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": sent}
    assert peer_of(environ, hops) == peer
    assert source_of(environ, hops) == source
