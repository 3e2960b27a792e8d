"""Metrics and health over HTTP, on a separate port with separate limits.

Monitoring can connect even while all other connections are in use. The endpoint implements the part of HTTP/1.1 that
scrapers and probes need: one request per connection, without a body. Connections are closed after some seconds, and the
oldest one if there are too many, so that idle connections block no one.
"""

import asyncio
import http.client
import io
import logging
from email.message import Message
from http import HTTPStatus

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics

CONNECTION_SECONDS = 10.0
"""Time limit of a connection, from its start to the last byte of the answer."""
MOST_CONNECTIONS = 32
_MOST_HEAD_BYTES = 8 * 1024
_HEAD_END = b"\r\n\r\n"
_TEXT = "text/plain; charset=utf-8"

_log = logging.getLogger(__name__)


class MetricsEndpoint:
    """Answers `/metrics` to scrapers, `/healthz` and `/readyz` to probes."""

    def __init__(self, metrics: Metrics, lifecycle: Lifecycle, access: AccessPolicy) -> None:
        self._metrics = metrics
        self._lifecycle = lifecycle
        self._access = access
        self._connections: dict[_Connection, None] = {}
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listens, for 0 on a free port; returns the port.

        Raises:
            OSError: the address is in use or not this machine's.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=MOST_CONNECTIONS)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    def close(self) -> None:
        """Closes the port."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close()

    def opened(self, connection: "_Connection") -> None:
        """Adds a connection, and closes the oldest if there are too many."""
        self._connections[connection] = None
        if len(self._connections) > MOST_CONNECTIONS:
            next(iter(self._connections)).close()

    def closed(self, connection: "_Connection") -> None:
        """Removes a connection; may be called again."""
        self._connections.pop(connection, None)

    async def answer(self, head: bytes) -> bytes:
        """The complete answer to a request with this head."""
        line, _, fields = head.partition(b"\r\n")
        words = line.decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return _answer(HTTPStatus.BAD_REQUEST)
        try:
            headers = http.client.parse_headers(io.BytesIO(fields))
        except http.client.HTTPException:
            return _answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        method, path = words[0], words[1].partition("?")[0]
        hosts = headers.get_all("host", [])
        if len(hosts) > 1 or not all(map(self._access.is_own_host, hosts)):
            # Against DNS rebinding: a foreign page could point its own name here and read the answers.
            return _answer(HTTPStatus.MISDIRECTED_REQUEST, b"Host: no name of this server (http_hosts)\n")
        if path not in ("/metrics", "/healthz", "/readyz"):
            return _answer(HTTPStatus.NOT_FOUND)
        if method != "GET":
            return _answer(HTTPStatus.METHOD_NOT_ALLOWED, allow="GET")
        if path == "/metrics":
            return await self._scrape(headers)
        if path == "/readyz" and not self._lifecycle.ready:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, b"not ready\n")
        return _answer(HTTPStatus.OK, b"ready\n" if path == "/readyz" else b"alive\n")

    async def _scrape(self, headers: Message) -> bytes:
        body, more = await self._metrics.scrape(headers.get("accept", ""), headers.get("accept-encoding", ""))
        return _answer(HTTPStatus.OK, body, **more)


class _Connection(asyncio.Protocol):
    """A connection with one request and its answer."""

    def __init__(self, endpoint: MetricsEndpoint) -> None:
        self._endpoint = endpoint
        self._head = bytearray()
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts the time limit."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._late = asyncio.get_running_loop().call_later(CONNECTION_SECONDS, self.close)
        self._endpoint.opened(self)

    def data_received(self, data: bytes) -> None:
        """Collects the request's head; ignores data after it."""
        if self._answering is not None:
            return
        self._head += data
        if _HEAD_END in self._head:
            self._answering = asyncio.create_task(self._answer(bytes(self._head).partition(_HEAD_END)[0] + _HEAD_END))
        elif len(self._head) > _MOST_HEAD_BYTES:
            self._transport.write(_answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
            self._transport.close()

    async def _answer(self, head: bytes) -> None:
        try:
            answer = await self._endpoint.answer(head)
        except Exception:
            _log.exception("metrics cannot be written")
            answer = _answer(HTTPStatus.INTERNAL_SERVER_ERROR)
        self._transport.write(answer)
        self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        """Cancels the work for the answer."""
        self._late.cancel()
        if self._answering is not None:
            self._answering.cancel()
        self._endpoint.closed(self)

    def close(self) -> None:
        """Closes the connection immediately, dropping unsent data."""
        self._endpoint.closed(self)
        self._transport.abort()


def _answer(status: HTTPStatus, body: bytes = b"", content_type: str = _TEXT, **more: str) -> bytes:
    """A complete answer, whose default body is its status."""
    body = body or f"{status.phrase}\n".encode()
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "connection": "close",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
