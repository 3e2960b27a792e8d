"""Requests to decoders and their answers: plain values, which can be passed between processes.

Pixels are not part of an answer: the caller provides the memory for them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

DAMAGED = "image.encoded: the file is damaged or truncated, it could not be decoded"
"""The error text for an image file that cannot be decoded."""
MOST_LINES, MOST_CHARACTERS = 5_000, 200_000
"""Limits of a page's embedded text: the densest page of a printed book has a thousand lines and 20,000 characters."""
MOST_SAMPLES = 4
"""Bytes per pixel of the memory that an image is decoded into; images with fewer channels use less."""


class Samples(StrEnum):
    """The meaning of a pixel's bytes."""

    GREY = "grey"
    BGR = "bgr"
    BGRA = "bgra"
    CMYK = "cmyk"
    LAB = "lab"

    @property
    def channels(self) -> int:
        """Bytes per pixel."""
        return {Samples.GREY: 1, Samples.BGR: 3, Samples.LAB: 3}.get(self, 4)


@dataclass(frozen=True, slots=True)
class CountPages:
    """Requests the number of pages of a PDF; the answer is an int."""

    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LookAtPage:
    """Requests the size and content of a PDF page, and optionally its text; the answer is a PageLook."""

    index: int
    dots_per_inch: float
    with_text: bool
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DrawPage:
    """Requests a PDF page, drawn on white as displayed, as BGR; the answer is None."""

    index: int
    width: int
    height: int
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DecodeImage:
    """Requests an image file's pixels, each side divided by `reduction`; the answer is a DecodedImage.

    `width` and `height` are those of the output. More pixels than these are an error.
    """

    media_type: str
    width: int
    height: int
    reduction: int = 1


Request = CountPages | LookAtPage | DrawPage | DecodeImage


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of embedded text, and its box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageLook:
    """A page of a PDF without its pixels.

    Attributes:
        width, height: in pixels, at the requested resolution.
        has_layers: whether it has transparency groups to be blended.
        image_bytes: memory of its images while it is drawn.
        lines: its text, if requested.
    """

    width: int
    height: int
    has_layers: bool
    image_bytes: float
    lines: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """The properties of a decoded image, whose rows are packed."""

    width: int
    height: int
    samples: Samples


Answer = int | PageLook | DecodedImage | None


def pixel_bytes(request: Request) -> int:
    """The maximum memory for a request's pixels."""
    match request:
        case DrawPage(width=width, height=height):
            return 3 * width * height
        case DecodeImage(width=width, height=height):
            return MOST_SAMPLES * width * height
        case _:
            return 0
