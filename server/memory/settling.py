"""What the process takes without an image, and what images may be beside that."""

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
"""What an idle process holds more once it has read some images: code, and holes in its heap."""
_MOST_RESERVE_SHARE = 0.25


def settle(budget: Budget, manifest: Manifest, limits: Limits, message_room_bytes: int) -> Limits:
    """Measures what the process takes without an image, and returns the limits that hold from now on.

    Args:
        budget: learns what was measured.
        manifest: its recognisers have to have memory for one run.
        limits: what settings allow.
        message_room_bytes: what a message may have beside its image.

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
            f"{base_bytes >> 20}MiB are in use before the first image, and the rest is too little to read one; "
            "allow more, or fewer workers"
        )
    # A message and its copy must fit where messages arrive.
    most = max(1, budget.most_bytes(Use.ARRIVING) // 2 - message_room_bytes)
    most_file_bytes = max(budget.most_file_bytes(use) for use in (Use.WAITING, Use.SPOOLED))
    file_bytes = max(1, min(limits.file_bytes, most_file_bytes))
    return replace(limits, image_bytes=min(limits.image_bytes, most), file_bytes=file_bytes)
