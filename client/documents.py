"""What is wanted of a document: which pages, and how those of a PDF come about."""

import re
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
