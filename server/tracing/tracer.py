"""Interfaces of tracing, with spans of calls and images.

The server uses these interfaces; the only module that uses OpenTelemetry is loaded if tracing is configured.
"""

from collections.abc import Iterable
from typing import Protocol

from edgeocr.extras import MissingExtra, load_extra
from edgeocr.server.errors import StartError
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job

Metadata = Iterable[tuple[str, str | bytes]]

_COLLECTOR_MODULE = "edgeocr.server.tracing.otlp"


class CallTrace(Protocol):
    """The trace of one call."""

    @property
    def trace_id(self) -> str:
        """The trace id, in the form of `traceparent`; empty without tracing."""

    def image(self, received: float, job: Job | None, outcome: Finished | None) -> None:
        """Records a finished image.

        Args:
            received: when it was received (time.monotonic()).
            job: its job; None if it was refused.
            outcome: its outcome; None if the caller did not wait for it.
        """

    def end(self, code: str) -> None:
        """Ends the call with the canonical code's name, OK included."""


class Tracing(Protocol):
    """A tracer."""

    def call(self, method: str, metadata: Metadata) -> CallTrace:
        """Starts the trace of a call.

        Args:
            method: SERVICE/METHOD, or `POST /PATH` over HTTP.
            metadata: may contain the caller's trace context.
        """

    def close(self) -> None:
        """Exports remaining spans, within seconds."""


class NoTracing:
    """A tracer that does nothing."""

    def call(self, method: str, metadata: Metadata) -> CallTrace:
        """Forgets."""
        return _NO_TRACE

    def close(self) -> None:
        """Does nothing."""


class _NoTrace:
    trace_id = ""

    def image(self, received: float, job: Job | None, outcome: Finished | None) -> None:
        """Forgets."""

    def end(self, code: str) -> None:
        """Forgets."""


_NO_TRACE = _NoTrace()


def make_tracing(endpoint: str | None, version: str) -> Tracing:
    """Makes the tracer for an OTLP endpoint, or one that does nothing without an endpoint.

    Raises:
        StartError: the extra is not installed.
    """
    if endpoint is None:
        return NoTracing()
    try:
        collector = load_extra(_COLLECTOR_MODULE, "tracing", "otlp_endpoint")
    except MissingExtra as error:
        raise StartError(str(error)) from None
    tracing: Tracing = collector.to_endpoint(endpoint, version)
    return tracing
