"""The optional HTTP transport, whose packages come with an extra."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from edgeocr.extras import MissingExtra, load_extra
from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.errors import StartError
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.settings.config import Config

_TRANSPORT_MODULE = "edgeocr.server.http.server"


class Web(Protocol):
    """The transport for browsers and HTTP clients."""

    async def start(self) -> str:
        """Listens; returns the URL with its real port.

        Raises:
            StartError: the address is in use or not this machine's.
        """

    async def stop(self) -> None:
        """Closes the listener; open calls are cut off after a moment."""


MakeWeb = Callable[[Admission, Lifecycle, Metrics, AccessPolicy, InferenceModel], Web]
"""Makes a transport that does not listen yet."""


def load_web(config: Config) -> MakeWeb | None:
    """Loads the factory of the transport; None if it is off. To be called before memory is measured, since loading
    takes some.

    Raises:
        StartError: the extra is not installed.
    """
    if config.http is None:
        return None
    try:
        transport = load_extra(_TRANSPORT_MODULE, "web", "http")
    except MissingExtra as error:
        raise StartError(str(error)) from None
    return partial(transport.HttpServer, config.http, config)
