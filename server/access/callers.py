"""Who calls, as far as shares go: a caller is its token, else its address, whichever way it comes.

What stands between, such as a proxy that terminates TLS, may be trusted to say whom it speaks for; of what others say
of themselves nothing counts.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from edgeocr.server.access.tokens import Tokens, carried_token
from edgeocr.server.access.watched_files import WatchedFiles

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Metadata = Iterable[tuple[str, str | bytes]]
_FORWARDED = "x-forwarded-for"
_AUTHORIZATION = "authorization"
_IPV6_PREFIX = 64
"""What one site has of the addresses: all of them are one caller."""
_BEARER = "token "


def networks(listed: str) -> Sequence[Network]:
    """Addresses and networks, separated by commas; raises ValueError for other texts."""
    return [ipaddress.ip_network(one.strip(), strict=False) for one in listed.split(",")]


class Callers:
    """Tells callers apart."""

    def __init__(self, trusted: Sequence[Network] = (), tokens: WatchedFiles[Tokens] | None = None) -> None:
        """Takes the proxies that are trusted to name an address, and the tokens that callers must have, if any."""
        self._trusted = trusted
        self._tokens = tokens

    def of(self, address: str, headers: Metadata) -> str:
        """The caller behind a connection from an address (empty for a unix socket), by a call's headers."""
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
        """Whether a connection from there is of a proxy that says for whom it speaks."""
        if not self._trusted:
            return False
        found = _parsed(address)
        return (found is None and not address) or any(
            found in network for network in self._trusted if found is not None
        )


def shown(caller: str) -> str:
    """How the access log names a caller: by the name that its token has, or its hash, or by its address."""
    return caller.removeprefix(_BEARER)


def peer_endpoint(peer: str) -> tuple[str, int]:
    """Address and port in what gRPC says of a connection, such as `ipv4:192.0.2.1:443`; empty for a unix socket."""
    kind, _, rest = peer.partition(":")
    host, _, port = unquote(rest).rpartition(":")
    if kind not in ("ipv4", "ipv6") or not port.isdecimal():
        return "", 0
    return host.strip("[]").removeprefix("::ffff:"), int(port)


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
