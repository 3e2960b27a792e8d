"""Access: who may call, and over which transport."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from edgeocr.server.access.callers import Callers, networks
from edgeocr.server.access.certificates import Certificates, watch_certificates
from edgeocr.server.access.tokens import Tokens, watch_tokens
from edgeocr.server.access.unix_socket import PREFIX
from edgeocr.server.access.watched_files import WatchedFiles
from edgeocr.server.settings.config import Config
from edgeocr.server.settings.setting_values import OFF

LOCALHOST = "localhost"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the services ask of those who come.

    Attributes:
        certificates: for TLS; None serves in the clear.
        tokens: of which a caller must have one; None asks for none.
        socket_mode: permissions of a unix socket.
        hosts: names that the server has over HTTP, in lower case, besides localhost.
        origins: of other sites' pages that may call HTTP and see its answers; "*" is all of them.
        callers: identifies the caller, to whom shares belong.
    """

    certificates: WatchedFiles[Certificates] | None = None
    tokens: WatchedFiles[Tokens] | None = None
    socket_mode: int = 0o600
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    callers: Callers = field(default_factory=Callers)

    def file_reloads(self) -> Mapping[tuple[str, str], int]:
        """How often files have changed, by their setting and whether that gave a value: ok, error."""
        watched = [files for files in (self.certificates, self.tokens) if files is not None]
        for files in watched:
            # Also while nobody calls.
            files.current()
        return {(files.setting, result): count for files in watched for result, count in files.reloads.items()}

    def certificate_end(self) -> float:
        """When the server's certificate expires, in seconds since 1970; 0 without one."""
        return 0.0 if self.certificates is None else self.certificates.current().validity.end

    def is_own_host(self, authority: str) -> bool:
        """Whether a `Host` header names this server. Addresses always do: they are not names that others can register.

        A page of anybody's can have a name of its own point to the server's address once it is loaded, and then be of
        the same origin for its browser. It cannot change the name that it was asked for, nor become an address.
        """
        name = host_name(authority)
        return name == LOCALHOST or name in self.hosts or is_address(name)


def make_access_policy(config: Config) -> AccessPolicy:
    """What the settings expose to other machines.

    Raises:
        StartError: a file that they name is missing or wrong.
    """
    certificates = None
    if config.tls_certificate != OFF:
        authorities = None if config.tls_client_ca == OFF else Path(config.tls_client_ca)
        certificates = watch_certificates(Path(config.tls_certificate), Path(config.tls_key), authorities)
    tokens = None if config.tokens == OFF else watch_tokens(Path(config.tokens))
    trusted = () if config.trusted_proxies == OFF else networks(config.trusted_proxies)
    hosts = frozenset(_host_names(config))
    mode = int(config.socket_mode, 8)
    return AccessPolicy(certificates, tokens, mode, hosts, _origins(config), Callers(trusted, tokens))


def _host_names(config: Config) -> Iterator[str]:
    if config.http_hosts != OFF:
        yield from config.http_hosts.lower().split(",")
    for address in (config.http, config.metrics):
        bound = _host(address).lower()
        if bound and bound != LOCALHOST and not is_address(bound):
            yield bound


def host_name(authority: str) -> str:
    """The host of a host and port, as it is compared; empty for what is none."""
    if "@" in authority:
        return ""
    try:
        return (urlsplit(f"//{authority}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _origins(config: Config) -> frozenset[str]:
    return frozenset() if config.cors_origins == OFF else frozenset(config.cors_origins.lower().split(","))


def is_address(host: str) -> bool:
    """Whether a host is an IP address, and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def exposures(config: Config) -> Iterator[str]:
    """What the settings leave open to others than this machine: one sentence each, for the log."""
    for setting, address in (("listen", config.listen), ("http", config.http)):
        if address == OFF or _is_local(address):
            continue
        if config.tokens == OFF and config.tls_client_ca == OFF:
            yield f"{setting}: anybody who reaches {address} may use the service (tokens and tls_client_ca are off)"
        if config.tls_certificate == OFF:
            what = "images and texts" if config.tokens == OFF else "tokens, images and texts"
            yield f"{setting}: {what} pass {address} unencrypted (tls_certificate is off)"
    if config.metrics != OFF and not _is_local(config.metrics):
        yield f"metrics: anybody who reaches {config.metrics} may read them"


def _is_local(address: str) -> bool:
    if address.startswith(PREFIX):
        return True
    host = _host(address)
    return ipaddress.ip_address(host).is_loopback if is_address(host) else host == LOCALHOST


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")
