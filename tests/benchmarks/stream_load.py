"""How much of the bare network's speed reaches clients, and in what memory.

In one run and in turn: the recogniser's network in a loop on as many threads as there are workers, then a real server
under twice as many streams as it has workers, each sending rendered lines as fast as they are answered, then the
network again. Prints lines per second of both, their ratio, and the server's highest resident memory.

    python -m tests.benchmarks.stream_load [--seconds 60] [--workers N]
"""

import argparse
import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edgeocr.client import AsyncClient
from edgeocr.client.local import LocalServer
from edgeocr.model.image import EncodedImage, decode
from edgeocr.model.manifest import DEFAULT_FOLDER
from edgeocr.model.pipeline import Models
from edgeocr.server.cpus import usable_cpus
from tests.rendering import encoded, line

WIDTH = 320
TEXTS = (
    "Invoice 2026-00417",
    "本周五下午三点开会",
    "TOTAL 1,284.50 EUR",
    "设备清单和测试报告",
    "Line 7 of 12, ref. B-42",
)


def line_images(height: int) -> list[bytes]:
    """PNG files of lines that have the network's height and just fill its usual width."""
    images = []
    for text in TEXTS:
        crop = line(text)
        scaled = cv2.resize(crop, (min(WIDTH, round(crop.shape[1] * height / crop.shape[0])), height))
        padded = cv2.copyMakeBorder(scaled, 0, 0, 0, WIDTH - scaled.shape[1], cv2.BORDER_CONSTANT, value=(255,) * 3)
        images.append(encoded(np.asarray(padded, np.uint8)))
    return images


def bare_lines_per_second(models: Models, threads: int, seconds: float) -> float:
    """The network alone, on pixels that are ready."""
    spec = models.manifest.recogniser
    ready = np.stack([decode(EncodedImage(data)).pixels for data in line_images(spec.height)])
    counts = [0] * threads
    end = time.monotonic() + seconds

    def loop(number: int) -> None:
        scores = np.empty((1, WIDTH // spec.time_step_pixels, len(spec.charset) + 1), np.float32)
        while time.monotonic() < end:
            place = counts[number] % len(ready)
            models.recogniser.run(ready[place : place + 1], scores)
            counts[number] += 1

    running = [threading.Thread(target=loop, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(counts) / seconds


async def served_lines_per_second(target: str, height: int, streams: int, seconds: float) -> float:
    """The server under load by the client library; every line must be read."""
    images = line_images(height)
    end = time.monotonic() + seconds

    def endless() -> Iterator[tuple[int, bytes]]:
        for number in itertools.count():
            if time.monotonic() >= end:
                return
            yield number, images[number % len(images)]

    async def one_stream() -> int:
        async with AsyncClient(target) as client:
            count = 0
            async for result in client.read_many(endless(), mode="line", order="as_completed", in_flight=4):
                if result.document is None or not result.document.pages[0].text:
                    raise RuntimeError(f"a line was not read: {result.error}")
                count += 1
            return count

    start = time.monotonic()
    counts = await asyncio.gather(*(one_stream() for _ in range(streams)))
    return sum(counts) / (time.monotonic() - start)


def peak_resident_bytes(pid: int) -> int:
    """Highest resident memory of a process so far (proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(row.split()[1] for row in status.splitlines() if row.startswith("VmHWM"))) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the load (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=usable_cpus(), help="worker threads (default: %(default)s)")
    arguments = parser.parse_args()
    workers, seconds = arguments.workers, arguments.seconds
    models = Models.load(DEFAULT_FOLDER)
    before = bare_lines_per_second(models, workers, seconds / 4)
    with LocalServer(["--workers", str(workers)]) as server:
        served = asyncio.run(
            served_lines_per_second(server.target, models.manifest.recogniser.height, 2 * workers, seconds)
        )
        peak = peak_resident_bytes(server.pid)
    after = bare_lines_per_second(models, workers, seconds / 4)
    bare = (before + after) / 2
    print(f"bare network, {workers} threads:        {before:.1f} then {after:.1f} lines/s")
    print(f"served, {2 * workers} streams, {seconds:g} s:       {served:.1f} lines/s")
    print(f"served ÷ bare:                  {served / bare:.3f}")
    print(f"server's peak resident memory:  {peak / 1e6:.0f} MB ({peak / 2**20:.0f} MiB)")


if __name__ == "__main__":
    main()
