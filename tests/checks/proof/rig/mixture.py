"""A mixture of images from many clients: good ones of every size, and what is sent by mistake or in bad faith.

Lines, 12-megapixel pages, 50-megapixel scans, files that are small and decode to far more, files that lie, and garbage
come over single calls and streams, and some clients vanish.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import cv2
import grpc
import numpy as np

from edgeocr.client import AsyncClient, OcrError
from tests.support.rendering import encoded, line, page

DOCUMENTED = {
    "OK",
    grpc.StatusCode.INVALID_ARGUMENT.name,
    grpc.StatusCode.RESOURCE_EXHAUSTED.name,
    grpc.StatusCode.DEADLINE_EXCEEDED.name,
    grpc.StatusCode.CANCELLED.name,
}
_TIMEOUT_SECONDS = 60.0
_VANISHING_SHARE = 0.05


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
    detected = page(rows, 4000, 3000, 72)
    scan = cv2.resize(detected, (8660, 5774))
    shouting = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), np.uint8)
    lie = bytearray(encoded(line("x")))
    lie[16:24] = (60_000).to_bytes(4, "big") * 2
    photo = encoded(detected, ".jpg")
    progressive = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    return [
        Load("line", 60, [encoded(line("every line must be read"))], "line", "everylinemustberead"),
        Load("12 MP page", 12, [photo, encoded(detected), encoded(detected, ".webp")]),
        Load("50 MP scan", 6, [encoded(scan, ".jpg"), progressive]),
        Load("bomb", 8, [encoded(np.zeros((7900, 7900), np.uint8)), encoded(np.zeros((7000, 7000, 4), np.uint8))]),
        Load("lie", 5, [bytes(lie), photo[:-1000], photo[: len(photo) // 2]]),
        Load("garbage", 6, [b"", b"garbage", encoded(shouting, ".bmp")[:5_000_000], os.urandom(3_000_000)]),
        Load("beyond limits", 3, [os.urandom(20_000_000), os.urandom(40_000_000)]),
    ]


class Swarm:
    """Many clients, each with a connection of its own, that send whatever comes."""

    def __init__(self, target: str, seconds: float, alive: Callable[[], bool], loads: Sequence[Load]) -> None:
        self.codes: Counter[tuple[str, str]] = Counter()
        self.wrong: Counter[str] = Counter()
        self._target = target
        self._end = time.monotonic() + seconds
        self._alive = alive
        self._loads = loads

    async def run(self, clients: int) -> None:
        """Sends until the time is over, or the server is gone."""
        await asyncio.gather(*(self._client(number) for number in range(clients)))

    async def _client(self, number: int) -> None:
        choice = random.Random(number)
        while not self._is_over():
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
                    if self._is_over():
                        break

    def _is_over(self) -> bool:
        return time.monotonic() >= self._end or not self._alive()

    async def _single(self, client: AsyncClient, load: Load, data: bytes) -> None:
        try:
            answer = await client.read(data, mode=load.mode, timeout_seconds=_TIMEOUT_SECONDS)
        except OcrError as error:
            self._note(load, error.code.name, str(error))
        else:
            self._read(load, answer.pages[0].text)

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
            self.wrong[f"{load.name}: {text!r}"] += 1

    def _note(self, load: Load, code: str, text: str) -> None:
        self.codes[load.name, code] += 1
        if code not in DOCUMENTED:
            self.wrong[f"{load.name}: {text}"] += 1
