"""Callers who send images without end, single calls and streams, and a tally of what became of each."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from edgeocr.client import AsyncClient, OcrError
from tests.checks.proof.rig.material import lines

CALLERS = 12
STREAMS = 4
_STREAM_IMAGES = 40
"""Of one stream, before the caller opens the next."""


@dataclass
class Tally:
    """What became of the images, by their number.

    Attributes:
        sent: how many were handed to the SDK.
        answers: how many answers each one got.
        errors: what was said instead, and how often.
        wrong: answers with another image's text.
    """

    sent: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    wrong: int = 0

    @property
    def lost(self) -> int:
        return self.sent - len(self.answers)

    @property
    def twice(self) -> int:
        return sum(count > 1 for count in self.answers.values())


class Load:
    """Runs from `start` until `stop`."""

    def __init__(self, target: str) -> None:
        self.tally = Tally()
        self._target = target
        self._images = lines()
        self._texts: list[str] = []
        self._numbers = itertools.count()
        self._stopped = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._client = AsyncClient(self._target)
        await self._client.wait_until_serving(30)
        for image in self._images:
            response = await self._client.read(image, mode="line")
            self._texts.append(response.pages[0].text)
        assert len(set(self._texts)) == len(self._texts), self._texts
        callers = [self._call() for _ in range(CALLERS)] + [self._stream() for _ in range(STREAMS)]
        self._tasks = [asyncio.create_task(caller) for caller in callers]

    async def stop(self) -> Tally:
        self._stopped = True
        await asyncio.gather(*self._tasks)
        await self._client.close()
        return self.tally

    def _next(self) -> tuple[int, bytes]:
        """An image that no other is equal to: PNG files may have something behind their end."""
        number = next(self._numbers)
        self.tally.sent += 1
        return number, self._images[number % len(self._images)] + number.to_bytes(8, "big")

    def _answered(self, number: int, text: str) -> None:
        self.tally.answers[number] += 1
        self.tally.wrong += text != self._texts[number % len(self._texts)]

    async def _call(self) -> None:
        while not self._stopped:
            number, image = self._next()
            try:
                response = await self._client.read(image, mode="line", timeout_seconds=60)
                self._answered(number, response.pages[0].text)
            except OcrError as error:
                self.tally.errors[f"call: {error}"] += 1

    async def _stream(self) -> None:
        while not self._stopped:
            results = self._client.read_many(
                self._some(), mode="line", order="as_completed", in_flight=4, timeout_seconds=60
            )
            async for result in results:
                if result.error is None:
                    self._answered(result.key, result.document.pages[0].text)
                else:
                    self.tally.errors[f"stream: {result.error}"] += 1

    def _some(self) -> Iterator[tuple[int, bytes]]:
        for _ in range(_STREAM_IMAGES):
            if self._stopped:
                return
            yield self._next()
