"""Reading in this process: takes files or pixels, yields pages.

reader = edgeocr.model.load()
for page in reader.read("scan.pdf"):
    print(page.text)
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from edgeocr.choices import DocumentChoice, check_choices
from edgeocr.choices import Mode as ModeName
from edgeocr.choices import Preparation as PreparationName
from edgeocr.choices import Reading as ReadingName
from edgeocr.model.errors import InvalidInput, expected
from edgeocr.model.files.document import PageSource, open_document
from edgeocr.model.files.document_options import (
    DOTS_PER_INCH,
    LEAST_DOTS_PER_INCH,
    MOST_DOTS_PER_INCH,
    DocumentOptions,
    PageRange,
    TextLayer,
)
from edgeocr.model.files.headers.values import Header
from edgeocr.model.files.image import EncodedImage, ImageSource, PixelFormat, RawImage, check_bytes, inspect
from edgeocr.model.files.opening.decoder import LOCAL, FileDecoder
from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import plan
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode, Preparation, Reading, ReadOptions
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from edgeocr.results.document import Page
from edgeocr.sources import BinaryFile, ChannelOrder, PilImage, content_of, path_of, plain_image

ReadSource = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryFile | PilImage | NDArray[np.uint8]
"""An encoded file's bytes, its path or the open file, or pixels."""

LIMITS = Limits(image_bytes=Limits().file_bytes)
"""No limit for messages, since files are passed as a whole."""
_MOST_BYTES = 512 << 20
"""Memory target of a page, beyond which JPEG files are decoded at a reduced size."""
_CHANNELS = ((), (1,), (3,), (4,))
_WHITE = 255


def load(folder: str | os.PathLike[str] | None = None) -> "TextReader":
    """Loads the networks, by default the installed ones, which takes about a second.

    Args:
        folder: folder of the weights and their manifest.

    Raises:
        BadModel: a file is missing, altered or unusable.
    """
    return TextReader(Models.load(DEFAULT_FOLDER if folder is None else Path(folder)))


class TextReader:
    """Reads images and documents in the calling thread; for one thread at a time.

    Files are opened in this process by default. Use a server for untrusted files, which it opens in confined processes.
    """

    def __init__(self, models: Models, decoder: FileDecoder = LOCAL) -> None:
        """Takes loaded networks, which readers can share, and the decoder for files of unknown cost."""
        self.models = models
        self._decoder = decoder
        self._reader = Reader(models)

    def read(
        self, source: ReadSource, options: ReadOptions | None = None, *, channel_order: ChannelOrder = "BGR"
    ) -> Iterator[Page]:
        """Yields the pages of a document, or the single page of an image, as they are read.

        A page of a document that cannot be read has an `error` and no size; other pages are read nevertheless.

        Args:
            source: a path, an encoded file's bytes or the open file, an image of Pillow, or pixels: H×W or H×W×1
                (grey), H×W×3, or H×W×4 (with transparency, shown on white), uint8, with any strides.
            options: options of reading; by default as a page, with all corrections.
            channel_order: channel order of an array.

        Raises:
            EdgeOcrError: the source cannot be read.
            OSError: the file cannot be read.
            TypeError, ValueError: the source is of an unsupported kind.
        """
        image = _image(source, channel_order)
        chosen = options or ReadOptions()
        size_bytes = len(image.data)
        check_bytes(image, LIMITS)
        document = open_document(image, chosen.document, LIMITS)
        if document is None:
            yield self._page(image, inspect(image, chosen.mode, LIMITS), 0, size_bytes, chosen)
            return
        for index in chosen.document.select(document.count(self._decoder), LIMITS):
            try:
                found = document.page(index, chosen.mode, self._decoder)
                yield found if isinstance(found, Page) else self._page(*found, index, size_bytes, chosen)
            except Exception as error:
                yield Page.failed(index, expected(error).bare())

    def _page(self, source: PageSource, header: Header, index: int, size_bytes: int, options: ReadOptions) -> Page:
        made = plan(header, size_bytes, options.mode, self.models.manifest, _MOST_BYTES)
        trace = Trace()
        picture = self._reader.decode(source, made.reduction, trace, self._decoder)
        detected = self._reader.find(
            picture, options.mode, trace, index, preparation=options.preparation, reading=options.reading
        )
        page = detected.page(self._reader.lines(detected, trace))
        if options.alternatives:
            return page
        return replace(page, lines=tuple(line.reduced(characters=True, alternatives=False) for line in page.lines))


