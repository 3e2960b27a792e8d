"""Limits of images, checked before decoding."""

from dataclasses import dataclass

MEDIA_TYPES = (
    *("image/jpeg", "image/png", "image/webp", "image/bmp", "image/tiff", "image/gif", "image/jp2", "image/avif"),
    "image/heic",
    *("image/x-portable-anymap", "image/vnd.microsoft.icon", "application/pdf"),
)
"""All supported media types."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of images.

    Attributes:
        image_bytes: maximum size of an image as sent.
        file_bytes: maximum size of an image that is sent in several messages.
        image_pixels: maximum pixels (width × height) of a decoded image.
        min_side_pixels: minimum width and height.
        line_aspect_ratio: maximum width ÷ height of an image that is one line.
        line_height_pixels: maximum height of an image that is one line.
        document_pages: maximum number of pages of a document that are read at a time.
        media_types: accepted media types.
    """

    image_bytes: int = 32 * 1024 * 1024
    file_bytes: int = 256 * 1024 * 1024
    image_pixels: int = 64_000_000
    min_side_pixels: int = 4
    line_aspect_ratio: float = 100.0
    line_height_pixels: int = 512
    document_pages: int = 1000
    media_types: tuple[str, ...] = MEDIA_TYPES
