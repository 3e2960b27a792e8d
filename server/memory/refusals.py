"""Errors for bytes that found no room in the budget, because of a use's limit or a caller's share."""

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
    """The error for a use of memory without room.

    Args:
        use: the use.
        most_bytes: its limit, of which one caller may hold half.
        asked_bytes: the bytes that would be held.
        of_caller_bytes: the part of this caller.
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
    """The error for large files, which may take `most_bytes` on disk and would take `asked_bytes`."""
    return SpoolFull(
        f"large files take as much of the disk as they may, {most_bytes} bytes (spool_bytes), of which one "
        "caller has half",
        Limit("spool_bytes", most_bytes, asked_bytes),
        retry_seconds,
    )
