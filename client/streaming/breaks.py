"""Connections that break while images are read.

A server that an image ends takes its connection with it. Sent to one server after the other, that image would end them
all. So an image that was on its way when a connection broke is sent once more, alone, and then not again.
"""

import re

import grpc

from edgeocr.client.errors import OcrError

MOST_BREAKS = 2
STATUS_LOST = "the stream broke while an image was sent"
"""The error's text where gRPC lost the status that a server may have sent."""
_NOTHING_SENT = re.compile(
    r"failed to connect|connections to all backends failing|no server|resol|refused", re.IGNORECASE
)
"""How gRPC, and proxies configured as in deploy/, report calls that reached no server."""


def broke(error: OcrError) -> bool:
    """Whether a server may have received what was sent, and ended without a reason."""
    unavailable = error.code is grpc.StatusCode.UNAVAILABLE
    return unavailable and not error.reason and _NOTHING_SENT.search(error.message) is None


def given_up(error: OcrError) -> OcrError:
    """The error of an image after the maximum number of breaks."""
    return OcrError(
        grpc.StatusCode.UNAVAILABLE,
        f"the connection broke {MOST_BREAKS} times while this image was read; it is not sent again ({error.message})",
    )
