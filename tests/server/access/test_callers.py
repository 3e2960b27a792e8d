"""Who calls: a token that is known, else an address, which only trusted proxies may name."""

import pytest

from edgeocr.server.access.callers import Callers, networks, peer_endpoint
from edgeocr.server.access.tokens import Tokens

TOKEN = "a-token-of-some-length"


class Watched:
    def current(self):
        return Tokens([("", TOKEN.encode())])


def headers(token=None, *forwarded):
    given = [("authorization", f"Bearer {token}")] if token else []
    return [*given, *(("x-forwarded-for", value) for value in forwarded)]


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("ipv4:192.0.2.1:443", ("192.0.2.1", 443)),
        ("ipv6:%5B2001:db8::1%5D:50", ("2001:db8::1", 50)),
        ("unix:", ("", 0)),
        ("", ("", 0)),
    ],
)
def test_a_peer_has_an_address_and_a_port(peer, expected):
    assert peer_endpoint(peer) == expected


def test_connections_from_one_address_are_one_caller():
    callers = Callers()
    assert callers.of("127.0.0.2", []) == callers.of("::ffff:127.0.0.2", []) != callers.of("127.0.0.1", [])


def test_a_site_of_ipv6_is_one_caller():
    callers = Callers()
    assert callers.of("2001:db8::1", []) == callers.of("2001:db8::ffff", []) != callers.of("2001:db8:1::1", [])


def test_a_known_token_is_a_caller_wherever_it_comes_from_and_an_unknown_one_is_not():
    callers = Callers(tokens=Watched())
    assert callers.of("192.0.2.1", headers(TOKEN)) == callers.of("192.0.2.2", headers(TOKEN))
    assert TOKEN not in callers.of("192.0.2.1", headers(TOKEN))
    assert callers.of("192.0.2.1", headers("another-token-of-length")) == callers.of("192.0.2.1", [])


def test_tokens_identify_no_callers_if_none_is_required():
    assert Callers().of("192.0.2.1", headers(TOKEN)) == Callers().of("192.0.2.1", headers("other"))


def test_what_somebody_says_of_himself_does_not_count():
    assert Callers().of("192.0.2.1", headers(None, "192.0.2.9")) == "192.0.2.1"


@pytest.mark.parametrize(
    "forwarded", [["192.0.2.9"], ["203.0.113.5, 192.0.2.9"], ["203.0.113.5", "192.0.2.9, 10.0.0.2"]]
)
def test_a_trusted_proxy_names_the_address_that_it_saw_last(forwarded):
    callers = Callers(networks("10.0.0.0/8, 127.0.0.1"))
    assert callers.of("10.0.0.1", headers(None, *forwarded)) == "192.0.2.9"


def test_a_proxy_on_a_unix_socket_is_trusted_where_any_is():
    assert Callers(networks("127.0.0.1")).of("", headers(None, "192.0.2.9")) == "192.0.2.9"
    assert Callers().of("", headers(None, "192.0.2.9")) == "local"
