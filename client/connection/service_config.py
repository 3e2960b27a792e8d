"""How calls are spread over servers and sent again, as gRPC's service config.

gRPC's Python does not hedge: a hedging policy in a service config is passed over without a word (seen with 1.85). So
`edgeocr.client.streaming.hedge` does it.
"""

import json

SERVICE = "edgeocr.v1.OcrService"

_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # Images are left out: a resend by gRPC would repeat those that have their answers already, and send one that ends
    # servers to four of them.
    "methodConfig": [
        {
            "name": [{"service": SERVICE, "method": "GetServerInfo"}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    # A server that dies takes all its calls with it, and each costs a token; below half of them nothing is sent again.
    # Ten tokens would be gone with the sixth call. A hundred calls are more than a server holds of one caller.
    "retryThrottling": {"maxTokens": 200, "tokenRatio": 0.1},
}


def service_config(*, health_aware: bool) -> str:
    """The service config as JSON.

    With `health_aware` the client watches the health of every server that it is connected to (grpc.health.v1), and
    calls only those that serve; a server without that service counts as serving.
    """
    config = {**_CONFIG, "healthCheckConfig": {"serviceName": SERVICE}} if health_aware else _CONFIG
    return json.dumps(config)
