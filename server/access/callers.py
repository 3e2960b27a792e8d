"""The identity of callers, for fair shares: a caller is its token, else its address, over any transport.

Proxies can be trusted to name the caller's address; what other peers claim is ignored.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import unquote

from edgeocr.server.access.tokens import Tokens, carried_token
from edgeocr.server.access.watched_files import WatchedFiles

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Metadata = Iterable[tuple[str, str | bytes]]
_FORWARDED = "x-forwarded-for"
_AUTHORIZATION = "authorization"
_IPV6_PREFIX = 64
"""IPv6 addresses of one site, which count as one caller."""
_BEARER = "token "
_REMEMBERED = 256
"""Addresses, and endpoints, that are not worked out again with each call."""


def networks(listed: str) -> Sequence[Network]:
    """Parses addresses and networks, separated by commas; raises ValueError for other texts."""
    return [ipaddress.ip_network(one.strip(), strict=False) for one in listed.split(",")]


class Callers:
    """Identifies callers."""

    def __init__(self, trusted: Sequence[Network] = (), tokens: WatchedFiles[Tokens] | None = None) -> None:
        """Takes the trusted proxies, and the tokens of callers, if required."""
        self._trusted = trusted
        self._tokens = tokens

    def of(self, address: str, headers: Metadata) -> str:
        """The caller of a call, by the address of its connection (empty for a unix socket) and its headers."""
        authorizations: list[object] = []
        forwarded: list[str] = []
        for name, value in headers:
            if name == _AUTHORIZATION:
                authorizations.append(value)
            elif name == _FORWARDED and isinstance(value, str):
                forwarded += value.split(",")
        token = carried_token(authorizations) if self._tokens is not None else None
        if self._tokens is not None and token is not None and (owner := self._tokens.current().caller(token)):
            return f"{_BEARER}{owner}"
        while forwarded and self.is_trusted(address):
            address = forwarded.pop().strip()
        return _site(address)

    def is_trusted(self, address: str) -> bool:
        """Whether an address belongs to a trusted proxy."""
        if not self._trusted:
            return False
        found = _parsed(address)
        return (found is None and not address) or any(
            found in network for network in self._trusted if found is not None
        )


def shown(caller: str) -> str:
    """A caller's name in the access log: its token's name or hash, or its address."""
    return caller.removeprefix(_BEARER)


@lru_cache(_REMEMBERED)
def peer_endpoint(peer: str) -> tuple[str, int]:
    """Address and port of a gRPC peer such as `ipv4:192.0.2.1:443`; empty for a unix socket."""
    kind, _, rest = peer.partition(":")
    host, _, port = unquote(rest).rpartition(":")
    if kind not in ("ipv4", "ipv6") or not port.isdecimal():
        return "", 0
    return host.strip("[]").removeprefix("::ffff:"), int(port)


@lru_cache(_REMEMBERED)
def _site(address: str) -> str:
    found = _parsed(address)
    if isinstance(found, ipaddress.IPv6Address) and not found.is_loopback:
        return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found) if found is not None else "local"


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
