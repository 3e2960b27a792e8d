"""Connections that break while images are read.

A server that an image ends takes its connection with it. Sent to one server after the other, that image would end them
all. So an image that was on its way when a connection broke is sent once more, alone, and then not again.
"""

import re

import grpc

from edgeocr.client.errors import OcrError

MOST_BREAKS = 2
STATUS_LOST = "the stream broke while an image was sent"
"""What is said where gRPC lost the status that a server may have sent."""
_NOTHING_SENT = re.compile(
    r"failed to connect|connections to all backends failing|no server|resol|refused", re.IGNORECASE
)
"""What gRPC, and the proxies that are set up as in deploy/, say of calls that reached no server."""


def broke(error: OcrError) -> bool:
    """Whether a server may have got what was sent, and has not said why it went away."""
    unavailable = error.code is grpc.StatusCode.UNAVAILABLE
    return unavailable and not error.reason and _NOTHING_SENT.search(error.message) is None


def given_up(error: OcrError) -> OcrError:
    """What is said of an image after so many breaks."""
    return OcrError(
        grpc.StatusCode.UNAVAILABLE,
        f"the connection broke {MOST_BREAKS} times while this image was read; it is not sent again ({error.message})",
    )
