"""Where images come from besides bytes and arrays: paths, open files, Pillow's images."""

import os
import re
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

ChannelOrder = Literal["BGR", "RGB"]
"""The order of an array's channels, before its transparency if it has any."""

PDF_MARK, PDF_MARK_WITHIN = b"%PDF-", 1024
"""The mark of a PDF file, and the bytes at its beginning within which readers accept it."""
_URL = re.compile(r"(https?|s3)://", re.IGNORECASE)
_DEEP_MODES = ("F", "I")


@runtime_checkable
class BinaryFile(Protocol):
    """An open file of bytes, `io.BytesIO`, or an `edgeocr.Url`."""

    def read(self) -> bytes:
        """All bytes from where the file stands."""


@runtime_checkable
class PilImage(Protocol):
    """What is needed of a `PIL.Image.Image`, whose pixels are taken as they are, without its Exif orientation."""

    @property
    def mode(self) -> str:
        """Its kind of pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""

    @property
    def has_transparency_data(self) -> bool:
        """Whether some pixels may be transparent."""

    def convert(self, mode: str, /) -> "PilImage":
        """The image with other pixels."""

    def tobytes(self) -> bytes:
        """Its pixels, rows packed."""


def is_url(text: str) -> bool:
    """Whether a text names a file by a URL that `edgeocr.Url` fetches."""
    return _URL.match(text) is not None


def path_of(source: str | os.PathLike[str]) -> Path:
    """The path; raises ValueError if it is a URL, which nothing fetches unasked."""
    if isinstance(source, str) and is_url(source):
        raise ValueError(f"{source!r} is a URL; edgeocr.Url({source!r}) fetches it")
    return Path(source)


def content_of(file: BinaryFile) -> bytes:
    """What an open file holds; raises TypeError if that is text."""
    content: object = file.read()
    if not isinstance(content, bytes):
        raise TypeError(f"an open file must give bytes (mode 'rb'), got {type(content).__name__}")
    return content


def plain_image(image: PilImage) -> PilImage:
    """The image with pixels of a plain kind: L, RGB or RGBA.

    Raises:
        ValueError: its pixels have no range of brightness that is known.
    """
    if image.mode.startswith(_DEEP_MODES):
        raise ValueError(f"an image of mode {image.mode} has no known range of brightness; convert it to L")
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode)
