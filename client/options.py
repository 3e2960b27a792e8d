"""What callers choose: modes, orders, corrections to omit, pages of a document; and what the contract calls them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from edgeocr.proto.edgeocr.v1 import ocr_pb2

TextLayer = Literal["ignore", "use"]
"""Text that pages of a PDF hold as such is ignored, or answered in place of reading."""

_TEXT_LAYERS = {"ignore": ocr_pb2.TEXT_LAYER_IGNORE, "use": ocr_pb2.TEXT_LAYER_USE}
_RANGE = re.compile(r"\s*(\d+)\s*(-\s*(\d*)\s*)?")


@dataclass(frozen=True)
class DocumentChoice:
    """How documents are read; images are no different with one.

    `pages` are those that are wanted, counted from 1 as people do: "1-3,7,9-" are the first three, the seventh, and all
    from the ninth on; None means all. `dots_per_inch` is the resolution at which a PDF's pages are drawn, 0 meaning
    the server's own; `password` opens an encrypted one.

    Raises ValueError if a field is wrong.
    """

    pages: str | None = None
    dots_per_inch: float = 0.0
    password: str = field(default="", repr=False)
    text_layer: TextLayer = "ignore"

    def __post_init__(self) -> None:
        self.message()

    def message(self) -> ocr_pb2.DocumentOptions:
        """The choice as the contract has it."""
        if self.text_layer not in _TEXT_LAYERS:
            raise ValueError(f"text_layer is one of {', '.join(get_args(TextLayer))}, not {self.text_layer!r}")
        if not 0 <= self.dots_per_inch < float("inf"):
            raise ValueError(f"dots_per_inch is 0 or more, not {self.dots_per_inch!r}")
        return ocr_pb2.DocumentOptions(
            pages=[] if self.pages is None else [_range(part) for part in self.pages.split(",")],
            dots_per_inch=self.dots_per_inch,
            password=self.password,
            text_layer=_TEXT_LAYERS[self.text_layer],
        )


def _range(part: str) -> ocr_pb2.PageRange:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise ValueError(f"pages are written as in 1-3,7,9-, not {part!r}")
    first, last = int(found[1]), int(found[3] or 0) if found[2] else int(found[1])
    if first < 1 or (last and last < first) or max(first, last) > 1 << 31:
        raise ValueError(f"pages count from 1 upwards, not as in {part!r}")
    return ocr_pb2.PageRange(first=first - 1, last=last - 1 if last else None)


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
