"""Measures the idle process, and derives the limits of images."""

from dataclasses import replace

from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import batch_bytes
from edgeocr.model.networks.manifest import Manifest
from edgeocr.model.recognition.recogniser import BATCH_PIXELS
from edgeocr.server.errors import StartError
from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import resident_bytes
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.settings.setting_values import Size

_RESERVE_BYTES = 16 << 20
"""Growth of the idle process after its first images: code, and heap fragmentation."""
_MOST_RESERVE_SHARE = 0.25


def settle(budget: Budget, manifest: Manifest, limits: Limits, message_room_bytes: int) -> Limits:
    """Measures the process's memory without images; returns the effective limits.

    Args:
        budget: receives the measurement.
        manifest: its recognisers have to have memory for one run.
        limits: the limits of the settings.
        message_room_bytes: bytes that a message may have in addition to its image.

    Raises:
        StartError: the budget is too small to read anything.
    """
    trim()
    base_bytes = resident_bytes()
    reserve_bytes = min(_RESERVE_BYTES, _MOST_RESERVE_SHARE * max(0, budget.total_bytes - base_bytes))
    budget.observe(base_bytes=base_bytes + round(reserve_bytes))
    least = batch_bytes(manifest, BATCH_PIXELS)
    if budget.most_bytes(Use.RUNNING) < least:
        raise StartError(
            f"memory_budget: of {Size(budget.total_bytes)}, which is the setting or the control group's limit, "
            f"{base_bytes >> 20}MiB are in use before the first image, and the rest is too small to read one; "
            "allow more memory, or use fewer workers"
        )
    # A message and its copy must fit into the limit of arriving bytes.
    most = max(1, budget.most_bytes(Use.ARRIVING) // 2 - message_room_bytes)
    most_file_bytes = max(budget.most_file_bytes(use) for use in (Use.WAITING, Use.SPOOLED))
    file_bytes = max(1, min(limits.file_bytes, most_file_bytes))
    return replace(limits, image_bytes=min(limits.image_bytes, most), file_bytes=file_bytes)
