"""Answers in the metrics, by path and status."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgeocr.server.metrics import Metrics

_OTHER, _GONE = "other", "gone"
"""For metrics: a path that is none of those that they name, and the end of a call whose caller had gone."""


class CountAnswers:
    """Counts calls by the status of their answer, on the paths that there are; all others are one."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Collection[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts once the answer begins, or its caller turns out to be gone."""
        status = ""

        async def receive_or_notice() -> Message:
            nonlocal status
            message = await receive()
            if message["type"] == "http.disconnect":
                status = status or _GONE
            return message

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = status or str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive_or_notice, send_and_note)
        finally:
            if scope["type"] == "http":
                path = scope["path"] if scope["path"] in self._paths else _OTHER
                self._metrics.http_answer(path, status or _GONE)
