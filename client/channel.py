"""The connection to one server, or to all the addresses that its name resolves to."""

import json
from collections.abc import Sequence

import grpc

from edgeocr.client.tls import Tls

ChannelOption = tuple[str, str | int]

DEFAULT_TARGET = "127.0.0.1:50051"
"""Where a server listens unless told otherwise."""

_SERVICE = "edgeocr.v1.OcrService"

# RecognizeStream is left out: a resend by gRPC would repeat images that have their answers already.
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": _SERVICE, "method": method} for method in ("Recognize", "GetServerInfo")],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
}

_OPTIONS: dict[str, str | int] = {
    "grpc.service_config": json.dumps(_SERVICE_CONFIG),
    # gRPC refuses more than 4 MB by itself; the server's published limits are the ones that count.
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": -1,
    # A call whose request outgrows this buffer (256 kB by itself) would silently not be retried.
    "grpc.per_rpc_retry_buffer_size": 2**31 - 1,
    # Finds a peer that vanished without a word; the server allows it every 30 seconds.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 5_000,
    # A proxy for the web, set for the whole machine, would also catch calls to this machine.
    "grpc.enable_http_proxy": 0,
}


def make_channel(target: str, *, tls: Tls | None = None, options: Sequence[ChannelOption] = ()) -> grpc.aio.Channel:
    """Makes a channel for the running event loop; it connects at the first call.

    `target` is any gRPC name (`host:port`, `unix:/path`, `dns:///name:port`). Without `tls` the connection is not
    encrypted. `options` are gRPC channel arguments and win over those set here.

    Raises:
        OSError: a file of `tls` cannot be read.
    """
    arguments = {**_OPTIONS, **dict(options)}
    if tls is None:
        return grpc.aio.insecure_channel(target, options=list(arguments.items()))
    if tls.name is not None:
        arguments["grpc.ssl_target_name_override"] = tls.name
    return grpc.aio.secure_channel(target, tls.credentials(), options=list(arguments.items()))