def read_options(
    mode: ModeName,
    omit: Iterable[PreparationName],
    document: DocumentChoice | None,
    *,
    alternatives: bool = False,
    aligned_tables: bool = False,
    reading: ReadingName | None = None,
) -> ReadOptions:
    """Makes the options from a caller's choices.

    Raises:
        ValueError: the mode, something to omit, or the reading is unknown.
        InvalidInput: the resolution is out of range.
    """
    omitted = list(omit)
    check_choices(mode, omitted, reading)
    preparation = Preparation(**dict.fromkeys(omitted, False), aligned_tables=aligned_tables)
    return ReadOptions(
        mode=Mode(mode),
        preparation=preparation,
        document=_document_options(document),
        alternatives=alternatives,
        reading=Reading(reading) if reading else None,
    )


def _document_options(choice: DocumentChoice | None) -> DocumentOptions:
    if choice is None:
        return DocumentOptions()
    dots = choice.dots_per_inch or DOTS_PER_INCH
    if not LEAST_DOTS_PER_INCH <= dots <= MOST_DOTS_PER_INCH:
        raise InvalidInput(f"dots_per_inch: {dots:g} is not from {LEAST_DOTS_PER_INCH:g} to {MOST_DOTS_PER_INCH:g}")
    return DocumentOptions(
        ranges=tuple(PageRange(first, last) for first, last in choice.ranges()),
        dots_per_inch=dots,
        password=choice.password,
        text_layer=TextLayer(choice.text_layer),
    )


def _image(source: ReadSource, channel_order: ChannelOrder) -> ImageSource:
    match source:
        case bytes():
            return EncodedImage(source)
        case bytearray() | memoryview():
            return EncodedImage(bytes(source))
        case str() | os.PathLike():
            return EncodedImage(path_of(source).read_bytes())
        case np.ndarray():
            return _raw_image(source, channel_order)
        case BinaryFile():
            return EncodedImage(content_of(source))
        case PilImage():
            return _raw_image(np.asarray(plain_image(source)), "RGB")
    raise TypeError(
        f"a source must be bytes, a path, an open file, a Pillow image or a numpy array, got {type(source).__name__}"
    )


def _raw_image(pixels: NDArray[np.uint8], channel_order: ChannelOrder) -> RawImage:
    if pixels.dtype != np.uint8:
        raise TypeError(f"pixels must be uint8, got {pixels.dtype}")
    if channel_order not in get_args(ChannelOrder):
        raise ValueError(f"channel_order must be one of {', '.join(get_args(ChannelOrder))}, got {channel_order!r}")
    if pixels.ndim < 2 or pixels.shape[2:] not in _CHANNELS:
        raise ValueError(f"pixels must be H×W, or that × 1, 3 or 4 channels, got {'×'.join(map(str, pixels.shape))}")
    height, width = pixels.shape[:2]
    if pixels.shape[2:] in ((), (1,)):
        return RawImage(pixels.tobytes(), PixelFormat.GREY8, width, height)
    if pixels.shape[2] == 4:
        opacity = pixels[..., 3:].astype(np.uint16)
        pixels = ((pixels[..., :3] * opacity + _WHITE * (_WHITE - opacity)) // _WHITE).astype(np.uint8)
    pixel_format = PixelFormat.BGR24 if channel_order == "BGR" else PixelFormat.RGB24
    return RawImage(pixels.tobytes(), pixel_format, width, height)
