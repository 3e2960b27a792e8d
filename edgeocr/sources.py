"""Sources of images in addition to bytes and arrays: paths, open files, Pillow's images."""

import os
import re
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

ChannelOrder = Literal["BGR", "RGB"]
"""The order of an array's colour channels; an alpha channel follows them."""

IMAGE_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".pdf"),
        *(".jp2", ".j2k", ".j2c", ".jpf", ".jpx", ".avif", ".heic", ".heif", ".pnm", ".pbm", ".pgm", ".ppm", ".ico"),
    }
)
"""Suffixes of files that are read in folders, in lower case; a file named explicitly may have any suffix."""

PDF_MARK, PDF_MARK_WITHIN = b"%PDF-", 1024
"""The mark of a PDF file, and the bytes at its beginning within which readers accept it."""
_URL = re.compile(r"(https?|s3)://", re.IGNORECASE)
_DEEP_MODES = ("F", "I")


@runtime_checkable
class BinaryFile(Protocol):
    """An open file of bytes, `io.BytesIO`, or an `edgeocr.Url`."""

    def read(self) -> bytes:
        """Reads all bytes from the current position."""


@runtime_checkable
class PilImage(Protocol):
    """The required part of `PIL.Image.Image`, whose pixels are used without its Exif orientation."""

    @property
    def mode(self) -> str:
        """The format of its pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""

    @property
    def has_transparency_data(self) -> bool:
        """Whether some pixels may be transparent."""

    def convert(self, mode: str, /) -> "PilImage":
        """Converts the image to another format of pixels."""

    def tobytes(self) -> bytes:
        """Its pixels, rows packed."""


def is_url(text: str) -> bool:
    """Whether a text names a file by a URL that `edgeocr.Url` fetches."""
    return _URL.match(text) is not None


def path_of(source: str | os.PathLike[str]) -> Path:
    """The path; raises ValueError for a URL, which is fetched only on request."""
    if isinstance(source, str) and is_url(source):
        raise ValueError(f"{source!r} is a URL; edgeocr.Url({source!r}) fetches it")
    return Path(source)


def content_of(file: BinaryFile) -> bytes:
    """The content of an open file; raises TypeError if it is text."""
    content: object = file.read()
    if not isinstance(content, bytes):
        raise TypeError(f"an open file must give bytes (mode 'rb'), got {type(content).__name__}")
    return content


def plain_image(image: PilImage) -> PilImage:
    """The image with pixels in format L, RGB or RGBA.

    Raises:
        ValueError: the range of its pixels is unknown.
    """
    if image.mode.startswith(_DEEP_MODES):
        raise ValueError(f"an image of mode {image.mode} has no known range of brightness; convert it to L")
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode)
