"""The words that callers use for modes and orders, and what the contract calls them."""

from collections.abc import Iterable
from typing import Literal, get_args

from edgeocr.client.documents import DocumentChoice
from edgeocr.proto.edgeocr.v1 import ocr_pb2

Mode = Literal["page", "line"]
"""A page whose lines are detected first, or one line that fills the image."""

Order = Literal["ordered", "as_completed"]
"""Results in the order of the images, or each as soon as it exists."""

Preparation = Literal["orientation", "skew", "enhancement", "tables"]
"""What the server does by itself for a page; see Preparation in the contract."""

_MODES = {"page": ocr_pb2.MODE_PAGE, "line": ocr_pb2.MODE_LINE}

_ORDERS = {
    "ordered": ocr_pb2.STREAM_ORDER_ORDERED,
    "as_completed": ocr_pb2.STREAM_ORDER_AS_COMPLETED,
}

_PREPARATIONS = {
    "orientation": ocr_pb2.PREPARATION_ORIENTATION,
    "skew": ocr_pb2.PREPARATION_SKEW,
    "enhancement": ocr_pb2.PREPARATION_ENHANCEMENT,
    "tables": ocr_pb2.PREPARATION_TABLES,
}


def make_options(
    mode: Mode,
    characters: bool,
    partial: bool = False,
    document: DocumentChoice | None = None,
    omit: Iterable[Preparation] = (),
) -> ocr_pb2.RecognizeOptions:
    """Makes the options of one image; raises ValueError if the mode, or what to omit, is unknown."""
    if mode not in _MODES:
        raise ValueError(f"mode is one of {', '.join(get_args(Mode))}, not {mode!r}")
    omitted = list(omit)
    for name in omitted:
        if name not in _PREPARATIONS:
            raise ValueError(f"what to omit is among {', '.join(get_args(Preparation))}, unlike {name!r}")
    return ocr_pb2.RecognizeOptions(
        mode=_MODES[mode],
        include_characters=characters,
        allow_partial=partial,
        document=None if document is None else document.message(),
        omit=[_PREPARATIONS[name] for name in omitted],
    )


def make_stream_config(
    options: ocr_pb2.RecognizeOptions, order: Order, *, line_events: bool, page_events: bool = False
) -> ocr_pb2.RecognizeStreamRequest:
    """Makes a stream's first message; raises ValueError if the order is unknown."""
    if order not in _ORDERS:
        raise ValueError(f"order is one of {', '.join(get_args(Order))}, not {order!r}")
    config = ocr_pb2.StreamConfig(
        options=options, order=_ORDERS[order], omit_line_events=not line_events, page_events=page_events
    )
    return ocr_pb2.RecognizeStreamRequest(config=config)
