"""Gate: an old server answers as a fresh one does, and says so when it cannot any more.

A server grows old within seconds here: a fault keeps memory with every image, as holes in a heap do over months.
"""

from collections.abc import Sequence

import cv2
import grpc
import numpy as np

from edgeocr.client import Client, OcrError
from edgeocr.client.bench import Plan
from edgeocr.client.streaming.retry import RetryPolicy
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.material import lines
from tests.checks.proof.rig.servers import load, server
from tests.support.serving import ServerProcess, eventually

TITLE = "An old server"
SAME, RETRIED, TURNED = "the same answers from old and new", "what does not fit now may come again", "health turns"
_MEGAPIXELS = (1, 4, 8, 12, 14, 16, 18, 20, 22, 24, 26, 28, 32)
"""Close to each other where the largest that fits lies."""
_LINES, _MANY_LINES = 40, 160
"""Half a megabyte is kept for each: 20 MB, which a restart is not worth, and 80 MB, which is too much."""
_SECONDS, _HEALTH_SECONDS = 20, 90
_TOLERANCE = 0.03
"""Of the budget: a server accounts for what it holds within a fiftieth."""


def run(scale: Scale) -> Outcome:
    """Compares what a server says to images of all sizes before and after; the fault takes the idle memory for base."""
    outcome = Outcome()
    outcome.checks += _age(health=not scale.quick)
    outcome.expect("takes what it holds when idle for its base", _age("ratchet"), SAME, RETRIED)
    return outcome


def _age(*faults: str, health: bool = False) -> list[Check]:
    arguments = ("--workers", "1", "--memory-budget", "300MiB", "--stuck-seconds", "10")
    with server(*arguments, faults=("gush", *faults)) as running:
        fresh = _answers(running)
        _read(running, _LINES)
        old = _answers(running)
        _read(running, _MANY_LINES - _LINES)
        late = _answers(running)
        checks = [
            Check(SAME, "all", f"{sum(map(_is_same, fresh, old))} of {len(fresh)}", fresh == old),
            Check(RETRIED, "all", _told(fresh, late), all(map(_is_same_or_later, fresh, late))),
        ]
        if health:
            checks.append(Check(TURNED, "yes", *_turned(running)))
    return checks


def _read(running: ServerProcess, count: int) -> None:
    load(running.target, Plan(lines(), mode="line", concurrency=2, warm_up_seconds=0.0, requests=count))


def _answers(running: ServerProcess) -> list[str]:
    """What is said to a blank page of each size: OK, never, or later."""
    eventually(lambda: _is_settled(running.metrics()))
    found = []
    with Client(running.target, retry=RetryPolicy(attempts=1)) as client:
        for megapixels in _MEGAPIXELS:
            page = np.full((megapixels * 500, 2000), 255, np.uint8)
            try:
                client.read(cv2.imencode(".png", page)[1].tobytes(), timeout_seconds=_SECONDS)
                found.append("OK")
            except OcrError as error:
                if error.code is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
                found.append("never" if error.retry_seconds is None else "later")
    return found


def _is_settled(metrics: dict[str, float]) -> bool:
    """Whether nothing is read, and the budget knows of what is held all the same."""
    base, unaccounted, budget = (
        metrics[f"edgeocr_memory_bytes[kind={kind}]"] for kind in ("base", "unaccounted", "budget")
    )
    resident = metrics["process_resident_memory_bytes"]
    return metrics["edgeocr_workers_busy"] == 0 and resident <= base + unaccounted + _TOLERANCE * budget


def _is_same(fresh: str, old: str) -> bool:
    return fresh == old


def _is_same_or_later(fresh: str, old: str) -> bool:
    return old in (fresh, "later")


def _told(fresh: Sequence[str], late: Sequence[str]) -> str:
    answers = zip(_MEGAPIXELS, fresh, late, strict=True)
    return ", ".join(f"{size} MP {was} → {now}" for size, was, now in answers if was != now) or "the same"


def _turned(running: ServerProcess) -> tuple[str, bool]:
    try:
        eventually(lambda: running.metrics()["edgeocr_serving"] == 0, _HEALTH_SECONDS)
    except AssertionError:
        return "no", False
    return "yes", True
