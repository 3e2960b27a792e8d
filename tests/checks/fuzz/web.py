"""Requests over HTTP: their paths, queries, headers and bodies, the bodies cut anywhere."""

import asyncio
import json
from functools import cache
from urllib.parse import unquote

import h11
from starlette.types import ASGIApp, Message

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http.application import make_application
from edgeocr.server.http.bodies import chunks
from edgeocr.server.inference.model import InferenceModel
from tests.checks.fuzz.harness import METRICS, Harness, InstantQueue, run

_SERVER_ERRORS = {503}
"""Statuses of a server that drains, or whose caller disconnected."""
# A moment is enough instead of ten seconds: no other caller releases memory.
chunks.PATIENCE_SECONDS = 0.0


def http(data: bytes) -> None:
    """Three bytes of choices; then target and headers, one a line; then, behind an empty line, the body."""
    choices, (head, _, body) = data[:3], data[3:].partition(b"\n\n")
    target, *lines = head.split(b"\n")
    headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    try:
        request = h11.Request(method="POST", target=target, headers=[("host", "localhost"), *headers])
    except h11.LocalProtocolError:
        return
    if len(choices) == 3:
        run(_Exchange(request, body, *choices).run())


@cache
def _server(lines: int, total_bytes: int) -> tuple[Harness, ASGIApp]:
    harness = Harness(InstantQueue(lambda: lines), total_bytes)
    harness.lifecycle.ready = True
    inference = InferenceModel("1.2.3", harness.admission, METRICS, 3)
    return harness, make_application(harness.admission, harness.lifecycle, METRICS, AccessPolicy(), inference)


class _Exchange:
    """One request, and what is answered."""

    def __init__(self, request: h11.Request, body: bytes, cut: int, leaves: int, choices: int) -> None:
        self._request = request
        told = dict(request.headers).get(b"content-length")
        # A body is never longer than announced; after a shorter one, the client disconnects.
        self._stays = leaves > 127 and (told is None or int(told) <= len(body))
        body = body if told is None else body[: int(told)]
        size = 1 + 8 * cut
        self._parts = [body[begin : begin + size] for begin in range(0, len(body), size)] or [b""]
        self._leaves = leaves
        self._drains = choices & 4
        self._harness, self._application = _server(choices % 4 - 1, 20_000 if choices & 8 else 1 << 26)
        self._harness.lifecycle.draining.clear()
        self._answer: list[Message] = []

    async def run(self) -> None:
        """Sends the request, and checks the answer."""
        path, _, query = self._request.target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(self._request.headers),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        await self._application(scope, self._receive, self._send)
        await asyncio.sleep(0)
        self._check()
        self._harness.check_nothing_is_left()

    async def _receive(self) -> Message:
        if not self._stays and self._leaves >= len(self._parts):
            return {"type": "http.disconnect"}
        if self._parts:
            part = self._parts.pop(0)
            if self._drains and len(self._parts) == 1:
                self._harness.lifecycle.draining.set()
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        await asyncio.Event().wait()
        raise AssertionError("it waits for ever")

    async def _send(self, message: Message) -> None:
        self._answer.append(message)

    def _check(self) -> None:
        if not self._answer:
            assert not self._stays, "nothing is answered"
            return
        start, *rest = self._answer
        status, body = start["status"], b"".join(message.get("body", b"") for message in rest)
        assert status < 500 or status in _SERVER_ERRORS, (status, body)
        kind = dict(start["headers"]).get(b"content-type", b"")
        if kind.startswith(b"text/event-stream"):
            for block in body.decode().split("\n\n")[:-1]:
                assert "INTERNAL" not in block, block
        elif b"json" in kind:
            assert "INTERNAL" not in json.dumps(json.loads(body)), body
        assert not self._stays or not rest[-1].get("more_body"), "the answer has no end"
