"""Gate: SIGTERM at any moment of a load, and whatever was admitted is answered, the exit code 0, the end in time.

The server counts what it admits and says so when it ends; the clients count what they are given.
"""

import asyncio
import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack

import grpc

from edgeocr.client.bench import Plan
from edgeocr.client.bench.callers import Caller
from edgeocr.client.bench.run import open_callers
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.material import lines
from tests.checks.proof.rig.servers import server

TITLE = "Drain under load"
LOST, EXIT, IN_TIME = "admitted images without their answer", "exit codes", "longest from SIGTERM to the end"
OTHER = "images refused otherwise than UNAVAILABLE"
DRAIN_SECONDS = 10.0
_MARGIN_SECONDS = 3.0
_IN_FLIGHT = 4
_ADMITTED = re.compile(r"admitted (\d+)")


def run(scale: Scale) -> Outcome:
    """Ends servers, then ones that drop work, and that neither end in time nor well."""
    outcome = Outcome()
    rounds = scale.rounds(20, 3)
    outcome.checks, outcome.facts["images"] = _drain(rounds)
    outcome.expect("drop", _drain(2, faults=["drop"])[0], LOST)
    outcome.expect("hang and crash", _drain(1, faults=["hang", "crash"])[0], IN_TIME, EXIT)
    return outcome


def _drain(rounds: int, faults: Sequence[str] = ()) -> tuple[list[Check], str]:
    chance = random.Random(9)
    codes, tally, longest = Counter[int](), Counter[str](), 0.0
    for _ in range(rounds):
        with server("--drain-seconds", str(DRAIN_SECONDS), faults=["tally", *faults]) as running:
            clients = Clients(running.target)
            seconds = asyncio.run(clients.until_ended(running.process, chance.uniform(0.1, 1.5)))
            codes[running.process.wait()] += 1
        (admitted,) = (int(found[1]) for row in running.log if (found := _ADMITTED.search(row)))
        longest = max(longest, seconds)
        tally += clients.tally
        tally["admitted"] += admitted
    lost = tally["admitted"] - tally["OK"]
    refused = tally["UNAVAILABLE"]
    others = {name: count for name, count in tally.items() if name not in ("admitted", "OK", "UNAVAILABLE")}
    other = sum(others.values())
    most_seconds = DRAIN_SECONDS + _MARGIN_SECONDS
    told = ", ".join(f"{code} {count} times" for code, count in codes.items())
    return [
        Check(LOST, "none", f"{lost:,} of {tally['admitted']:,}", lost == 0),
        Check(OTHER, "none", f"{other:,} of {other + refused:,} {', '.join(others)}".rstrip(), other == 0),
        Check(EXIT, "0", told, set(codes) == {0}),
        Check(IN_TIME, f"≤ {most_seconds:g} s", f"{longest:.1f} s", longest <= most_seconds, timed=True),
    ], f"{tally['OK']:,} answered, {refused:,} refused in {rounds} drains"


class Clients:
    """Four over unary calls and four over streams, who go on until they are refused."""

    def __init__(self, target: str) -> None:
        self.tally: Counter[str] = Counter()
        self._target = target
        self._images = [ocr_pb2.Image(encoded=data) for data in lines()]

    async def until_ended(self, process: "subprocess.Popen[str]", after_seconds: float) -> float:
        """Ends the process after so long, and returns how long that takes."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as clients:
            for values in ({"connections": 4}, {"streams": 4}):
                plan = Plan([b"-"], mode="line", **values)
                for caller in await stack.enter_async_context(open_callers(self._target, plan)):
                    for number in range(_IN_FLIGHT):
                        clients.create_task(self._client(caller, number))
            await asyncio.sleep(after_seconds)
            process.terminate()
            start = time.monotonic()
            await asyncio.to_thread(process.wait)
            return time.monotonic() - start

    async def _client(self, caller: Caller, number: int) -> None:
        while True:
            answer = await caller.ask(self._images[number % len(self._images)])
            if answer.error is not None:
                refused = answer.error.code is grpc.StatusCode.UNAVAILABLE
                self.tally["UNAVAILABLE" if refused else str(answer.error)] += 1
                return
            self.tally["OK"] += 1
