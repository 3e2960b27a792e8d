"""Gate: whatever way calls end, nothing of them stays: no gauge, thread, file descriptor or memory.

The model is replaced by a sleep, so that calls can be cut at a known point and memory is that of serving alone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc

from edgeocr.client.bench.callers import BENCH_CHANNEL
from edgeocr.client.connection.channel import make_channel
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.server.memory.reservation import Use
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.process import open_files, status_bytes, threads
from tests.checks.proof.rig.servers import server
from tests.support.serving import ServerProcess, configuration, image

TITLE = "Residue of calls"
MOST_BYTES_PER_CALL = 4096
ADMITTED = tuple(f"edgeocr_admitted_bytes[use={use}]" for use in Use)
GAUGES = ("edgeocr_streams", "edgeocr_workers_busy", "edgeocr_queue_length", "edgeocr_queue_bytes", *ADMITTED)
COUNTED, GAUGE, THREADS, FILES, BYTES = "calls counted", "gauges", "threads", "file descriptors", "memory a call"
_SETTLE_SECONDS = 20.0
_AT_A_TIME = 8
_LINE = lines()[0]
_PAGE = pages(1)[0]
_BAD = b"no image at all"

Stub = ocr_pb2_grpc.OcrServiceStub


async def _unary(
    stub: Stub,
    data: bytes,
    *,
    timeout: float | None = None,
    cancel_after: float | None = None,
    cancel_at_answer: bool = False,
) -> None:
    request = ocr_pb2.RecognizeRequest(
        image=ocr_pb2.Image(encoded=data), options=ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
    )
    call = stub.Recognize(request, timeout=timeout)
    if cancel_after is not None:
        await asyncio.sleep(cancel_after)
        call.cancel()
    if cancel_at_answer:
        # It comes in front of the answer.
        await call.initial_metadata()
        call.cancel()
    await call.code()


async def _stream(
    stub: Stub, data: bytes, *, timeout: float | None = None, take: int | None = None, cancel_after: float = 0.0
) -> None:
    """Reads all answers, or takes so many and cancels the call."""
    call = stub.RecognizeStream(timeout=timeout)
    try:
        await call.write(configuration(ocr_pb2.MODE_PAGE))
        await call.write(image("a", data))
        if take is None:
            await call.done_writing()
        await asyncio.sleep(cancel_after)
        while take is None or take > 0:
            if await call.read() is grpc.aio.EOF:
                break
            take = None if take is None else take - 1
        call.cancel()
        await call.code()
    except (grpc.aio.AioRpcError, grpc.aio.BaseError, asyncio.CancelledError, asyncio.InvalidStateError):
        return


CASES: dict[str, Callable[[Stub], Awaitable[None]]] = {
    "unary, ok": lambda stub: _unary(stub, _LINE),
    "unary, cancelled once begun": lambda stub: _unary(stub, _LINE, cancel_after=0.02),
    "unary, cancelled as the answer comes": lambda stub: _unary(stub, _LINE, cancel_at_answer=True),
    "unary, deadline": lambda stub: _unary(stub, _LINE, timeout=0.02),
    "unary, bad input": lambda stub: _unary(stub, _BAD),
    "stream, ok": lambda stub: _stream(stub, _PAGE),
    "stream, cancelled once begun": lambda stub: _stream(stub, _PAGE, take=0, cancel_after=0.02),
    "stream, cancelled after the first answer": lambda stub: _stream(stub, _PAGE, take=1),
    "stream, deadline": lambda stub: _stream(stub, _PAGE, timeout=0.05),
    "stream, bad input": lambda stub: _stream(stub, _BAD),
}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a server has."""

    gauges: dict[str, float]
    threads: int
    files: int
    anonymous_bytes: int
    images: float

    @classmethod
    def of(cls, running: ServerProcess) -> "Holdings":
        """What it has now."""
        metrics, pid = running.metrics(), running.process.pid
        counts = [value for name, value in metrics.items() if name.startswith("edgeocr_request_duration_seconds_count")]
        time.sleep(0.05)  # The scrape's own thread and connection are given the time to end.
        return cls(
            {name: metrics[name] for name in GAUGES},
            threads(pid),
            open_files(pid),
            status_bytes(pid, "RssAnon"),
            sum(counts),
        )


