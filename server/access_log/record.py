"""One call and its images, as the access log has them: sizes, times, codes and names of callers; never a text that was
read, a file's name, or a token."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.identifiers import REQUEST_ID, TRACE_PARENT, request_id, trace_id
from edgeocr.server.access_log.log import AccessLog
from edgeocr.server.scheduling.job import Job

_SECONDS_DIGITS = 6
_log = logging.getLogger("edgeocr.server.calls")


@dataclass(slots=True, eq=False)
class CallRecord:
    """A call.

    Attributes:
        log: takes its lines.
        transport: grpc or http.
        method: what it calls; over HTTP the method and one of the server's own paths.
        caller: who makes it, as the access log names callers.
        peer: the address and port of its connection.
        request_id: what it is known by, to its caller as well.
        trace_id: of the trace that it is a part of; empty if there is none.
        images: how many images of it have their line.
        code: how it ended; empty while it has not, or where nobody waited for that.
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

    @classmethod
    def of(
        cls, log: AccessLog, transport: str, method: str, caller: str, peer: str, headers: Mapping[str, str | bytes]
    ) -> Self:
        """That of a call which begins, with its ids by its headers, whose names are in lower case."""
        trace = trace_id(headers.get(TRACE_PARENT))
        return cls(log, transport, method, caller, peer, request_id(headers.get(REQUEST_ID), trace), trace)

    def begin(self) -> None:
        """The call is there."""
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s %s of %s (%s) begins: %s", *self._names())

    def end(self) -> None:
        """The call is over, to its last byte."""
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
        """An image of the call has its end.

        Args:
            method: what metrics call the request.
            received: when the image came, on the clock of time.monotonic().
            code: the canonical code's name, OK and CANCELLED included.
            error: what the caller is answered in place of a text.
            job: None for what was not admitted.
            size_bytes: of an image without a job, as far as it came.
        """
        self.images += 1
        if not self.log.wants(code):
            return
        total_seconds = round(time.monotonic() - received, _SECONDS_DIGITS)
        found: dict[str, Any] = self._identity("image", method)
        if job is None:
            found["bytes"] = size_bytes
        else:
            found |= _of_job(job)
        found |= {"code": code, "reason": error.reason if error is not None else "", "seconds": total_seconds}
        self.log.write(found)

    def refused(self, code: str, reason: str) -> None:
        """The call ends with an error that is not that of an image."""
        self.code = code
        if not self.method:
            return
        self.log.refused(self.transport, reason)
        if self.log.wants(code):
            seconds = round(time.monotonic() - self._begun, _SECONDS_DIGITS)
            found = self._identity("refusal", self.method)
            self.log.write(found | {"code": code, "reason": reason, "seconds": seconds})

    def _identity(self, event: str, method: str) -> dict[str, Any]:
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
        return found


def _of_job(job: Job) -> Mapping[str, Any]:
    timings = job.timings()
    return {
        "format": job.media_type or "raw",
        "bytes": job.size_bytes,
        "pixels": job.pixels,
        "pages": job.page_count,
        "lines": job.line_count,
        "queue_seconds": round(timings.queue_seconds, _SECONDS_DIGITS),
        "decode_seconds": round(timings.decode_seconds, _SECONDS_DIGITS),
        "detect_seconds": round(timings.detect_seconds, _SECONDS_DIGITS),
        "recognize_seconds": round(timings.recognise_seconds, _SECONDS_DIGITS),
    }
