"""Memory limits of reading an image or page: permanent ones, and those of the moment."""

from dataclasses import replace

from edgeocr.model.errors import Limit
from edgeocr.model.files.headers.values import Header
from edgeocr.model.memory_plan import Plan
from edgeocr.server.errors import BeyondMemory, MemoryFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

_RETRY_SECONDS = 10.0
"""Period after which free memory is returned to the system again."""

_LEAST_OPENING_BYTES, _OPENING_SHARE = 16 << 20, 1 / 3
"""Fraction of the reading limit for opening files whose headers do not show their cost."""

HEADER_PLAN = Plan(1, finding_bytes=4 << 20, reading_bytes=0, batch_bytes=0)
"""Memory for determining a file's pages."""


def check_memory(made: Plan, budget: Budget) -> None:
    """Raises BeyondMemory if a plan exceeds the limit of one image."""
    most_bytes = budget.most_bytes(Use.RUNNING)
    if made.peak_bytes > most_bytes:
        raise BeyondMemory(
            f"image: reading it takes about {made.peak_bytes} bytes, and the memory budget of "
            f"{budget.total_bytes} (memory_budget_bytes) leaves {most_bytes} for that (image_memory_bytes)",
            Limit("image_memory_bytes", most_bytes, made.peak_bytes),
        )


def check_memory_now(made: Plan, budget: Budget) -> None:
    """Raises MemoryFull if a plan does not fit in addition to the unaccounted memory."""
    held_bytes = budget.base_bytes + budget.unaccounted_bytes + made.peak_bytes
    if held_bytes > budget.total_bytes:
        raise MemoryFull(
            f"image: reading it takes about {made.peak_bytes} bytes, and {budget.unaccounted_bytes} bytes "
            f"besides those accounted for are held of the memory budget of {budget.total_bytes} (memory_budget_bytes)",
            Limit("memory_budget_bytes", budget.total_bytes, held_bytes),
            _RETRY_SECONDS,
        )


def opening_plan(budget: Budget) -> Plan:
    """The additional memory of a decoder process for determining what a file is."""
    size_bytes = max(_LEAST_OPENING_BYTES, round(budget.most_bytes(Use.RUNNING) * _OPENING_SHARE))
    return Plan(1, finding_bytes=size_bytes, reading_bytes=0, batch_bytes=0)


def least_plan(made: Plan, budget: Budget, header: Header) -> Plan:
    """The plan, with at least the memory that a decoder process may always use, if one opens the file."""
    if not header.opens_apart:
        return made
    return replace(made, finding_bytes=max(made.finding_bytes, opening_plan(budget).finding_bytes))
