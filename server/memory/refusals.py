"""What says that bytes found no room in the budget: by the limit of their use, or by what one caller may have of it."""

from edgeocr.model.errors import Limit
from edgeocr.server.errors import MemoryFull, SpoolFull
from edgeocr.server.memory.reservation import Use

_SUBJECTS = {
    Use.ARRIVING: "messages that arrive",
    Use.WAITING: "images that wait",
    Use.RUNNING: "images that are read",
    Use.ANSWERING: "answers that are not sent",
}


def memory_full(
    use: Use, most_bytes: int, asked_bytes: int, *, of_caller_bytes: int, total_bytes: int, retry_seconds: float
) -> MemoryFull:
    """A use of memory has no room.

    Args:
        use: which.
        most_bytes: its limit, of which one caller has half.
        asked_bytes: what it would hold.
        of_caller_bytes: how much of that for this caller.
        total_bytes: the budget.
        retry_seconds: when the caller may ask again.
    """
    whose = f"{_SUBJECTS[use]} take"
    if of_caller_bytes > most_bytes // 2:
        whose, most_bytes, asked_bytes = f"{_SUBJECTS[use]} of this caller take", most_bytes // 2, of_caller_bytes
    return MemoryFull(
        f"{whose} as much memory as they may, {most_bytes} bytes ({use}_bytes) of the memory budget of "
        f"{total_bytes} (memory_budget_bytes)",
        Limit(f"{use}_bytes", most_bytes, asked_bytes),
        retry_seconds,
    )


def spool_full(most_bytes: int, asked_bytes: int, retry_seconds: float) -> SpoolFull:
    """The disk has no room, where large files may take `most_bytes` and would take `asked_bytes`."""
    return SpoolFull(
        f"large files take as much of the disk as they may, {most_bytes} bytes (spool_bytes), of which one "
        "caller has half",
        Limit("spool_bytes", most_bytes, asked_bytes),
        retry_seconds,
    )
