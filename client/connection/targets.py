"""Targets: one server or proxy, or several servers with client-side load balancing.

gRPC's names are passed through. Several servers are named by a list of addresses, `10.0.0.1:1,10.0.0.2:1`, or by a name
that resolves to all of them, `dns:///ocr.example:50051`, which is resolved again when a connection is lost.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_TARGET = "127.0.0.1:50051"

_SCHEME = re.compile(r"(dns|ipv4|ipv6):(//[^/]*/)?")
_ADDRESS = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<four>[^:\[\]]+)):(?P<port>\d{1,5})")
_NO_PORT = re.compile(r"[^:\[\]]*|\[[^\]]*\]")
_URL = re.compile(r"(https?|grpcs?)://", re.IGNORECASE)
_PORT = 50051
_UNIX = ("unix:", "unix-abstract:")


@dataclass(frozen=True, slots=True)
class Servers:
    """A parsed target.

    Attributes:
        name: the target as gRPC understands it.
        hosts: host names and addresses in it; none for a unix socket.
        listed: whether it is a list of addresses.
        several: whether it names the servers themselves, possibly several. `HOST:PORT` does not: it may be a proxy,
            which reports the health of any server behind it.
    """

    name: str
    hosts: tuple[str, ...]
    listed: bool = False
    several: bool = False

    @property
    def on_this_machine(self) -> bool:
        """Whether all hosts are on this machine, as far as the text shows."""
        return all(_is_loopback(host) for host in self.hosts)


def parse_target(target: str) -> Servers:
    """Parses a target.

    Raises:
        ValueError: it is a URL or has no port, or a list has something other than addresses of one family.
    """
    if target.startswith(_UNIX):
        return Servers(target, ())
    if _URL.match(target):
        raise ValueError(f"target: {target!r} is a URL, but servers are named HOST:PORT{_suggested(target)}")
    scheme = found[1] if (found := _SCHEME.match(target)) else ""
    addresses = target[found.end() :] if found else target
    if "," not in addresses:
        if _NO_PORT.fullmatch(addresses):
            raise ValueError(f"target: {target!r} has no port; servers are named HOST:PORT, such as {target}:{_PORT}")
        return Servers(target, (_host(addresses),), several=scheme == "dns")
    if scheme == "dns":
        raise ValueError(
            f"target: {target!r} has several names; one name may stand for many servers, a list has addresses"
        )
    entries = [entry.strip() for entry in addresses.split(",")]
    families = {_family(entry) for entry in entries}
    if len(families) > 1 or (scheme and families != {scheme}):
        raise ValueError(f"target: {target!r} mixes IPv4 and IPv6; a list has addresses of one family")
    hosts = tuple(_host(entry) for entry in entries)
    return Servers(f"{families.pop()}:{','.join(entries)}", hosts, listed=True, several=True)


def _suggested(url: str) -> str:
    """The target that a URL may mean; its port is left out, since HTTP has another one."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return f", such as {host}:{_PORT}" if host else ""


def _family(entry: str) -> str:
    """The address family of an entry in a list."""
    found = _ADDRESS.fullmatch(entry)
    try:
        if found is None or int(found["port"]) > 65535:
            raise ValueError
        if found["four"] is not None:
            ipaddress.IPv4Address(found["four"])
            return "ipv4"
        ipaddress.IPv6Address(found["six"])
    except ValueError:
        raise ValueError(
            f"target: {entry!r} in a list is no IP address with a port; name hosts with dns:///NAME:PORT, which may "
            "stand for many"
        ) from None
    return "ipv6"


def _host(address: str) -> str:
    return address[1:].partition("]")[0] if address.startswith("[") else address.partition(":")[0]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
