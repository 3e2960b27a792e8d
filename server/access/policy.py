"""The access policy: who may call, and over which transport."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from edgeocr.server.access.callers import Callers, networks
from edgeocr.server.access.certificates import Certificates, watch_certificates
from edgeocr.server.access.tokens import Tokens, watch_tokens
from edgeocr.server.access.unix_socket import PREFIX
from edgeocr.server.access.watched_files import WatchedFiles
from edgeocr.server.settings.config import Config

LOCALHOST = "localhost"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the services require of callers.

    Attributes:
        certificates: for TLS; None serves without encryption.
        tokens: accepted bearer tokens; None requires none.
        socket_mode: permissions of the unix socket.
        hosts: host names that the server answers to over HTTP, in lower case, in addition to localhost.
        origins: origins of other sites whose pages may call over HTTP (CORS); "*" allows all.
        callers: identifies callers for fair shares.
    """

    certificates: WatchedFiles[Certificates] | None = None
    tokens: WatchedFiles[Tokens] | None = None
    socket_mode: int = 0o600
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    callers: Callers = field(default_factory=Callers)

    def file_reloads(self) -> Mapping[tuple[str, str], int]:
        """Number of reloads by setting and outcome: ok, error."""
        watched = [files for files in (self.certificates, self.tokens) if files is not None]
        for files in watched:
            # Checks the files here too, since there may be no calls.
            files.current()
        return {(files.setting, result): count for files in watched for result, count in files.reloads.items()}

    def certificate_end(self) -> float:
        """When the server's certificate expires, in seconds since 1970; 0 without one."""
        return 0.0 if self.certificates is None else self.certificates.current().validity.end

    def is_own_host(self, authority: str) -> bool:
        """Whether a `Host` header names this server. IP addresses always do: nobody else can register them.

        This prevents DNS rebinding: a foreign page can point its own name to the server's address after it is loaded,
            and then counts as same-origin; but it cannot change its host name, nor become an IP address.
        """
        name = host_name(authority)
        return name == LOCALHOST or name in self.hosts or is_address(name)


def make_access_policy(config: Config) -> AccessPolicy:
    """Makes the access policy of the settings.

    Raises:
        StartError: a file that they name is missing or invalid.
    """
    certificates = None
    if config.tls_certificate is not None and config.tls_key is not None:
        certificates = watch_certificates(config.tls_certificate, config.tls_key, config.tls_client_ca)
    tokens = None if config.tokens is None else watch_tokens(config.tokens)
    trusted = () if config.trusted_proxies is None else networks(config.trusted_proxies)
    hosts = frozenset(_host_names(config))
    mode = int(config.socket_mode, 8)
    return AccessPolicy(certificates, tokens, mode, hosts, _origins(config), Callers(trusted, tokens))


def _host_names(config: Config) -> Iterator[str]:
    if config.http_hosts is not None:
        yield from config.http_hosts.lower().split(",")
    for address in filter(None, (config.http, config.metrics)):
        bound = _host(address).lower()
        if bound != LOCALHOST and not is_address(bound):
            yield bound


def host_name(authority: str) -> str:
    """The host of HOST[:PORT] in comparable form; empty if invalid."""
    if "@" in authority:
        return ""
    try:
        return (urlsplit(f"//{authority}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _origins(config: Config) -> frozenset[str]:
    return frozenset() if config.cors_origins is None else frozenset(config.cors_origins.lower().split(","))


def is_address(host: str) -> bool:
    """Whether a host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def exposures(config: Config) -> Iterator[str]:
    """What the settings expose to other machines, in a sentence each, for the log."""
    for setting, address in (("listen", config.listen), ("http", config.http)):
        if address is None or _is_local(address):
            continue
        if config.tokens is None and config.tls_client_ca is None:
            yield f"{setting}: anyone who can reach {address} can use the service (tokens and tls_client_ca are off)"
        if config.tls_certificate is None:
            what = "images and texts" if config.tokens is None else "tokens, images and texts"
            yield f"{setting}: {what} pass {address} unencrypted (tls_certificate is off)"
    if config.metrics is not None and not _is_local(config.metrics):
        yield f"metrics: anyone who can reach {config.metrics} can read them"


def _is_local(address: str) -> bool:
    if address.startswith(PREFIX):
        return True
    host = _host(address)
    return ipaddress.ip_address(host).is_loopback if is_address(host) else host == LOCALHOST


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")
