"""For each alert, the doing of what it warns of."""

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import grpc
import trustme

from edgeocr.client.bench import Plan
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.checks.monitoring.web import post
from tests.checks.proof.rig.material import TEXTS, lines, pages
from tests.checks.proof.rig.servers import load, server
from tests.support.certificates import Files
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, stub

Told = Callable[[], None]
"""Waits until the alert fires."""


@contextmanager
def _meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Repeats a short piece of work on a thread until the block ends."""
    stop = threading.Event()

    def again() -> None:
        while not stop.is_set():
            work()

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _read(target: str, data: bytes, timeout: float, mode: "ocr_pb2.Mode.ValueType" = ocr_pb2.MODE_LINE) -> None:
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=ocr_pb2.RecognizeOptions(mode=mode))
    with grpc.insecure_channel(target) as channel:
        try:
            stub(channel).Recognize(request, timeout=timeout)
        except grpc.RpcError:
            return


def down(running: ServerProcess, told: Told) -> None:
    running.process.kill()
    told()


def not_serving(running: ServerProcess, told: Told) -> None:
    _read(running.target, lines()[0], 5)
    told()


def drain_stuck(running: ServerProcess, told: Told) -> None:
    running.terminate()
    told()


def waiting(running: ServerProcess, told: Told) -> None:
    plan = Plan(pages(), mode="page", concurrency=24, connections=4, warm_up_seconds=0.0, duration_seconds=4.0)
    with _meanwhile(lambda: load(running.target, plan)):
        told()


def slow(running: ServerProcess, told: Told) -> None:
    with _meanwhile(lambda: _read(running.target, lines()[0], 10)):
        told()


def certificate_expires(running: ServerProcess, told: Told) -> None:
    told()


def unauthenticated(running: ServerProcess, told: Told) -> None:
    with _meanwhile(lambda: _read(running.target, lines()[0], 5)):
        told()


def errors(running: ServerProcess, told: Told) -> None:
    with _meanwhile(lambda: _read(running.target, lines()[0], 5)):
        told()


def http_errors(running: ServerProcess, told: Told) -> None:
    with _meanwhile(lambda: post(running.http, lines()[0])):
        told()


def rejecting(running: ServerProcess, told: Told) -> None:
    plan = Plan(lines(), mode="line", rate=200, warm_up_seconds=0.0, duration_seconds=4.0, grace_seconds=5.0)
    with _meanwhile(lambda: load(running.target, plan)):
        told()


def memory_lost(running: ServerProcess, told: Told) -> None:
    plan = Plan(lines(), mode="line", concurrency=4, warm_up_seconds=0.0, duration_seconds=4.0)
    with _meanwhile(lambda: load(running.target, plan)):
        told()


def confidence_drift(running: ServerProcess, told: Told) -> None:
    clear = Plan(lines(), mode="line", concurrency=2, warm_up_seconds=0.0, duration_seconds=25.0)
    load(running.target, clear)
    blurred = [encoded(cv2.GaussianBlur(line(text), (0, 0), 4.0)) for text in TEXTS]
    plan = Plan(blurred, mode="line", concurrency=2, warm_up_seconds=0.0, duration_seconds=4.0)
    with _meanwhile(lambda: load(running.target, plan)):
        told()


def reload_failed(running: ServerProcess, told: Told) -> None:
    time.sleep(3)  # a counter that is there before it rises: increase() sees no first value
    running.process.send_signal(signal.SIGHUP)
    told()


def work_wasted(running: ServerProcess, told: Told) -> None:
    page = pages(1, rows=14)[0]
    with _meanwhile(lambda: _read(running.target, page, 0.25, ocr_pb2.MODE_PAGE)):
        told()


def damaged_weights(folder: Path) -> Path:
    """Weights that a server starts with and cannot load again once `spoil` was called."""
    return shutil.copytree(DEFAULT_FOLDER, folder / "weights")


@contextmanager
def _plain(*arguments: str, faults: tuple[str, ...] = ()) -> Iterator[ServerProcess]:
    with server("--workers", "1", *arguments, faults=faults) as running:
        yield running


@contextmanager
def _reloading(folder: Path) -> Iterator[ServerProcess]:
    weights = damaged_weights(folder)
    with _plain("--models", str(weights)) as running:
        (weights / "detector.onnx").write_bytes(b"something else")
        yield running


def _spoil(tokens: Path, told: Told) -> None:
    time.sleep(3)  # likewise
    tokens.write_text("short")
    told()


@contextmanager
def _with_tokens(folder: Path) -> Iterator[ServerProcess]:
    tokens = folder / "tokens"
    tokens.write_text("watcher a-token-of-the-watch\n")
    tokens.chmod(0o600)
    with _plain("--tokens", str(tokens)) as running:
        yield running


@contextmanager
def _with_certificate(folder: Path) -> Iterator[ServerProcess]:
    """A server whose certificate is good for a week."""
    files = Files(folder / "server.pem", folder / "server.key")
    files.write(trustme.CA().issue_cert("localhost", not_after=datetime.now(UTC) + timedelta(days=7)))
    with _plain("--tls-certificate", str(files.certificate), "--tls-key", str(files.key)) as running:
        yield running


def all_alarms(folder: Path) -> dict[str, tuple[Callable[[], object], Callable[[ServerProcess, Told], None]]]:
    """By alert: how the server is started, and what is done to it."""
    return {
        "EdgeocrDown": (_plain, down),
        "EdgeocrNotServing": (lambda: _plain("--stuck-seconds", "5", faults=("stall",)), not_serving),
        "EdgeocrDrainStuck": (lambda: _plain("--drain-delay-seconds", "20"), drain_stuck),
        "EdgeocrSlow": (lambda: _plain(faults=("dawdle",)), slow),
        "EdgeocrWaiting": (_plain, waiting),
        "EdgeocrErrors": (lambda: _plain(faults=("fail",)), errors),
        "EdgeocrHttpErrors": (lambda: _plain("--http", "127.0.0.1:0", faults=("fail",)), http_errors),
        "EdgeocrRejecting": (lambda: _plain("--queue-images", "4", faults=("doze",)), rejecting),
        "EdgeocrMemoryUnaccounted": (lambda: _plain(faults=("gush",)), memory_lost),
        "EdgeocrConfidenceDrift": (_plain, confidence_drift),
        "EdgeocrReloadFailed": (lambda: _reloading(folder), reload_failed),
        "EdgeocrFileReloadFailed": (lambda: _with_tokens(folder), lambda _, told: _spoil(folder / "tokens", told)),
        "EdgeocrUnauthenticated": (lambda: _with_tokens(folder), unauthenticated),
        "EdgeocrCertificateExpires": (lambda: _with_certificate(folder), certificate_expires),
        "EdgeocrWorkWasted": (_plain, work_wasted),
    }
