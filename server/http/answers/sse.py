"""Streamed answers: server-sent events (HTML, section 9.2), and the watch for clients that disconnect."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from edgeocr.model.results import LineRead, PageRead
from edgeocr.results.json_results import line_object
from edgeocr.server.errors import Cancelled
from edgeocr.server.http.answers.json_results import SECONDS_DIGITS, answered_page, timings_object
from edgeocr.server.http.answers.problems import problem
from edgeocr.server.memory.previews import PageDrawn
from edgeocr.server.scheduling.events import Event, Finished
from edgeocr.server.scheduling.session import Entry, Session

MEDIA_TYPE = "text/event-stream"
_HEARTBEAT_SECONDS = 15.0
_LOOK_SECONDS = 1.0
"""Interval of reports on the places of waiting images."""
_HEARTBEAT = b": still at it\n\n"
"""A comment as keep-alive: intermediaries take a silent connection for a dead one."""


class EventStream(Response):
    """Sends a session's events, and cancels its work when the caller disconnects."""

    media_type = MEDIA_TYPE

    def __init__(self, session: Session, *, with_places: bool = False) -> None:
        """Takes the session, which receives no more images, and whether to report the places of waiting images."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._session = session
        self._with_places = with_places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends head and events."""
        await while_there(receive, self._send(send))

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for data in _with_heartbeats(self._session, with_places=self._with_places):
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def while_there(receive: Receive, work: Awaitable[Any]) -> Any:
    """Returns the work's result; the request body must have been read before.

    Raises:
        Cancelled: the caller disconnected, and the work was cancelled.
    """
    working = asyncio.ensure_future(work)
    listening = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, listening}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Cancelled("the caller went away")
        return working.result()
    finally:
        for task in (working, listening):
            task.cancel()
        await asyncio.gather(working, listening, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _with_heartbeats(session: Session, *, with_places: bool) -> AsyncIterator[bytes]:
    events = session.events()
    coming = asyncio.ensure_future(_next(events))
    reported: dict[Entry, int] = {}
    sent = time.monotonic()
    try:
        while True:
            seconds = sent + _HEARTBEAT_SECONDS - time.monotonic()
            done, _ = await asyncio.wait({coming}, timeout=min(_LOOK_SECONDS, seconds) if with_places else seconds)
            if done:
                if (arrival := coming.result()) is None:
                    return
                yield event_data(*arrival)
                coming = asyncio.ensure_future(_next(events))
            elif with_places and (waiting := session.waiting()) != reported:
                for entry, ahead in waiting.items():
                    if reported.get(entry) != ahead:
                        yield _event("queued", {"image": entry.index, "ahead": ahead})
                reported = waiting
            elif time.monotonic() - sent >= _HEARTBEAT_SECONDS:
                yield _HEARTBEAT
            else:
                continue
            sent = time.monotonic()
    finally:
        coming.cancel()


async def _next(events: AsyncIterator[tuple[Entry, Event]]) -> tuple[Entry, Event] | None:
    return await anext(events, None)


def event_data(entry: Entry, event: Event) -> bytes:
    """One event of an image: picture, line or page, finally done or error."""
    found: dict[str, Any] = {}
    match event:
        case PageDrawn(page_index, width, height, jpeg, page_count):
            kind, found = "picture", {"page": page_index, "page_count": page_count, "width": width, "height": height}
            found["jpeg"] = base64.b64encode(jpeg).decode()
        case LineRead(page_index, line_index, line):
            kind, found = "line", {"page": page_index, "index": line_index, "line": line_object(line)}
        case PageRead(page, page_count):
            kind, found = "page", {"page": answered_page(page), "page_count": page_count}
        case _ if event.error is not None:
            kind, found = "error", {"name": entry.name, "error": problem(event.error)}
        case _:
            # Pages that were not read before the deadline have not been sent.
            kind, found = "done", {"name": entry.name, "pages": [answered_page(page) for page in event.pages]}
    if isinstance(event, Finished):
        found["timings"] = timings_object(event.timings)
    else:
        found["elapsed_seconds"] = round(time.monotonic() - entry.received, SECONDS_DIGITS)
    return _event(kind, {"image": entry.index, **found})


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, allow_nan=False)}\n\n".encode()
