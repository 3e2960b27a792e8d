"""Limits on what is read, checked before anything is decoded."""

from dataclasses import dataclass

MEDIA_TYPES = (
    *("image/jpeg", "image/png", "image/webp", "image/bmp", "image/tiff", "image/gif", "image/jp2", "image/avif"),
    "image/heic",
    *("image/x-portable-anymap", "image/vnd.microsoft.icon", "application/pdf"),
)
"""All that can be read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest and smallest images that are read.

    Attributes:
        image_bytes: most bytes of an image as sent.
        file_bytes: most bytes of an image that is sent in several messages.
        image_pixels: most pixels (width × height) of a decoded image.
        min_side_pixels: fewest pixels of width and of height.
        line_aspect_ratio: largest width ÷ height of an image that is one line.
        line_height_pixels: largest height of an image that is one line.
        document_pages: most pages of a file that are read at a time.
        media_types: of the files that are read.
    """

    image_bytes: int = 32 * 1024 * 1024
    file_bytes: int = 256 * 1024 * 1024
    image_pixels: int = 64_000_000
    min_side_pixels: int = 4
    line_aspect_ratio: float = 100.0
    line_height_pixels: int = 512
    document_pages: int = 1000
    media_types: tuple[str, ...] = MEDIA_TYPES
