"""Conversion of callers' options to the contract's messages."""

from collections.abc import Iterable
from typing import get_args

from edgeocr.choices import DocumentChoice, Mode, Order, Preparation, Reading, check_choices
from edgeocr.proto.edgeocr.v1 import ocr_pb2

_TEXT_LAYERS = {"ignore": ocr_pb2.TEXT_LAYER_IGNORE, "use": ocr_pb2.TEXT_LAYER_USE}
_MODES = {"page": ocr_pb2.MODE_PAGE, "line": ocr_pb2.MODE_LINE}
_READINGS = {
    None: ocr_pb2.READING_UNSPECIFIED,
    "adaptive": ocr_pb2.READING_ADAPTIVE,
    "accurate": ocr_pb2.READING_ACCURATE,
    "fast": ocr_pb2.READING_FAST,
}
_ORDERS = {"ordered": ocr_pb2.STREAM_ORDER_ORDERED, "as_completed": ocr_pb2.STREAM_ORDER_AS_COMPLETED}
_PREPARATIONS = {
    "orientation": ocr_pb2.PREPARATION_ORIENTATION,
    "skew": ocr_pb2.PREPARATION_SKEW,
    "enhancement": ocr_pb2.PREPARATION_ENHANCEMENT,
    "tables": ocr_pb2.PREPARATION_TABLES,
}


def make_document_options(choice: DocumentChoice) -> ocr_pb2.DocumentOptions:
    """Makes the options of a document."""
    return ocr_pb2.DocumentOptions(
        pages=[ocr_pb2.PageRange(first=first, last=last) for first, last in choice.ranges()],
        dots_per_inch=choice.dots_per_inch,
        password=choice.password,
        text_layer=_TEXT_LAYERS[choice.text_layer],
    )


def make_options(
    *,
    mode: Mode,
    characters: bool = False,
    partial: bool = False,
    document: DocumentChoice | None = None,
    omit: Iterable[Preparation] = (),
    alternatives: bool = False,
    aligned_tables: bool = False,
    reading: Reading | None = None,
) -> ocr_pb2.RecognizeOptions:
    """Makes the options of one image; raises ValueError if the mode, the reading or a name in `omit` is unknown."""
    omitted = list(omit)
    check_choices(mode, omitted, reading)
    return ocr_pb2.RecognizeOptions(
        mode=_MODES[mode],
        include_characters=characters,
        allow_partial=partial,
        document=None if document is None else make_document_options(document),
        omit=[_PREPARATIONS[name] for name in omitted],
        include_alternatives=alternatives,
        aligned_tables=aligned_tables,
        reading=_READINGS[reading],
    )


def make_stream_config(
    options: ocr_pb2.RecognizeOptions, order: Order, *, line_events: bool, page_events: bool = False
) -> ocr_pb2.RecognizeStreamRequest:
    """Makes a stream's first message; raises ValueError if the order is unknown."""
    if order not in _ORDERS:
        raise ValueError(f"order must be one of {', '.join(get_args(Order))}, got {order!r}")
    config = ocr_pb2.StreamConfig(
        options=options, order=_ORDERS[order], omit_line_events=not line_events, page_events=page_events
    )
    return ocr_pb2.RecognizeStreamRequest(config=config)
