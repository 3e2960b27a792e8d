"""The connection to one server, or to several that calls are spread over."""

from collections.abc import Sequence

import grpc

from edgeocr.client.connection.service_config import service_config
from edgeocr.client.connection.targets import parse_target
from edgeocr.client.connection.tls import Tls

ChannelOption = tuple[str, str | int]

"""Where a server listens by default."""

_OPTIONS: dict[str, str | int] = {
    # gRPC refuses more than 4 MB by default; the server's published limits are the ones that count.
    "grpc.max_send_message_length": -1,
    # Far more than the lines of any document, and less than what would end this process.
    "grpc.max_receive_message_length": 1 << 28,
    # A call whose request outgrows this buffer (256 kB by default) would silently not be retried.
    "grpc.per_rpc_retry_buffer_size": 2**31 - 1,
    # Finds a peer that vanished without a word; the server allows it every 30 seconds.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 5_000,
    # Finds servers that came in the place of lost ones; gRPC by default asks DNS every 30 seconds at most.
    "grpc.dns_min_time_between_resolutions_ms": 5_000,
    # A proxy for the web, set for the whole machine, would also catch calls to this machine.
    "grpc.enable_http_proxy": 0,
}


def make_channel(target: str, *, tls: Tls | None = None, options: Sequence[ChannelOption] = ()) -> grpc.aio.Channel:
    """Makes a channel for the running event loop; it connects at the first call.

    `target` is any gRPC name (`host:port`, `unix:/path`, `dns:///name:port`), or a list of addresses with commas
    between them. Calls go in turn to all the servers that it names. Where it is a list or begins with `dns:`, only
    those are called that say that they serve; `host:port` may be a proxy, whose health says nothing about the servers
    behind it. Without `tls` the connection is not encrypted. `options` are gRPC channel arguments and win over those
    set here.

    Raises:
        OSError: a file of `tls` cannot be read.
        ValueError: the list is wrong, or `tls` lacks the name that all certificates of its servers have.
    """
    servers = parse_target(target)
    arguments = {**_OPTIONS, "grpc.service_config": service_config(health_aware=servers.several)}
    if servers.listed:
        # By default it would be the whole list, which proxies and servers need not take for a host.
        arguments["grpc.default_authority"] = servers.hosts[0]
    arguments.update(options)
    if tls is None:
        return grpc.aio.insecure_channel(servers.name, options=list(arguments.items()))
    if tls.name is not None:
        arguments["grpc.ssl_target_name_override"] = tls.name
    elif servers.listed:
        raise ValueError(
            "a list of addresses needs the name that the servers' certificates have (Tls.name, --tls-name)"
        )
    return grpc.aio.secure_channel(servers.name, tls.credentials(), options=list(arguments.items()))
