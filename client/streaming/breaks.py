"""Retries after connections that break while images are read.

An image that crashes its server breaks the connection. If it were sent to one server after the other, it would crash
all of them. So an image in flight when a connection broke is sent only once more, alone.
"""

import re

import grpc

from edgeocr.client.errors import OcrError

MOST_BREAKS = 2
STATUS_LOST = "the stream broke while an image was sent"
"""The message if gRPC lost the status that a server may have sent."""
_NOTHING_SENT = re.compile(
    r"failed to connect|connections to all backends failing|no server|resol|refused", re.IGNORECASE
)
"""Messages of gRPC, and of proxies configured as in deploy/, for calls that reached no server."""


def broke(error: OcrError) -> bool:
    """Whether a server may have received the call and ended without a status."""
    unavailable = error.code is grpc.StatusCode.UNAVAILABLE
    return unavailable and not error.reason and _NOTHING_SENT.search(error.message) is None


def given_up(error: OcrError) -> OcrError:
    """The error of an image after the maximum number of broken connections."""
    return OcrError(
        grpc.StatusCode.UNAVAILABLE,
        f"the connection broke {MOST_BREAKS} times while this image was read; it is not sent again ({error.message})",
    )
