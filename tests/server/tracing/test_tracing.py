"""Whether traces are sent: only if asked for, and only if what it takes is there."""

import sys

import pytest

from edgeocr.server.errors import StartError
from edgeocr.server.tracing.tracer import NoTracing, make_tracing


def test_off_sends_nothing_and_loads_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "edgeocr.server.tracing.otlp", raising=False)
    tracing = make_tracing(None, "1")
    assert isinstance(tracing, NoTracing)
    call = tracing.call("a/b", [("traceparent", "x")])
    call.image(0.0, None, None)
    call.end("OK")
    tracing.close()
    assert "edgeocr.server.tracing.otlp" not in sys.modules


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "edgeocr.server.tracing.otlp", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(StartError, match=r"pip install 'edgeocr\[tracing\]'"):
        make_tracing("127.0.0.1:4317", "1")
