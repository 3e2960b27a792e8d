"""Counts requests in metrics and the access log, and assigns request ids."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgeocr.server.access.callers import Callers, shown
from edgeocr.server.access_log.identifiers import REQUEST_ID
from edgeocr.server.access_log.log import AccessLog
from edgeocr.server.access_log.record import CallRecord
from edgeocr.server.http.answers.problems import code_of
from edgeocr.server.http.call import CALL, Call
from edgeocr.server.observing.metrics import Metrics

_OTHER, _GONE = "other", "gone"
"""Labels in metrics: an unknown path, and the status of a call whose caller has gone."""
_MOST_METHOD = 16
"""Maximum length of a request's method in the log."""


class CountAnswers:
    """Counts calls by status and path; unknown paths count as one."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, paths: Mapping[str, str], callers: Callers, access_log: AccessLog
    ) -> None:
        """Takes the inner application, the metrics, the paths' names, and the callers."""
        self._app = app
        self._metrics = metrics
        self._paths = paths
        self._callers = callers
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts the call when its answer begins or its caller has gone."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = self._paths.get(scope["path"], _OTHER)
        call = self._call(scope, path)
        scope[CALL] = call
        record, status = call.record, ""

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
                MutableHeaders(scope=message)[REQUEST_ID] = record.request_id
            await send(message)

        record.begin()
        try:
            await self._app(scope, receive_or_notice, send_and_note)
        finally:
            self._metrics.http_answer(path, status or _GONE)
            if status.isdecimal():
                _note(call, HTTPStatus(int(status)))
            record.end()

    def _call(self, scope: Scope, path: str) -> Call:
        headers = Headers(scope=scope)
        host, port = scope.get("client") or ("", 0)
        caller = self._callers.of(host, headers.items())
        method = f"{scope['method'][:_MOST_METHOD]} {path}"
        record = CallRecord.of(self._access_log, "http", method, shown(caller), f"{host}:{port}", dict(headers))
        return Call(caller, record)


def _note(call: Call, status: HTTPStatus) -> None:
    record = call.record
    code, reason = call.error or (code_of(status), status.name.lower())
    if status < HTTPStatus.BAD_REQUEST:
        record.code = "OK"
    elif record.images:
        record.code = code
    else:
        record.refused(code, reason)
