"""O01: a scan calls listed or global addresses only, and the address that was judged."""

import pytest

from app.domain.refusals import Refusal
from app.engines.sources.targets import address_of, networks_of

INTRANET = networks_of(["10.20.0.0/16", "127.0.0.0/8", "fd00::/8"])


def answers(*addresses):
    return lambda host, port: list(addresses)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "::",
    "169.254.169.254", "fe80::1", "fd00::1", "224.0.0.1", "ff02::1", "255.255.255.255",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "240.0.0.1", "198.51.100.1",
    "fec0::1", "feff:ffff::1", "192.88.99.0", "192.88.99.255", "::ffff:192.88.99.1", "192.0.0.9",
    "2002:c058:6301::", "3fff::1", "64:ff9b:1::7f00:1", "::7f00:1",
])
def test_O01_an_address_that_is_not_global_is_refused_written_or_resolved(address):
    for host, resolver in ((address, answers()), ("db.example", answers(address))):
        with pytest.raises(Refusal):
            address_of(host, 5432, (), resolver)


@pytest.mark.parametrize("host", [
    "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "127.0.0.1.", "1",
    "[::1]", "a,b", "/run/postgresql", "", "a b", "a\nb", "db.example/x", "x" * 300, "-h",
])
def test_O01_a_host_that_is_not_plain_is_refused_before_it_is_resolved(host):
    def resolver(*_):
        raise AssertionError("was resolved")

    with pytest.raises(Refusal):
        address_of(host, 5432, INTRANET, resolver)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0",
                                     "fec0::1", "192.88.99.1", "192.0.0.9"])
def test_O01_no_list_opens_link_local_site_local_multicast_relays_or_nothing(address):
    everything = networks_of(["0.0.0.0/0", "::/0"])
    with pytest.raises(Refusal):
        address_of("db.example", 5432, everything, answers(address))


def test_O01_a_listed_range_is_called_and_its_neighbour_is_not():
    assert address_of("10.20.255.254", 5432, INTRANET) == "10.20.255.254"
    assert address_of("db.example", 5432, INTRANET, answers("10.20.0.9")) == "10.20.0.9"
    assert address_of("db.example", 5432, INTRANET, answers("::ffff:10.20.0.9")) == "10.20.0.9"
    assert address_of("db.example", 5432, (), answers("1.1.1.1")) == "1.1.1.1"
    for neighbour in ("192.88.98.255", "192.88.100.0", "192.0.1.0", "2606:4700::1"):
        assert address_of(neighbour, 5432, ()) == neighbour
    with pytest.raises(Refusal):
        address_of("db.example", 5432, INTRANET, answers("10.21.0.1"))


def test_O01_one_bad_address_among_several_refuses_the_name():
    with pytest.raises(Refusal):
        address_of("db.example", 5432, (), answers("1.1.1.1", "127.0.0.1"))


def test_O01_a_rebinding_resolver_is_asked_once_and_its_first_answer_is_called():
    given = [["1.1.1.1"], ["127.0.0.1"]]
    assert address_of("db.example", 5432, (), lambda host, port: given.pop(0)) == "1.1.1.1"
    assert given == [["127.0.0.1"]]


def test_an_unknown_host_says_so():
    def unknown(host, port):
        raise OSError("nobody knows")

    with pytest.raises(Refusal, match="not known"):
        address_of("db.example", 5432, (), unknown)
    with pytest.raises(Refusal, match="not known"):
        address_of("db.example", 5432, (), answers())


@pytest.mark.parametrize("listed", ["10.0.0.1/8", "intranet", "10.0.0.0/33", ""])
def test_a_range_is_written_as_one(listed):
    with pytest.raises(Refusal, match="range of addresses"):
        networks_of([listed])
