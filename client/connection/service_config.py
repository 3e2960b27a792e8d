"""Load balancing and retries, as a gRPC service config.

gRPC for Python silently ignores hedging policies in a service config (as of 1.85), so `edgeocr.client.streaming.hedge`
implements hedging.
"""

import json

SERVICE = "edgeocr.v1.OcrService"

_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # Calls with images are not listed: gRPC's retries would repeat images that have answers, and send an image that
    # kills servers to four of them.
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
    # A server that dies breaks all its calls, and each costs a token; below half of the tokens gRPC stops retrying. 200
    # tokens last for a hundred calls, more than a server holds for one caller.
    "retryThrottling": {"maxTokens": 200, "tokenRatio": 0.1},
}


def service_config(*, health_aware: bool) -> str:
    """The service config as JSON.

    With `health_aware` the client watches the health of every connected server (grpc.health.v1), and calls only servers
    that are SERVING; one without the health service counts as serving.
    """
    config = {**_CONFIG, "healthCheckConfig": {"serviceName": SERVICE}} if health_aware else _CONFIG
    return json.dumps(config)
