"""A real server process for tests, on free ports, and readings of its metrics."""

import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from typing import IO, Self

import grpc
from prometheus_client.parser import text_string_to_metric_families

from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

_READY = re.compile(r"serving on (\S+) .*metrics on port (\d+)")
_PAGE = re.compile(r"the page is on ([^\s\"]+)/\"?}?$")
_TIMEOUT_SECONDS = 60


class ServerProcess:
    """Runs `python -m edgeocr.server`, or a module like it, from entering until leaving, and keeps what it logs."""

    def __init__(
        self,
        *arguments: str,
        module: str = "edgeocr.server",
        launcher: Sequence[str] = (),
        meanwhile: Callable[[int], None] = lambda _: None,
        output: IO[bytes] | None = None,
    ) -> None:
        """Takes the server's arguments, its module, a command that starts what comes after it, and what is done to the
        process, by its id, before it is ready, and where its standard output goes.
        """
        self._output = output
        self._meanwhile = meanwhile
        self._command = [*launcher, sys.executable, "-W", "error", "-m", module]
        self._arguments = arguments
        self.log: list[str] = []

    def __enter__(self) -> Self:
        # The same limits on every machine.
        settings = ["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--memory-budget", "300MiB"]
        command = [*self._command, *settings, *self._arguments]
        self.process = subprocess.Popen(command, stdout=self._output, stderr=subprocess.PIPE, text=True)
        ready = threading.Event()
        self._reading = threading.Thread(target=self._read, args=(ready,))
        self._reading.start()
        self._meanwhile(self.process.pid)
        if not ready.wait(_TIMEOUT_SECONDS) or not self.target:
            self.process.kill()
            raise AssertionError("the server did not start: " + "".join(self.log))
        return self

    def _read(self, ready: threading.Event) -> None:
        assert self.process.stderr is not None
        self.target = self.http = ""
        for row in self.process.stderr:
            self.log.append(row)
            if found := _PAGE.search(row):
                self.http = found[1]
            if found := _READY.search(row):
                self.target, self.metrics_port = found[1], int(found[2])
                ready.set()
        ready.set()

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(_TIMEOUT_SECONDS)
        finally:
            self.process.kill()
            self._reading.join()
            assert self.process.stderr is not None
            self.process.stderr.close()

    def channel(self) -> grpc.Channel:
        return grpc.insecure_channel(self.target)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def metrics(self) -> dict[str, float]:
        """Every sample of a scrape, by name and labels as the exposition format writes them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return {
            sample.name + "".join(f"[{name}={value}]" for name, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


def start(*arguments: str) -> tuple[int, str]:
    """Runs a server that cannot start; its exit code and what it said."""
    command = [sys.executable, "-m", "edgeocr.server", "--listen", "127.0.0.1:0", "--metrics", "off", *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits until something that takes its time is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)


def stub(channel: grpc.Channel) -> ocr_pb2_grpc.OcrServiceStub:
    return ocr_pb2_grpc.OcrServiceStub(channel)


def configuration(mode: "ocr_pb2.Mode.ValueType", **values: object) -> ocr_pb2.RecognizeStreamRequest:
    options = ocr_pb2.RecognizeOptions(mode=mode)
    return ocr_pb2.RecognizeStreamRequest(config=ocr_pb2.StreamConfig(options=options, **values))  # type: ignore[arg-type]


def image(name: str, data: bytes, timeout_seconds: float = 0) -> ocr_pb2.RecognizeStreamRequest:
    source = ocr_pb2.Image(encoded=data)
    return ocr_pb2.RecognizeStreamRequest(
        image=ocr_pb2.StreamImage(id=name, image=source, timeout_seconds=timeout_seconds)
    )
