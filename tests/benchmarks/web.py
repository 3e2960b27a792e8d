"""What HTTP costs beside gRPC: lines a second over both in turn, from one server, and its memory with and without.

Both are sent single calls over as many connections, which each client keeps open.
"""

import argparse
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from statistics import median

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, stub

LINE = encoded(line("a line of some words 一行文字"))
DENSE = encoded(
    page([(f"Line number {number} of many", (40 + 20 * (number % 3), 40 * number)) for number in range(14)])
)
KINDS = {"lines": (LINE, "line", ocr_pb2.MODE_LINE), "pages": (DENSE, "page", ocr_pb2.MODE_PAGE)}

Call = Callable[[], int]
"""Reads the image once; how many lines it gave."""
Over = Callable[[ServerProcess, str], AbstractContextManager[Call]]


@contextmanager
def over_http(server: ServerProcess, kind: str) -> Iterator[Call]:
    data, mode, _ = KINDS[kind]
    connection = http.client.HTTPConnection(server.http.removeprefix("http://"))

    def call() -> int:
        connection.request("POST", f"/api/ocr?mode={mode}", data, {"Content-Type": "image/png"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body.count(b'"polygon"')

    yield call
    connection.close()


@contextmanager
def over_grpc(server: ServerProcess, kind: str) -> Iterator[Call]:
    data, _, mode = KINDS[kind]
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=ocr_pb2.RecognizeOptions(mode=mode))
    with server.channel() as channel:
        service = stub(channel)
        yield lambda: len(service.Recognize(request).document.pages[0].lines)


@dataclass(frozen=True)
class Round:
    """What one round gave."""

    lines_a_second: float
    server_cpu_ms_a_line: float


def measure(server: ServerProcess, over: Over, kind: str, seconds: float, callers: int) -> Round:
    counts = [0] * callers
    start, cpu = time.monotonic(), cpu_seconds(server)

    def read(place: int) -> None:
        with over(server, kind) as call:
            while time.monotonic() < start + seconds:
                counts[place] += call()

    threads = [threading.Thread(target=read, args=(place,)) for place in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = sum(counts)
    return Round(lines / (time.monotonic() - start), 1000 * (cpu_seconds(server) - cpu) / lines)


def cpu_seconds(server: ServerProcess) -> float:
    return server.metrics()["process_cpu_seconds_total"]


def resident_mebibytes(*arguments: str) -> float:
    with ServerProcess(*arguments) as server:
        return server.metrics()["process_resident_memory_bytes"] / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--callers", type=int, default=8)
    asked = parser.parse_args()
    without, with_page = (resident_mebibytes(*flags) for flags in ((), ("--http", "127.0.0.1:0")))
    print(f"resident before the first image: {without:.1f} MiB without --http, {with_page:.1f} MiB with it")
    with ServerProcess("--http", "127.0.0.1:0") as server:
        for kind in KINDS:
            rounds: dict[str, list[Round]] = {"gRPC": [], "HTTP": []}
            for _ in range(asked.rounds):
                for name, over in (("gRPC", over_grpc), ("HTTP", over_http)):
                    rounds[name].append(measure(server, over, kind, asked.seconds, asked.callers))
            for name, found in rounds.items():
                speed = median(one.lines_a_second for one in found)
                cpu = median(one.server_cpu_ms_a_line for one in found)
                print(
                    f"{kind} over {name}: {speed:.0f} lines a second, {cpu:.1f} ms of the server's processors for each"
                )
            pairs = zip(rounds["HTTP"], rounds["gRPC"], strict=True)
            ratios = sorted(one.lines_a_second / other.lines_a_second for one, other in pairs)
            print(f"{kind}: HTTP has {median(ratios):.1%} of gRPC's speed ({ratios[0]:.1%} to {ratios[-1]:.1%})")
        resident = server.metrics()["process_resident_memory_bytes"] / 2**20
        print(f"resident after all of it: {resident:.1f} MiB")


if __name__ == "__main__":
    main()
