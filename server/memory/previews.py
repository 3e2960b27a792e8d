"""Page previews, for callers that cannot render the file themselves.

Each is accounted for until it is sent, and their number is limited: a slow reader misses previews, and takes no memory
from others.
"""

import threading
from dataclasses import dataclass, field

from edgeocr.model.files.preview import LONGEST_SIDE, preview, preview_bytes
from edgeocr.model.pixels import Picture
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

_MOST_UNSENT = 4


@dataclass(frozen=True, slots=True)
class PageDrawn:
    """Event: a page's preview as JPEG, possibly reduced; `width` and `height` are the page's.

    `page_count` is the number of pages of the document that are read.
    """

    page_index: int
    width: int
    height: int
    jpeg: bytes = field(repr=False)
    page_count: int = 1


class PagePreviews:
    """Previews of one image or document; drawn in workers' threads, and released in the event loop."""

    def __init__(self, budget: Budget, caller: str = "", longest_side: int = LONGEST_SIDE) -> None:
        """Takes the budget, the caller, and the maximum side of a preview."""
        self._longest_side = longest_side
        self._unsent = 0
        self._held = budget.hold(Use.WAITING, 0, caller)
        self._closed = False
        self._lock = threading.Lock()

    def draw(self, picture: Picture, page_index: int, page_count: int = 1, spare_bytes: int = 0) -> PageDrawn | None:
        """Draws a preview, which must be released; None if it is no longer wanted, or there is no room for it.

        `spare_bytes` of the page's reservation are unused meanwhile.
        """
        if self._closed or self._unsent >= _MOST_UNSENT:
            return None
        making_bytes = max(0, preview_bytes(picture, self._longest_side) - spare_bytes)
        with self._lock:
            if self._closed or not self._held.grow(making_bytes):
                return None
        jpeg = preview(picture, self._longest_side)
        with self._lock:
            if self._closed:
                return None
            self._held.resize(self._held.size_bytes - making_bytes)
            if not self._held.grow(len(jpeg)):
                return None
            self._unsent += 1
        return PageDrawn(page_index, picture.width, picture.height, jpeg, page_count)

    def release(self, drawn: PageDrawn) -> None:
        """Releases a preview that was sent."""
        with self._lock:
            if self._closed:
                return
            self._unsent -= 1
            self._held.resize(self._held.size_bytes - len(drawn.jpeg))

    def close(self) -> None:
        """Releases all previews; may be called again."""
        with self._lock:
            self._closed = True
            self._held.release()
