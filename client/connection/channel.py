"""Channels to one server, or to several with load balancing."""

from collections.abc import Sequence

import grpc

from edgeocr.client.connection.service_config import service_config
from edgeocr.client.connection.targets import parse_target
from edgeocr.client.connection.tls import Tls

ChannelOption = tuple[str, str | int]

"""The default address of a server."""

_OPTIONS: dict[str, str | int] = {
    # By default gRPC refuses more than 4 MB; the server's published limits apply instead.
    "grpc.max_send_message_length": -1,
    # Far more than the lines of any document, and little enough for this process's memory.
    "grpc.max_receive_message_length": 1 << 28,
    # gRPC silently does not retry calls whose request exceeds this buffer (256 kB by default).
    "grpc.per_rpc_retry_buffer_size": 2**31 - 1,
    # Detects a peer that vanished; the server allows a ping every 30 seconds.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 5_000,
    # Finds servers that replace lost ones; by default gRPC asks DNS every 30 seconds at most.
    "grpc.dns_min_time_between_resolutions_ms": 5_000,
    # A machine-wide HTTP proxy would also receive calls to this machine.
    "grpc.enable_http_proxy": 0,
}


def make_channel(target: str, *, tls: Tls | None = None, options: Sequence[ChannelOption] = ()) -> grpc.aio.Channel:
    """Makes a channel on the running event loop; it connects at the first call.

    `target` is any gRPC name (`host:port`, `unix:/path`, `dns:///name:port`), or a comma-separated list of addresses.
    Calls go round-robin to all servers that it names. If it is a list or begins with `dns:`, servers that report
    NOT_SERVING are skipped; `host:port` may be a proxy, whose health says nothing about the servers behind it. Without
    `tls` the connection is not encrypted. `options` are gRPC channel arguments, which override those set here.

    Raises:
        OSError: a file of `tls` cannot be read.
        ValueError: the target is invalid, or is a list and `tls` lacks the name that all certificates of its servers
            share.
    """
    servers = parse_target(target)
    arguments = {**_OPTIONS, "grpc.service_config": service_config(health_aware=servers.several)}
    if servers.listed:
        # The default is the whole list, which proxies and servers may reject as a host name.
        arguments["grpc.default_authority"] = servers.hosts[0]
    arguments.update(options)
    if tls is None:
        return grpc.aio.insecure_channel(servers.name, options=list(arguments.items()))
    if tls.name is not None:
        arguments["grpc.ssl_target_name_override"] = tls.name
    elif servers.listed:
        raise ValueError("a list of addresses needs the name in the servers' certificates (Tls.name, --tls-name)")
    return grpc.aio.secure_channel(servers.name, tls.credentials(), options=list(arguments.items()))
