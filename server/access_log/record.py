"""Access log entries of a call and its images: sizes, times, codes and callers; never text, file names or tokens.

What is the same for all images of a call is made JSON once. The rest are numbers, and names of the server's own.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.identifiers import REQUEST_ID, TRACE_PARENT, request_id, trace_id
from edgeocr.server.access_log.log import AccessLog
from edgeocr.server.scheduling.job import Job

_log = logging.getLogger("edgeocr.server.calls")


@dataclass(slots=True, eq=False)
class CallRecord:
    """A call.

    Attributes:
        log: receives its lines.
        transport: grpc or http.
        method: the gRPC method, or the HTTP method and a path of the server.
        caller: the caller's name in the access log.
        peer: address and port of the connection.
        request_id: the call's id, which the caller receives too.
        trace_id: id of the trace that the call belongs to; empty if none.
        images: number of images logged.
        code: the code that the call ended with; empty while it is open, or if the caller disconnected.
    """

    log: AccessLog = field(default_factory=AccessLog)
    transport: str = ""
    method: str = ""
    caller: str = ""
    peer: str = ""
    request_id: str = ""
    trace_id: str = ""
    images: int = 0
    code: str = ""
    _begun: float = field(default_factory=time.monotonic)
    _of_images: str = ""

    @classmethod
    def of(
        cls, log: AccessLog, transport: str, method: str, caller: str, peer: str, headers: Mapping[str, str | bytes]
    ) -> Self:
        """The record of a new call, whose ids are taken from its headers (names in lower case)."""
        trace = trace_id(headers.get(TRACE_PARENT))
        return cls(log, transport, method, caller, peer, request_id(headers.get(REQUEST_ID), trace), trace)

    def begin(self) -> None:
        """Logs the beginning of the call, at debug."""
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s %s of %s (%s) begins: %s", *self._names())

    def end(self) -> None:
        """Logs the end of the call, after its last byte, at debug."""
        if _log.isEnabledFor(logging.DEBUG):
            seconds = time.monotonic() - self._begun
            _log.debug("%s %s of %s (%s) ends: %s, %s after %.3f s", *self._names(), self.code or "cut off", seconds)

    def _names(self) -> tuple[str, ...]:
        return self.transport, self.method, self.caller, self.peer, self.request_id

    def image(
        self,
        method: str,
        received: float,
        code: str,
        error: EdgeOcrError | None = None,
        job: Job | None = None,
        size_bytes: int = 0,
    ) -> None:
        """Logs the outcome of an image.

        Args:
            method: the request's name in metrics.
            received: when the image was received (time.monotonic()).
            code: the canonical code's name, OK and CANCELLED included.
            error: the error that the caller receives.
            job: the image's job; None if it was not admitted.
            size_bytes: bytes received of an image without a job.
        """
        self.images += 1
        if not self.log.wants(code):
            return
        seconds = time.monotonic() - received
        self._of_images = self._of_images or self._identity("image", method)
        found = f'"bytes": {size_bytes}' if job is None else _of_job(job)
        reason = error.reason if error is not None else ""
        self.log.write(f'{self._of_images}, {found}, "code": "{code}", "reason": "{reason}", "seconds": {seconds:.6f}')

    def refused(self, code: str, reason: str) -> None:
        """Logs a call that ends with an error other than an image's."""
        self.code = code
        if not self.method:
            return
        self.log.refused(self.transport, reason)
        if self.log.wants(code):
            seconds = time.monotonic() - self._begun
            found = self._identity("refusal", self.method)
            self.log.write(f'{found}, "code": "{code}", "reason": "{reason}", "seconds": {seconds:.6f}')

    def _identity(self, event: str, method: str) -> str:
        found = {
            "event": event,
            "transport": self.transport,
            "method": method,
            "caller": self.caller,
            "peer": self.peer,
            "request_id": self.request_id,
        }
        if self.trace_id:
            found["trace_id"] = self.trace_id
        return json.dumps(found)[1:-1]


def _of_job(job: Job) -> str:
    timings = job.timings()
    return (
        f'"format": "{job.media_type or "raw"}", "bytes": {job.size_bytes}, "pixels": {job.pixels}, '
        f'"pages": {job.page_count}, "lines": {job.line_count}, "queue_seconds": {timings.queue_seconds:.6f}, '
        f'"decode_seconds": {timings.decode_seconds:.6f}, "detect_seconds": {timings.detect_seconds:.6f}, '
        f'"recognize_seconds": {timings.recognize_seconds:.6f}'
    )
