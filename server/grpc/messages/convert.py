"""Converts requests to domain values, and errors to messages."""

from collections.abc import Iterable
from typing import Any, Protocol

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

_MODES = {
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


class _Enum(Protocol):
    def Name(self, number: Any) -> str: ...


def names(enum: _Enum, values: Iterable[int]) -> str:
    """The names of enum values, for error texts."""
    return ", ".join(enum.Name(value) for value in values)


def mode(options: ocr_pb2.RecognizeOptions, field: str) -> Mode:
    """The options' mode.

    Raises:
        InvalidInput: the mode is unknown; the text begins with `field`.
    """
    if options.mode not in _MODES:
        raise InvalidInput(f"{field}.mode: {options.mode} is unknown, known are {names(ocr_pb2.Mode, _MODES)}")
    return _MODES[options.mode]


def preparation(options: ocr_pb2.RecognizeOptions, field: str) -> Preparation:
    """The corrections that are allowed for an image.

    Raises:
        InvalidInput: an element of `omit` is unknown; the text begins with `field`.
    """
    for place, value in enumerate(options.omit):
        if value not in _PREPARATIONS:
            known = names(ocr_pb2.Preparation, _PREPARATIONS)
            raise InvalidInput(f"{field}.omit[{place}]: {value} is unknown, known are {known}")
    omitted = {_PREPARATIONS[value]: False for value in options.omit}
    return Preparation(**omitted, aligned_tables=options.aligned_tables)


def reading(options: ocr_pb2.RecognizeOptions, field: str) -> Reading | None:
    """With which recognisers lines are read; None for what the server does by default.

    Raises:
        InvalidInput: the mode is unknown; the text begins with `field`.
    """
    if options.reading not in _READINGS:
        known = names(ocr_pb2.Reading, _READINGS)
        raise InvalidInput(f"{field}.reading: {options.reading} is unknown, known are {known}")
    return _READINGS[options.reading]


def job_options(options: ocr_pb2.RecognizeOptions, field: str) -> JobOptions:
    """The options of an image.

    Raises:
        InvalidInput: a value is invalid; the text begins with `field`.
    """
    return JobOptions(
        mode=mode(options, field),
        document=document_options(options.document, f"{field}.document"),
        preparation=preparation(options, field),
        allow_partial=options.allow_partial,
        with_characters=options.include_characters or options.include_alternatives,
        alternatives=options.include_alternatives,
        reading=reading(options, field),
    )


def timeout_seconds(asked: float, field: str, call_seconds: float | None) -> float | None:
    """An image's time limit: the requested one (0: none), but at most the call's; None for no limit.

    Raises:
        InvalidInput: it is negative or not a number; the text begins with `field`.
    """
    if not asked >= 0:
        raise InvalidInput(f"{field}: {asked:g} is negative or not a number")
    return min((value for value in (asked or None, call_seconds) if value is not None), default=None)


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
            if raw.format not in PIXEL_FORMATS:
                known = names(ocr_pb2.PixelFormat, PIXEL_FORMATS)
                raise InvalidInput(f"image.raw.format: {raw.format} is not a pixel format, known are {known}")
            return RawImage(raw.data, PIXEL_FORMATS[raw.format], raw.width_pixels, raw.height_pixels, raw.stride_bytes)
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
    if options.text_layer not in _TEXT_LAYERS:
        known = names(ocr_pb2.TextLayer, _TEXT_LAYERS)
        raise InvalidInput(f"{field}.text_layer: {options.text_layer} is unknown, known are {known}")
    return DocumentOptions(tuple(ranges), dots, options.password, _TEXT_LAYERS[options.text_layer])


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
