"""Runs a load test."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from edgeocr.client.bench.callers import BENCH_CHANNEL, Caller, StreamCaller, UnaryCaller
from edgeocr.client.bench.plan import Plan
from edgeocr.client.bench.report import Report
from edgeocr.client.connection.channel import make_channel
from edgeocr.client.connection.tls import Tls
from edgeocr.client.connection.token import authorize
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

_LOOK_SECONDS = 0.1


async def run_load(target: str, plan: Plan, *, tls: Tls | None = None, token: str | None = None) -> Report:
    """Sends a plan's requests to a server, and reports the outcomes.

    A server that does not answer is reported too. The token is sent to any target, also unencrypted.

    Raises:
        OSError: a file of `tls` cannot be read.
    """
    async with open_callers(target, plan, tls=tls, token=token) as callers:
        begins_at = time.monotonic() + plan.warm_up_seconds
        load = _Load(plan, callers, Report(begins_at, begins_at + plan.duration_seconds))
        report = await load.run()
    # The callers of a closed loop have waited for all answers.
    report.unexpected = sum(caller.unexpected for caller in callers)
    return report


@asynccontextmanager
async def open_callers(
    target: str, plan: Plan, *, tls: Tls | None = None, token: str | None = None
) -> AsyncIterator[Sequence[Caller]]:
    """The callers of a plan: one per stream, or else one per connection."""
    channels = [make_channel(target, tls=tls, options=BENCH_CHANNEL) for _ in range(plan.connections)]
    stubs = [ocr_pb2_grpc.OcrServiceStub(channel) for channel in channels]
    if token is not None:
        for stub in stubs:
            authorize(stub, token)
    mode, timeout_seconds = plan.mode, plan.timeout_seconds
    callers: list[Caller] = [
        StreamCaller(stub, mode=mode, timeout_seconds=timeout_seconds, line_events=plan.line_events)
        for stub in itertools.islice(itertools.cycle(stubs), plan.streams)
    ] or [UnaryCaller(stub, mode=mode, timeout_seconds=timeout_seconds) for stub in stubs]
    try:
        yield callers
    finally:
        await asyncio.gather(*(caller.close() for caller in callers))
        await asyncio.gather(*(channel.close(None) for channel in channels))


class _Load:
    """One run; used once."""

    def __init__(self, plan: Plan, callers: Sequence[Caller], report: Report) -> None:
        self._plan = plan
        self._callers = callers
        self._images = [ocr_pb2.Image(encoded=data) for data in plan.images]
        self._report = report
        self._places = itertools.count()
        self._asking: set[asyncio.Task[None]] = set()

    async def run(self) -> Report:
        if self._plan.rate is None:
            users = [asyncio.create_task(self._use(number)) for number in range(self._plan.concurrency)]
            self._asking.update(users)
        else:
            await self._arrive()
        await self._finish()
        return self._report

    async def _use(self, number: int) -> None:
        """One caller of a closed loop: its next request is due as soon as it has an answer."""
        while (now := time.monotonic()) < self._report.ends_at and not self._has_enough():
            await self._ask(self._callers[number % len(self._callers)], now)

    async def _arrive(self) -> None:
        """Runs an open loop: every request is its own task, so that none waits for another's answer."""
        begins_at = self._report.begins_at - self._plan.warm_up_seconds
        for place, seconds in enumerate(self._plan.arrival_seconds()):
            due = begins_at + seconds
            if due >= self._report.ends_at:
                return
            # Yields to other tasks even when late.
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._has_enough():
                return
            asking = asyncio.create_task(self._ask(self._callers[place % len(self._callers)], due))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    def _has_enough(self) -> bool:
        return self._plan.requests is not None and self._report.sent >= self._plan.requests

    async def _ask(self, caller: Caller, due: float) -> None:
        image = self._images[next(self._places) % len(self._images)]
        self._report.note_sent(due, time.monotonic())
        answer = await caller.ask(image)
        self._report.note_answer(due, time.monotonic(), answer)

    async def _finish(self) -> None:
        """Waits for the answers; the window of a given number of requests ends with the last answer."""
        while self._going_on():
            await asyncio.wait(self._asking, timeout=_LOOK_SECONDS)
        done, missing = set[asyncio.Task[None]](), set(self._asking)
        if missing:
            done, missing = await asyncio.wait(missing, timeout=self._plan.grace_seconds)
        if self._has_enough():
            self._report.ends_at = min(self._report.ends_at, time.monotonic())
        for task in missing:
            task.cancel()
        await asyncio.gather(*missing, return_exceptions=True)
        for task in done:
            task.result()

    def _going_on(self) -> bool:
        """Whether the callers of a closed loop continue."""
        if self._plan.rate is not None or self._has_enough():
            return False
        return time.monotonic() < self._report.ends_at and not all(task.done() for task in self._asking)
