"""Files behind URLs, fetched on request."""

import http.client
import ipaddress
import socket
import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from edgeocr.extras import load_extra

MOST_BYTES = 256 << 20
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE_BYTES = 1 << 16
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/32")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(OSError):
    """A URL could not be fetched; the text says why."""


@dataclass(frozen=True, slots=True)
class Url:
    """A file behind a URL of http, https or s3, which `read` fetches.

    Redirects are followed, except from https to http; proxies of the environment are not used. For s3 the extra
    `edgeocr[s3]` and the usual environment variables are required.

    Attributes:
        text: the URL.
        most_bytes: maximum size of the file.
        timeout_seconds: time limit of the whole fetch.
        public_only: whether hosts, including those of redirects, must have public addresses only, which excludes s3.
    """

    text: str
    most_bytes: int = MOST_BYTES
    timeout_seconds: float = 60.0
    public_only: bool = False

    def read(self) -> bytes:
        """The file.

        Raises:
            FetchError: it could not be fetched.
            MissingExtra: an ImportError, s3 needs `edgeocr[s3]`.
        """
        end = time.monotonic() + self.timeout_seconds
        url = self.text
        if url.lower().startswith("s3:") and not self.public_only:
            content: bytes = load_extra("edgeocr.s3", "s3", "s3://").read(url, self.most_bytes)
            return content
        for _ in range(_MOST_REDIRECTS + 1):
            found = self._follow(url, end)
            if isinstance(found, bytes):
                return found
            if url.startswith("https:") and not found.startswith("https:"):
                raise FetchError(f"{url}: leads away from https, to {found}")
            url = found
        raise FetchError(f"{self.text}: leads through more than {_MOST_REDIRECTS} redirects")

    def _follow(self, url: str, end: float) -> bytes | str:
        """The file, or the URL of a redirect."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
        except ValueError as error:
            raise FetchError(f"{url}: is not a URL: {error}") from None
        if host is None or port is None or parts.username is not None:
            raise FetchError(f"{url}: must be http://HOST/… or https://HOST/…, without a name and password")
        try:
            addresses = self._addresses(host, port)
            with closing(_Connection(host, port, addresses, parts.scheme == "https", end)) as connection:
                connection.request("GET", _target(parts), headers={"User-Agent": "edgeocr"})
                response = connection.getresponse()
                location = response.getheader("Location")
                if response.status in _REDIRECTS and location:
                    return urljoin(url, location)
                if response.status != http.client.OK:
                    raise FetchError(f"{url}: the host answered {response.status} {response.reason}")
                return self._content(url, connection, response)
        except FetchError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"{url}: {error or type(error).__name__}") from error

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, which the connection uses without another lookup."""
        found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        addresses = [str(address) for address in found]
        if self.public_only and not all(_is_public(ipaddress.ip_address(address)) for address in addresses):
            raise FetchError(f"{host}: has an address that is not of the public internet")
        return addresses

    def _content(self, url: str, connection: "_Connection", response: http.client.HTTPResponse) -> bytes:
        content = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            content += piece
            if len(content) > self.most_bytes:
                raise FetchError(f"{url}: has more than {self.most_bytes} bytes")
            connection.allow_time()
        return bytes(content)


class _Connection(http.client.HTTPConnection):
    """A connection to known addresses of a host, until a time on the monotonic clock."""

    def __init__(self, host: str, port: int, addresses: list[str], encrypted: bool, end: float) -> None:
        super().__init__(host, port)
        self._addresses = addresses
        self._encrypted = encrypted
        self._end = end

    def connect(self) -> None:
        """Connects to the first address that answers."""
        for address in self._addresses:
            try:
                plain = socket.create_connection((address, self.port), self._remaining_seconds())
                break
            except OSError as error:
                last = error
        else:
            raise last
        self.sock = plain
        if self._encrypted:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    def allow_time(self) -> None:
        """Sets the remaining time as the limit of the next piece."""
        # A response that is the connection's last has taken the socket away.
        if self.sock is not None:
            self.sock.settimeout(self._remaining_seconds())
        else:
            self._remaining_seconds()

    def _remaining_seconds(self) -> float:
        remaining_seconds = self._end - time.monotonic()
        if remaining_seconds <= 0:
            raise TimeoutError("timed out")
        return remaining_seconds


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _is_public(address: Address) -> bool:
    """Whether an address is public, and does not embed another one that is not."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return False
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner:
            return _is_public(inner)
    return address.is_global and not address.is_multicast
