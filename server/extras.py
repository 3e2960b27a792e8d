"""The page and the REST call, if they are asked for: their transport needs packages that come as an extra."""

import importlib
from typing import Protocol

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.config import Config
from edgeocr.server.errors import StartError
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.setting_values import OFF

_TRANSPORT_MODULE = "edgeocr.server.http.server"
_EXTRA = frozenset({"fastapi", "pydantic", "python_multipart", "starlette", "typing_extensions", "uvicorn"})


class Web(Protocol):
    """A transport that is there for browsers and HTTP clients."""

    async def start(self) -> str:
        """Listens; returns the URL with its real port.

        Raises:
            StartError: the address is taken or not this machine's.
        """

    async def drain(self, timeout_seconds: float) -> bool:
        """Lets open calls finish, and closes; False if calls had to be cut off."""


class MakeWeb(Protocol):
    """What makes a Web."""

    def __call__(
        self,
        admission: Admission,
        lifecycle: Lifecycle,
        metrics: Metrics,
        access: AccessPolicy,
        config: Config,
        version: str,
    ) -> Web:
        """Makes one that does not listen yet."""


def load_web(config: Config) -> MakeWeb | None:
    """What makes the transport, or None where it is off. Loading it takes memory: it is done before that is measured.

    Raises:
        StartError: the extra that this takes is not installed.
    """
    if config.http == OFF:
        return None
    try:
        transport = importlib.import_module(_TRANSPORT_MODULE)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise StartError(f"http: {error.name} is not installed; `pip install 'edgeocr[web]'` does it") from None
    make: MakeWeb = transport.HttpServer
    return make
