"""Validation of image ids in a stream, which answers refer to."""

from collections import deque

from edgeocr.model.errors import InvalidInput

IMAGE_ID_BYTES = 128
REMEMBERED_IMAGE_IDS = 4096


class ImageIds:
    """Remembers the latest ids."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=REMEMBERED_IMAGE_IDS)
        self._known: set[str] = set()

    def add(self, image_id: str) -> None:
        """Adds an id.

        Raises:
            InvalidInput: it is empty, too long, or a duplicate.
        """
        if not 0 < len(image_id.encode()) <= IMAGE_ID_BYTES:
            raise InvalidInput(f"image.id: must have 1 to {IMAGE_ID_BYTES} bytes (image_id_bytes)")
        if image_id in self._known:
            raise InvalidInput(
                "image.id: was used before in this stream, "
                f"it must differ from the last {REMEMBERED_IMAGE_IDS} (remembered_image_ids)"
            )
        if len(self._recent) == REMEMBERED_IMAGE_IDS:
            self._known.discard(self._recent[0])
        self._recent.append(image_id)
        self._known.add(image_id)
