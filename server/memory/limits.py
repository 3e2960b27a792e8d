"""The limits of memory that reading one image or page has: for good, and now."""

from dataclasses import replace

from edgeocr.model.errors import Limit
from edgeocr.model.files.headers.values import Header
from edgeocr.model.memory_plan import Plan
from edgeocr.server.errors import BeyondMemory, MemoryFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

_RETRY_SECONDS = 10.0
"""In which free memory is given back once more."""

_LEAST_OPENING_BYTES, _OPENING_SHARE = 16 << 20, 1 / 3
"""Of what reading may take: no header tells what a file takes that was made to take much, and this is where it ends."""

HEADER_PLAN = Plan(1, finding_bytes=4 << 20, reading_bytes=0, batch_bytes=0)
"""For finding out from a file's own headers what its pages are."""


def check_memory(made: Plan, budget: Budget) -> None:
    """Raises BeyondMemory if a plan takes more than one image may."""
    most_bytes = budget.most_bytes(Use.RUNNING)
    if made.peak_bytes > most_bytes:
        raise BeyondMemory(
            f"image: reading it takes about {made.peak_bytes} bytes, and the memory budget of "
            f"{budget.total_bytes} (memory_budget_bytes) leaves {most_bytes} for that (image_memory_bytes)",
            Limit("image_memory_bytes", most_bytes, made.peak_bytes),
        )


def check_memory_now(made: Plan, budget: Budget) -> None:
    """Raises MemoryFull if a plan does not fit beside what the process holds without reckoning with it."""
    held_bytes = budget.base_bytes + budget.unaccounted_bytes + made.peak_bytes
    if held_bytes > budget.total_bytes:
        raise MemoryFull(
            f"image: reading it takes about {made.peak_bytes} bytes, and {budget.unaccounted_bytes} more than is "
            f"reckoned with are held of the memory budget of {budget.total_bytes} (memory_budget_bytes)",
            Limit("memory_budget_bytes", budget.total_bytes, held_bytes),
            _RETRY_SECONDS,
        )


def opening_plan(budget: Budget) -> Plan:
    """What a decoder process may take in order to find out what a file is, beside what it has already."""
    size_bytes = max(_LEAST_OPENING_BYTES, round(budget.most_bytes(Use.RUNNING) * _OPENING_SHARE))
    return Plan(1, finding_bytes=size_bytes, reading_bytes=0, batch_bytes=0)


def least_plan(made: Plan, budget: Budget, header: Header) -> Plan:
    """A plan that leaves a decoder process, if one opens the file, as much as it may always take."""
    if not header.opens_apart:
        return made
    return replace(made, finding_bytes=max(made.finding_bytes, opening_plan(budget).finding_bytes))
