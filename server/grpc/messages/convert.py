"""Converts requests to domain values, and errors to messages."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from edgeocr.model.errors import EdgeOcrError, InvalidInput
from edgeocr.model.files.document_options import (
    DOTS_PER_INCH,
    LEAST_DOTS_PER_INCH,
    MOST_DOTS_PER_INCH,
    DocumentOptions,
    PageRange,
    TextLayer,
)
from edgeocr.model.files.image import EncodedImage, ImageSource, PixelFormat, RawImage
from edgeocr.model.options import Mode, Preparation, Reading
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.scheduling.job_options import JobOptions

MODES = {
    ocr_pb2.MODE_UNSPECIFIED: Mode.PAGE,
    ocr_pb2.MODE_PAGE: Mode.PAGE,
    ocr_pb2.MODE_LINE: Mode.LINE,
}
READINGS = {
    Reading.ADAPTIVE: ocr_pb2.READING_ADAPTIVE,
    Reading.ACCURATE: ocr_pb2.READING_ACCURATE,
    Reading.FAST: ocr_pb2.READING_FAST,
}
_READINGS = {ocr_pb2.READING_UNSPECIFIED: None, **{value: reading for reading, value in READINGS.items()}}
PIXEL_FORMATS = {
    ocr_pb2.PIXEL_FORMAT_GREY8: PixelFormat.GREY8,
    ocr_pb2.PIXEL_FORMAT_BGR24: PixelFormat.BGR24,
    ocr_pb2.PIXEL_FORMAT_RGB24: PixelFormat.RGB24,
}
_TEXT_LAYERS = {
    ocr_pb2.TEXT_LAYER_UNSPECIFIED: TextLayer.IGNORE,
    ocr_pb2.TEXT_LAYER_IGNORE: TextLayer.IGNORE,
    ocr_pb2.TEXT_LAYER_USE: TextLayer.USE,
}
_PREPARATIONS = {
    ocr_pb2.PREPARATION_ORIENTATION: "orientation",
    ocr_pb2.PREPARATION_SKEW: "skew",
    ocr_pb2.PREPARATION_ENHANCEMENT: "enhancement",
    ocr_pb2.PREPARATION_TABLES: "tables",
}
_ERROR_DOMAIN = "edgeocr"
Meaning = TypeVar("Meaning")


class _Enum(Protocol):
    def Name(self, number: Any) -> str: ...


def meaning(value: int, known: Mapping[Any, Meaning], enum: _Enum, field: str) -> Meaning:
    """What a value of an enum stands for.

    Raises:
        InvalidInput: the value is unknown; the text begins with `field`.
    """
    if value not in known:
        names = ", ".join(map(enum.Name, known))
        raise InvalidInput(f"{field}: {value} is unknown, known are {names}")
    return known[value]


def preparation(options: ocr_pb2.RecognizeOptions, field: str) -> Preparation:
    """The corrections that are allowed for an image.

    Raises:
        InvalidInput: an element of `omit` is unknown; the text begins with `field`.
    """
    omitted = {
        meaning(value, _PREPARATIONS, ocr_pb2.Preparation, f"{field}.omit[{place}]"): False
        for place, value in enumerate(options.omit)
    }
    return Preparation(**omitted, aligned_tables=options.aligned_tables)


def job_options(options: ocr_pb2.RecognizeOptions, field: str, *, sends_lines: bool = True) -> JobOptions:
    """The options of an image, and whether its lines are sent as they are read.

    Raises:
        InvalidInput: a value is invalid; the text begins with `field`.
    """
    return JobOptions(
        mode=meaning(options.mode, MODES, ocr_pb2.Mode, f"{field}.mode"),
        document=document_options(options.document, f"{field}.document"),
        preparation=preparation(options, field),
        allow_partial=options.allow_partial,
        with_characters=options.include_characters or options.include_alternatives,
        alternatives=options.include_alternatives,
        reading=meaning(options.reading, _READINGS, ocr_pb2.Reading, f"{field}.reading"),
        sends_lines=sends_lines,
    )


def timeout_seconds(asked: float, field: str, call_seconds: float | None) -> float | None:
    """An image's time limit: the requested one (0: none), but at most the call's; None for no limit.

    Raises:
        InvalidInput: it is negative or not a number; the text begins with `field`.
    """
    if not asked >= 0:
        raise InvalidInput(f"{field}: {asked:g} is negative or not a number")
    if asked and call_seconds is not None:
        return min(asked, call_seconds)
    return asked or call_seconds


def image_source(image: ocr_pb2.Image) -> ImageSource:
    """The image of a request.

    Raises:
        InvalidInput: it has no data, or an unknown pixel format.
    """
    match image.WhichOneof("source"):
        case "encoded":
            return EncodedImage(image.encoded)
        case "raw":
            raw = image.raw
            pixels = meaning(raw.format, PIXEL_FORMATS, ocr_pb2.PixelFormat, "image.raw.format")
            return RawImage(raw.data, pixels, raw.width_pixels, raw.height_pixels, raw.stride_bytes)
        case _:
            raise InvalidInput("image: is missing; set encoded or raw")


def document_options(options: ocr_pb2.DocumentOptions, field: str) -> DocumentOptions:
    """The options of a document.

    Raises:
        InvalidInput: a value is invalid; the text begins with `field`.
    """
    ranges = []
    for number, pages in enumerate(options.pages):
        last = pages.last if pages.HasField("last") else None
        if last is not None and last < pages.first:
            raise InvalidInput(f"{field}.pages[{number}].last: {last} is less than first, which is {pages.first}")
        ranges.append(PageRange(pages.first, last))
    dots = options.dots_per_inch or DOTS_PER_INCH
    if not LEAST_DOTS_PER_INCH <= dots <= MOST_DOTS_PER_INCH:
        raise InvalidInput(
            f"{field}.dots_per_inch: {dots:g} is not from {LEAST_DOTS_PER_INCH:g} to {MOST_DOTS_PER_INCH:g} "
            "(min_dots_per_inch, max_dots_per_inch)"
        )
    text_layer = meaning(options.text_layer, _TEXT_LAYERS, ocr_pb2.TextLayer, f"{field}.text_layer")
    return DocumentOptions(tuple(ranges), dots, options.password, text_layer)


def status_code(error: EdgeOcrError) -> StatusCode:
    """The error's gRPC code."""
    return StatusCode[error.code]


def status_details(error: EdgeOcrError) -> tuple[tuple[str, bytes], ...]:
    """The trailing metadata with a google.rpc.Status, in addition to gRPC's own code and text."""
    return (("grpc-status-details-bin", status_message(error).SerializeToString()),)


def status_message(error: EdgeOcrError) -> status_pb2.Status:
    """The error as google.rpc.Status, with its reason, the exceeded limit, and the retry delay."""
    number: int = status_code(error).value[0]
    status = status_pb2.Status(code=number, message=str(error))
    info = error_details_pb2.ErrorInfo(reason=(error.reason or error.code).upper(), domain=_ERROR_DOMAIN)
    if (limit := error.limit) is not None:
        info.metadata.update({"limit": limit.name, "value": str(limit.value), "asked": str(limit.asked)})
    status.details.add().Pack(info)
    if error.retry_seconds is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(round(error.retry_seconds * 1e9))
        status.details.add().Pack(retry)
    return status