def run(scale: Scale) -> Outcome:
    """Goes through the cases, through a shutdown amid calls, and through a server that keeps all sorts of things."""
    outcome = Outcome()
    calls = scale.rounds(400, 40)
    with server("--workers", "2", faults=["doze"]) as running:
        for case in CASES:
            # Memory that few calls grow by is chance.
            outcome.checks += asyncio.run(_case(running, case, calls, memory=not scale.quick))
    outcome.checks += [_shutdown(case) for case in ("unary, ok", "stream, ok")]
    with server("--workers", "2", faults=["doze", "residue"]) as running:
        # Calls that are cancelled need not reach a slow machine's server.
        keeping = asyncio.run(_case(running, "unary, ok", 60, memory=True, settle_seconds=1.0))
    names = [check.name for check in keeping if COUNTED not in check.name]
    outcome.expect("residue", keeping, *names)
    return outcome


async def _case(
    running: ServerProcess, case: str, calls: int, *, memory: bool, settle_seconds: float = _SETTLE_SECONDS
) -> list[Check]:
    channel = make_channel(running.target, options=BENCH_CHANNEL)
    stub = ocr_pb2_grpc.OcrServiceStub(channel)
    try:
        await _make(stub, CASES[case], calls)
        await _settled(running, None, settle_seconds)
        before = Holdings.of(running)
        await _make(stub, CASES[case], calls)
        after = await _settled(running, before, settle_seconds)
    finally:
        await channel.close(None)
    counted, growth = after.images - before.images, (after.anonymous_bytes - before.anonymous_bytes) / calls
    left = {name: value for name, value in after.gauges.items() if value}
    new_threads, new_files = after.threads - before.threads, after.files - before.files
    # A call that is cut may end before it reaches the service.
    whole = case.endswith(("ok", "bad input"))
    fits = counted == calls if whole else counted <= calls
    checks = [
        Check(f"{case}: {COUNTED}", f"{calls}" if whole else f"≤ {calls}", f"{counted:.0f}", fits),
        Check(f"{case}: {GAUGE}", "0", ", ".join(f"{name} {value:g}" for name, value in left.items()) or "0", not left),
        Check(f"{case}: {THREADS}", "+0", f"{new_threads:+d}", new_threads <= 0),
        Check(f"{case}: {FILES}", "+0", f"{new_files:+d}", new_files <= 0),
    ]
    if memory:
        limit = f"≤ {MOST_BYTES_PER_CALL} B"
        checks.append(Check(f"{case}: {BYTES}", limit, f"{growth:+.0f} B", growth <= MOST_BYTES_PER_CALL))
    return checks


async def _make(stub: Stub, call: Callable[[Stub], Awaitable[None]], count: int) -> None:
    """Makes so many calls, some at a time."""
    left = iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            await call(stub)

    await asyncio.gather(*(one_after_another() for _ in range(_AT_A_TIME)))


async def _settled(running: ServerProcess, before: Holdings | None, seconds: float) -> Holdings:
    """What the server has once its gauges are 0 and it has no more than before, or else after a while."""
    end = time.monotonic() + seconds
    while True:
        now = await asyncio.to_thread(Holdings.of, running)
        quiet = not any(now.gauges.values())
        if quiet and (before is None or (now.threads <= before.threads and now.files <= before.files)):
            return now
        if time.monotonic() > end:
            return now
        await asyncio.sleep(0.1)


def _shutdown(case: str) -> Check:
    """SIGTERM amid calls: the process ends well, and has nothing to complain of."""
    with server("--workers", "2", faults=["doze"]) as running:
        asyncio.run(_terminated(running, case))
        code = running.process.wait(30)
    complaints = [row.strip() for row in running.log if " INFO " not in row]
    measured = f"exit {code}" + (f", {complaints[0]}" if complaints else "")
    return Check(f"{case.partition(',')[0]}, shutdown", "exit 0, a clean log", measured, code == 0 and not complaints)


async def _terminated(running: ServerProcess, case: str) -> None:
    channel = make_channel(running.target, options=BENCH_CHANNEL)
    making = asyncio.create_task(_make(ocr_pb2_grpc.OcrServiceStub(channel), CASES[case], 60))
    await asyncio.sleep(0.3)
    running.terminate()
    await making
    await channel.close(None)
