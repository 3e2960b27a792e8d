import ipaddress

import pytest

from edgeocr.server.access.callers import Callers
from edgeocr.server.grpc import connection_shares
from edgeocr.server.grpc.connection_shares import ConnectionShares

MINE, YOURS, PROXY = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.fixture
def there(monkeypatch):
    """The connections, as the kernel lists them."""
    found = []

    def shut_down(peers):
        found[:] = [peer for peer in found if peer not in peers]

    monkeypatch.setattr(connection_shares, "callers_of", lambda _: list(found))
    monkeypatch.setattr(connection_shares, "descriptors", lambda: len(found))
    monkeypatch.setattr(connection_shares, "shut_down", shut_down)
    return found


def test_a_lack_of_descriptors_is_no_fault(monkeypatch):
    def descriptors():
        raise OSError(24, "too many open files")

    monkeypatch.setattr(connection_shares, "descriptors", descriptors)
    shares(8).look()


def shares(most, *trusted):
    return ConnectionShares(Callers([ipaddress.ip_network(one) for one in trusted]), 50051, most)


def test_what_an_address_has_beyond_half_is_ended_the_latest_first(there):
    looking = shares(8)
    there += [(MINE, 4), (MINE, 3), (MINE, 2)]
    looking.look()
    there += [(MINE, 9), (YOURS, 1), (MINE, 1), (MINE, 8)]
    looking.look()
    assert there[:3] == [(MINE, 4), (MINE, 3), (MINE, 2)]
    assert sum(address == MINE for address, _ in there) == 4
    assert (YOURS, 1) in there


def test_addresses_within_their_shares_keep_what_they_have(there):
    there += [(MINE, port) for port in range(4)] + [(YOURS, port) for port in range(4)]
    before = list(there)
    shares(8).look()
    assert there == before


def test_the_addresses_of_one_site_share(there):
    there += [(f"2001:db8::{number:x}", 1000) for number in range(1, 7)]
    shares(8).look()
    assert len(there) == 4


def test_a_trusted_proxy_may_have_all(there):
    there += [(PROXY, port) for port in range(8)]
    shares(8, f"{PROXY}/32").look()
    assert len(there) == 8
