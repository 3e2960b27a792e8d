"""The memory promise under a mixture of load: a real server in a control group, which is killed if it breaks it.

Lines, 12-megapixel pages, 50-megapixel scans, files that are small and decode to far more, files that lie, and garbage
come from many clients at once, over single calls and streams, some of which vanish. Nothing but documented codes may
come back, every line must be read, and the kernel must not kill. Needs root, for the control group.

    python -m tests.proof.memory_cgroup [--seconds 600] [--clients 32] [--limit 300MiB]
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import grpc
import numpy as np

from edgeocr.client import AsyncClient, OcrError
from edgeocr.server.config import Size
from tests.proof.process import status_bytes
from tests.rendering import encoded, line, page
from tests.serving import ServerProcess

DOCUMENTED = {
    "OK",
    grpc.StatusCode.INVALID_ARGUMENT.name,
    grpc.StatusCode.RESOURCE_EXHAUSTED.name,
    grpc.StatusCode.DEADLINE_EXCEEDED.name,
    grpc.StatusCode.CANCELLED.name,
}
_ROOT = Path("/sys/fs/cgroup")
_TIMEOUT_SECONDS = 60.0
_VANISHING_SHARE = 0.05


@dataclass(frozen=True)
class Group:
    """A control group of either version."""

    folder: Path
    peak_file: str
    kills_file: str

    def peak_bytes(self) -> int:
        return int((self.folder / self.peak_file).read_text())

    def kills(self) -> int:
        rows = (self.folder / self.kills_file).read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("oom_kill "))

    def launcher(self) -> list[str]:
        """A command that enters the group and becomes the command after it."""
        return ["sh", "-c", f'echo $$ > {self.folder}/cgroup.procs && exec "$0" "$@"']


@contextmanager
def limited_group(limit_bytes: int) -> Iterator[Group]:
    """A group that may take so much memory, and no swap."""
    first = (_ROOT / "memory").is_dir()
    folder = (_ROOT / "memory" if first else _ROOT) / f"edgeocr-proof-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise SystemExit(f"{folder}: cannot be made, which takes root and a writable /sys/fs/cgroup: {error}") from None
    try:
        if first:
            (folder / "memory.limit_in_bytes").write_text(str(limit_bytes))
            with suppress(OSError):
                (folder / "memory.memsw.limit_in_bytes").write_text(str(limit_bytes))
            yield Group(folder, "memory.max_usage_in_bytes", "memory.oom_control")
        else:
            (folder / "memory.max").write_text(str(limit_bytes))
            with suppress(OSError):
                (folder / "memory.swap.max").write_text("0")
            yield Group(folder, "memory.peak", "memory.events")
    finally:
        with suppress(OSError):
            folder.rmdir()


@dataclass(frozen=True)
class Load:
    """One kind of image: how often it comes, its files, and what must be found in it."""

    name: str
    weight: int
    files: list[bytes]
    mode: str = "page"
    text: str = ""


def loads() -> list[Load]:
    """Everything that is sent."""
    rows = [(f"Row {number} of a page that was scanned for a proof", (200, 150 + 140 * number)) for number in range(19)]
    sheet = page(rows, 4000, 3000, 72)
    scan = cv2.resize(sheet, (8660, 5774))
    shouting = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), np.uint8)
    lie = bytearray(encoded(line("x")))
    lie[16:24] = (60_000).to_bytes(4, "big") * 2
    photo = encoded(sheet, ".jpg")
    progressive = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    return [
        Load("line", 60, [encoded(line("every line must be read"))], "line", "everylinemustberead"),
        Load("12 MP page", 12, [photo, encoded(sheet), encoded(sheet, ".webp")]),
        Load("50 MP scan", 6, [encoded(scan, ".jpg"), progressive]),
        Load("bomb", 8, [encoded(np.zeros((7900, 7900), np.uint8)), encoded(np.zeros((7000, 7000, 4), np.uint8))]),
        Load("lie", 5, [bytes(lie), photo[:-1000], photo[: len(photo) // 2]]),
        Load("garbage", 6, [b"", b"garbage", encoded(shouting, ".bmp")[:5_000_000], os.urandom(3_000_000)]),
        Load("beyond limits", 3, [os.urandom(20_000_000), os.urandom(40_000_000)]),
    ]


class Swarm:
    """Many clients, each with a connection of its own, that send whatever comes."""

    def __init__(self, target: str, seconds: float, alive: Callable[[], bool]) -> None:
        self.codes: Counter[tuple[str, str]] = Counter()
        self.wrong: list[str] = []
        self._target = target
        self._end = time.monotonic() + seconds
        self._alive = alive
        self._loads = loads()

    async def run(self, clients: int) -> None:
        await asyncio.gather(*(self._client(number) for number in range(clients)))

    async def _client(self, number: int) -> None:
        choice = random.Random(number)
        while time.monotonic() < self._end and self._alive():
            async with AsyncClient(self._target) as client:
                for _ in range(10):
                    load = choice.choices(self._loads, [load.weight for load in self._loads])[0]
                    data = choice.choice(load.files)
                    if choice.random() < _VANISHING_SHARE:
                        await self._vanish(client, load, data, choice.random())
                    elif number % 2:
                        await self._single(client, load, data)
                    else:
                        await self._stream(client, load, data, choice.randint(1, 4))
                    if time.monotonic() >= self._end:
                        break

    async def _single(self, client: AsyncClient, load: Load, data: bytes) -> None:
        try:
            answer = await client.read(data, mode=load.mode, timeout_seconds=_TIMEOUT_SECONDS)
        except OcrError as error:
            self._note(load, error.code.name, str(error))
        else:
            self._read(load, answer.document.pages[0].text)

    async def _stream(self, client: AsyncClient, load: Load, data: bytes, count: int) -> None:
        images = [(number, data) for number in range(count)]
        async for result in client.read_many(images, mode=load.mode, timeout_seconds=_TIMEOUT_SECONDS):
            if result.error is not None:
                self._note(load, result.error.code.name, str(result.error))
            else:
                assert result.document is not None
                self._read(load, result.document.pages[0].text)

    async def _vanish(self, client: AsyncClient, load: Load, data: bytes, seconds: float) -> None:
        with suppress(TimeoutError, OcrError):
            await asyncio.wait_for(client.read(data, mode=load.mode), seconds)
        self._note(load, grpc.StatusCode.CANCELLED.name, "")

    def _read(self, load: Load, text: str) -> None:
        self._note(load, "OK", "")
        if load.text and text.replace(" ", "") != load.text:
            self.wrong.append(f"{load.name}: {text!r}")

    def _note(self, load: Load, code: str, text: str) -> None:
        self.codes[load.name, code] += 1
        if code not in DOCUMENTED:
            self.wrong.append(f"{load.name}: {text}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0, help="length of the load (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=32, help="how many at once (default: %(default)s)")
    parser.add_argument(
        "--limit", type=Size, default=Size("300MiB"), help="of the group's memory (default: %(default)s)"
    )
    arguments = parser.parse_args()
    with limited_group(int(arguments.limit)) as group:
        server = ServerProcess(launcher=group.launcher())
        with server:
            swarm = Swarm(server.target, arguments.seconds, lambda: server.process.poll() is None)
            asyncio.run(swarm.run(arguments.clients))
            alive = server.process.poll() is None
            resident = status_bytes(server.process.pid, "VmHWM") if alive else 0
            metrics = server.metrics() if alive else {}
        peak, kills = group.peak_bytes(), group.kills()
    for (name, code), count in sorted(swarm.codes.items()):
        print(f"{name:14} {code:20} {count:7}")
    for name, value in sorted(metrics.items()):
        if name.startswith(("edgeocr_rejected_total", "edgeocr_cancelled_total", "edgeocr_admitted", "edgeocr_memory")):
            print(f"{name} {value:.0f}")
    print(f"the process's own peak: {resident} bytes resident")
    print(f"the group's peak, files that the kernel keeps included: {peak} bytes of {int(arguments.limit)}")
    print(f"oom_kill {kills}")
    for text, count in Counter(swarm.wrong).most_common(20):
        print(f"WRONG {count} × {text}")
    print("".join(server.log[:20]), end="")
    done = alive and not kills and not swarm.wrong
    print("the promise held" if done else "the promise was BROKEN")
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
