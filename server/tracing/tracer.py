"""Traces of calls and their images, sent to a collector if one is configured.

The server knows this vocabulary; the one module that speaks OpenTelemetry is loaded when traces are asked for.
"""

from collections.abc import Iterable
from typing import Protocol

from edgeocr.extras import MissingExtra, load_extra
from edgeocr.server.errors import StartError
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.settings.setting_values import OFF

Metadata = Iterable[tuple[str, str | bytes]]

_COLLECTOR_MODULE = "edgeocr.server.tracing.otlp"


class CallTrace(Protocol):
    """The trace of one call."""

    @property
    def trace_id(self) -> str:
        """Its id, as `traceparent` has it; empty if nobody traces it."""

    def image(self, received: float, job: Job | None, outcome: Finished | None) -> None:
        """An image of the call is done.

        Args:
            received: when it came, on the clock of time.monotonic().
            job: its job; None if it was refused.
            outcome: its end; None if the caller did not wait for that.
        """

    def end(self, code: str) -> None:
        """The call is done, with the canonical code's name, OK included."""


class Tracing(Protocol):
    """Takes traces."""

    def call(self, method: str, metadata: Metadata) -> CallTrace:
        """A call begins.

        Args:
            method: SERVICE/METHOD, or `POST /PATH` over HTTP.
            metadata: may name the trace of the caller that it is a part of.
        """

    def close(self) -> None:
        """Sends what was not yet sent; takes seconds at most."""


class NoTracing:
    """Takes traces and forgets them."""

    def call(self, method: str, metadata: Metadata) -> CallTrace:
        """Forgets."""
        return _NO_TRACE

    def close(self) -> None:
        """Has nothing to send."""


class _NoTrace:
    trace_id = ""

    def image(self, received: float, job: Job | None, outcome: Finished | None) -> None:
        """Forgets."""

    def end(self, code: str) -> None:
        """Forgets."""


_NO_TRACE = _NoTrace()


def make_tracing(endpoint: str, version: str) -> Tracing:
    """What sends traces to an OTLP endpoint, or forgets them where that is off.

    Raises:
        StartError: the extra that this takes is not installed.
    """
    if endpoint == OFF:
        return NoTracing()
    try:
        collector = load_extra(_COLLECTOR_MODULE, "tracing", "otlp_endpoint")
    except MissingExtra as error:
        raise StartError(str(error)) from None
    tracing: Tracing = collector.to_endpoint(endpoint, version)
    return tracing
