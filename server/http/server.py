"""The HTTP server, on the common event loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import uvicorn

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.errors import StartError
from edgeocr.server.host.connections import listen, most_connections
from edgeocr.server.http.answers.delivery import Delivery
from edgeocr.server.http.application import make_application
from edgeocr.server.http.connection import Connection
from edgeocr.server.http.tls import ReloadingContext
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.settings.config import Config

_CLOSE_SECONDS = 1
_KEEP_ALIVE_SECONDS = 60


class HttpServer:
    """Listens, serves, and stops gracefully."""

    def __init__(
        self,
        address: str,
        config: Config,
        admission: Admission,
        lifecycle: Lifecycle,
        metrics: Metrics,
        access: AccessPolicy,
        inference: InferenceModel,
    ) -> None:
        application = make_application(admission, lifecycle, metrics, access, inference)
        certificates = access.certificates
        connection = partial(
            Connection,
            most=most_connections(config.connections, 2),
            deliver=lambda app, cut_off: Delivery(app, lifecycle, config.answer_seconds, cut_off),
        )
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._scheme = "http" if certificates is None else "https"
        self._server = _Server(
            uvicorn.Config(
                application,
                http=connection,  # type: ignore[arg-type]  # any maker of protocols will do
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                # At lower levels it logs every client that does not speak HTTP.
                log_level="error",
                # The caller is determined here, by the access policy; uvicorn must keep the peer's address.
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_CLOSE_SECONDS,
                ssl_context_factory=None if certificates is None else lambda _, __: ReloadingContext.of(certificates),
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Listens; returns the URL with its real port.

        Raises:
            StartError: the address is in use or not this machine's.
        """
        listener = self._listen()
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        return f"{self._scheme}://{self._host}:{listener.getsockname()[1]}/"

    def _listen(self) -> socket.socket:
        try:
            return listen(self._host.strip("[]"), self._port)
        except OSError as error:
            raise StartError(f"http: cannot listen on {self._host}:{self._port}: {error.strerror}") from None

    async def stop(self) -> None:
        """Closes the server; open calls are cut off after a moment."""
        self._server.should_exit = True
        if self._serving is not None:
            with suppress(asyncio.CancelledError):
                await self._serving


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Installs no handlers."""
        yield
