"""The limit of memory that reading one image or page has."""

from edgeocr.model.errors import Limit, TooLarge
from edgeocr.model.memory_plan import Plan
from edgeocr.server.memory.budget import Budget, Use


class BeyondMemory(TooLarge):
    """Reading the image would take more memory than images may ever have."""

    reason = "beyond_memory"


def check_memory(made: Plan, budget: Budget) -> None:
    """Raises BeyondMemory if a plan takes more than one image may."""
    most_bytes = budget.most_bytes(Use.RUNNING)
    if made.peak_bytes > most_bytes:
        raise BeyondMemory(
            f"image: reading it takes about {made.peak_bytes} bytes, and the memory budget of "
            f"{budget.total_bytes} (memory_budget_bytes) leaves {most_bytes} for that (image_memory_bytes)",
            Limit("image_memory_bytes", most_bytes, made.peak_bytes),
        )
