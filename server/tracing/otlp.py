"""Traces as OpenTelemetry spans, exported over OTLP.

    SERVICE/METHOD          from the call's start to its end; part of the caller's trace if its metadata has one
      image                 from its receipt to its answer
        queue, decode, detect, recognise

Attributes are sizes, numbers and codes, never a text. This is the only module that imports opentelemetry.
"""

import time
from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from edgeocr.model.timing import Stage
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.tracing.tracer import Metadata

_TRACE_HEADERS = frozenset({"traceparent", "tracestate"})
_EXPORT_SECONDS = 5.0
_Attributes = Mapping[str, str | int | float]


def to_endpoint(endpoint: str, version: str) -> "OtlpTracing":
    """Exports to HOST:PORT without encryption, or to https://HOST:PORT over TLS."""
    url = endpoint if endpoint.startswith("https://") else f"http://{endpoint}"
    return OtlpTracing(OTLPSpanExporter(url, timeout=_EXPORT_SECONDS), version)


class OtlpTracing:
    """Makes spans and exports them in batches on its own thread; batches that cannot be exported are dropped."""

    def __init__(self, exporter: SpanExporter, version: str) -> None:
        ours = Resource({"service.name": "edgeocr", "service.version": version})
        self._provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("edgeocr", version)
        self._propagator = TraceContextTextMapPropagator()

    def call(self, method: str, metadata: Metadata) -> "_Call":
        """Starts the call's span."""
        carrier = {key: value for key, value in metadata if key in _TRACE_HEADERS and isinstance(value, str)}
        span = self._tracer.start_span(
            method,
            self._propagator.extract(carrier),
            SpanKind.SERVER,
            _call_attributes(method),
        )
        return _Call(self._tracer, span)

    def close(self) -> None:
        """Exports remaining spans."""
        self._provider.shutdown()


class _Call:
    """A call's span; the spans of an image are made when it is finished, from the times recorded by its job."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._context = set_span_in_context(span)
        context = span.get_span_context()
        self.trace_id = format_trace_id(context.trace_id) if context.trace_flags.sampled else ""

    def image(self, received: float, job: Job | None, outcome: Finished | None) -> None:
        if not self._span.is_recording():
            return
        now = time.monotonic()
        code = _code(outcome)
        attributes: dict[str, str | int | float] = {"edgeocr.code": code}
        if job is not None:
            attributes |= {
                "edgeocr.mode": job.options.mode,
                "edgeocr.pixels": job.pixels,
                "edgeocr.bytes": job.size_bytes,
            }
        if outcome is not None and outcome.error is None:
            attributes["edgeocr.lines"] = sum(len(page.lines) for page in outcome.pages)
        image = self._span_of("image", self._context, received, now, attributes)
        if code != "OK":
            image.set_status(StatusCode.ERROR)
        # Work on an abandoned image may still continue.
        if job is not None and outcome is not None:
            self._stages(job, set_span_in_context(image), now)
        image.end(_epoch_ns(now))

    def end(self, code: str) -> None:
        self._span.set_attribute("rpc.response.status_code", code)
        if code != "OK":
            self._span.set_status(StatusCode.ERROR)
        self._span.end()

    def _stages(self, job: Job, context: Context, now: float) -> None:
        started = now if job.started is None else job.started
        self._span_of("queue", context, job.received, started, {}).end(_epoch_ns(started))
        for stage, (begin, end) in job.trace.extents.items():
            attributes: dict[str, str | int | float] = {"edgeocr.busy_seconds": job.trace.seconds[stage]}
            if stage is Stage.RECOGNISE:
                attributes["edgeocr.batches"] = len(job.trace.batches)
            self._span_of(stage, context, begin, end, attributes).end(_epoch_ns(end))

    def _span_of(self, name: str, context: Context, begin: float, end: float, attributes: _Attributes) -> Span:
        return self._tracer.start_span(name, context, attributes=attributes, start_time=_epoch_ns(min(begin, end)))


def _call_attributes(method: str) -> dict[str, str]:
    """The attributes that identify a call of gRPC, or, with a space in its name, of HTTP."""
    verb, space, route = method.partition(" ")
    if space:
        return {"http.request.method": verb, "http.route": route}
    return {"rpc.system.name": "grpc", "rpc.method": method}


def _code(outcome: Finished | None) -> str:
    if outcome is None:
        return "CANCELLED"
    return "OK" if outcome.error is None else outcome.error.code


def _epoch_ns(monotonic: float) -> int:
    """Converts time.monotonic() to the clock of spans."""
    return time.time_ns() - round((time.monotonic() - monotonic) * 1e9)
