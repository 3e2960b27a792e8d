"""What is asked of whatever opens a file, and what it answers: plain values, which may pass between processes.

Pixels are no part of an answer: the caller provides the memory that they are written into.
"""

from dataclasses import dataclass, field
from enum import StrEnum

DAMAGED = "image.encoded: the file is damaged or cut off, it could not be decoded"
"""What is said of an image file that cannot be decoded."""
MOST_LINES, MOST_CHARACTERS = 5_000, 200_000
"""Of the text that a page holds: the densest page of a printed book has a thousand lines and 20,000 characters."""
MOST_SAMPLES = 4
"""Bytes of a pixel in the memory that an image is decoded into; fewer are used where it has fewer."""


class Samples(StrEnum):
    """What a pixel's bytes are."""

    GREY = "grey"
    BGR = "bgr"
    BGRA = "bgra"
    CMYK = "cmyk"
    LAB = "lab"

    @property
    def channels(self) -> int:
        """How many bytes a pixel has."""
        return {Samples.GREY: 1, Samples.BGR: 3, Samples.LAB: 3}.get(self, 4)


@dataclass(frozen=True, slots=True)
class CountPages:
    """How many pages a PDF has; answered with an int."""

    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LookAtPage:
    """What a page of a PDF measures and holds, and, if wanted, its text; answered with a PageLook."""

    index: int
    dots_per_inch: float
    with_text: bool
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DrawPage:
    """A page of a PDF, drawn on white as it is displayed, three bytes a pixel, blue-green-red; answered with None."""

    index: int
    width: int
    height: int
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DecodeImage:
    """An image file, each side divided by `reduction`; answered with a DecodedImage.

    `width` and `height` are those that come out. More pixels than these are an error.
    """

    media_type: str
    width: int
    height: int
    reduction: int = 1


Request = CountPages | LookAtPage | DrawPage | DecodeImage


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text that a page holds as such, and its box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageLook:
    """A page of a PDF without its pixels.

    Attributes:
        width, height: in pixels, at the resolution that was asked for.
        has_layers: whether there are layers to be mixed.
        image_bytes: what its images take while it is drawn.
        lines: its text, if that was wanted.
    """

    width: int
    height: int
    has_layers: bool
    image_bytes: float
    lines: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """How an image came out; its rows have no gap."""

    width: int
    height: int
    samples: Samples


Answer = int | PageLook | DecodedImage | None


def pixel_bytes(request: Request) -> int:
    """How much memory a request writes pixels into, at most."""
    match request:
        case DrawPage(width=width, height=height):
            return 3 * width * height
        case DecodeImage(width=width, height=height):
            return MOST_SAMPLES * width * height
        case _:
            return 0
