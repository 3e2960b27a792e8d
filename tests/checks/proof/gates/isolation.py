"""Gate: no answer has anything of another image in it.

Every image has a text of its own. Each is read alone first; then 32 clients ask for them at random, over unary calls
and streams, lines and pages, while calls are cancelled and bad images come between. Whatever is read, text, confidence,
polygons and line events, must be what the image gave alone.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from edgeocr.client.bench import Plan
from edgeocr.client.bench.callers import Answer, Caller
from edgeocr.client.bench.run import open_callers
from edgeocr.client.options import Mode
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.material import unique_page, unique_texts
from tests.checks.proof.rig.servers import server
from tests.support.rendering import encoded, line

TITLE = "Isolation"
MATCHES, REFUSED = (
    "answers that differ from the image read alone",
    "bad images answered otherwise than INVALID_ARGUMENT",
)
_PAGE_LINES = 3
_IN_FLIGHT = 4
_CANCEL_SHARE, _BAD_SHARE = 0.02, 0.03
_SETTINGS = ("--queue-images", "1000")
_KINDS: Sequence[tuple[Mode, dict[str, Any]]] = (
    ("line", {"connections": 14}),
    ("line", {"streams": 14, "connections": 7}),
    ("page", {"connections": 2}),
    ("page", {"streams": 2}),
)
"""32 clients."""


@dataclass(slots=True)
class Images:
    """Images of one mode, and what each gives alone."""

    images: list[ocr_pb2.Image]
    alone: list[ocr_pb2.Document] = field(default_factory=list)


def run(scale: Scale) -> Outcome:
    """Asks the server, then one that mixes answers up."""
    outcome = Outcome()
    count = scale.rounds(50_000, 300)
    outcome.checks, outcome.facts["answers"] = _ask(count, distinct=min(2000, count // 5))
    mixing, _ = _ask(min(count, 1000) // 2, distinct=30, faults=["mix"])
    outcome.expect("mix", mixing, MATCHES)
    return outcome


def _ask(count: int, *, distinct: int, faults: Sequence[str] = ()) -> tuple[list[Check], str]:
    texts = unique_texts(distinct)
    few = texts[: max(_PAGE_LINES * 4, distinct // 10)]
    groups = [few[start : start + _PAGE_LINES] for start in range(0, len(few), _PAGE_LINES)]
    material: dict[Mode, Images] = {
        "line": Images([ocr_pb2.Image(encoded=encoded(line(text))) for text in texts]),
        "page": Images([ocr_pb2.Image(encoded=unique_page(group)) for group in groups]),
    }
    with server(*_SETTINGS) as running:
        asyncio.run(_read_alone(running.target, material))
    with server(*_SETTINGS, faults=faults) as running:
        crowd = Crowd(material, count)
        asyncio.run(crowd.ask(running.target))
    tally = crowd.tally
    return [
        Check(MATCHES, "none", f"{tally['differ']:,} of {tally['read']:,}", not tally["differ"] and tally["read"] > 0),
        Check(REFUSED, "none", f"{tally['not refused']:,} of {tally['bad']:,}", not tally["not refused"]),
        Check("other errors", "none", f"{tally['error']:,}", not tally["error"]),
    ], ", ".join(f"{tally[name]:,} {name}" for name in ("read", "cancelled", "bad"))


async def _read_alone(target: str, material: dict[Mode, Images]) -> None:
    """Reads each image while nothing else is read; images must differ in what they give."""
    for mode, group in material.items():
        plan = Plan([b"-"], mode=mode)
        async with open_callers(target, plan) as (caller,):
            for image in group.images:
                answer = await caller.ask(image)
                assert answer.document is not None, answer.error
                group.alone.append(answer.document)
        different = {document.SerializeToString() for document in group.alone}
        assert len(different) == len(group.images), "images that give the same would hide a mistake"


class Crowd:
    """The clients, and what they saw."""

    def __init__(self, material: dict[Mode, Images], count: int) -> None:
        self.tally: Counter[str] = Counter()
        self._material = material
        self._count = count
        self._chance = random.Random(5)
        self._cut = [image.encoded[: len(image.encoded) // 2] for image in material["line"].images[:20]]

    async def ask(self, target: str) -> None:
        """Asks until there were enough answers."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as clients:
            for mode, values in _KINDS:
                plan = Plan([b"-"], mode=mode, **values)
                for caller in await stack.enter_async_context(open_callers(target, plan)):
                    for _ in range(_IN_FLIGHT if plan.streams else 1):
                        clients.create_task(self._client(caller, mode))

    async def _client(self, caller: Caller, mode: Mode) -> None:
        while self.tally["read"] < self._count:
            chance = self._chance.random()
            if chance < _BAD_SHARE:
                answer = await caller.ask(ocr_pb2.Image(encoded=self._chance.choice([*self._cut, b"no image"])))
                if not (answer.error is not None and answer.error.code.name == "CANCELLED"):
                    self.tally["bad"] += 1
                    self.tally["not refused"] += answer.error is None or answer.error.code.name != "INVALID_ARGUMENT"
                continue
            group = self._material[mode]
            number = self._chance.randrange(len(group.images))
            asking = asyncio.create_task(caller.ask(group.images[number]))
            if chance > 1 - _CANCEL_SHARE:
                await asyncio.wait([asking], timeout=self._chance.uniform(0, 0.1))
                # Cancels a unary call; of a stream, the whole of it.
                asking.cancel()
                await caller.close()
            await asyncio.wait([asking])
            if asking.cancelled():
                self.tally["cancelled"] += 1
            else:
                self._judge(asking.result(), group.alone[number])

    def _judge(self, answer: Answer, alone: ocr_pb2.Document) -> None:
        if answer.error is not None:
            self.tally["cancelled" if answer.error.code.name == "CANCELLED" else "error"] += 1
            return
        self.tally["read"] += 1
        expected = alone.pages[0].lines
        lines_fit = all(expected[event.line_index] == event.line for event in answer.lines)
        self.tally["differ"] += answer.document != alone or not lines_fit
