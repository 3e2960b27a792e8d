"""Reading: pixels in, text out. `load` is the entry; nothing here knows how requests travel."""

import os
from typing import TYPE_CHECKING

from edgeocr.lazy import lazy_names

if TYPE_CHECKING:
    from edgeocr.model.files.document_options import DocumentOptions, PageRange, TextLayer
    from edgeocr.model.options import Mode, Preparation, Reading, ReadOptions
    from edgeocr.model.reading import TextReader, load

__all__ = [
    "DocumentOptions",
    "Mode",
    "PageRange",
    "Preparation",
    "ReadOptions",
    "Reading",
    "TextLayer",
    "TextReader",
    "load",
]

# From 1.29 on, ONNX Runtime's Linux builds report to their maker unless this is set before it is imported. What is
# read here, and that it is, is nobody's business.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "edgeocr.model.files.document_options": ["DocumentOptions", "PageRange", "TextLayer"],
            "edgeocr.model.options": ["Mode", "Preparation", "ReadOptions", "Reading"],
            "edgeocr.model.reading": ["TextReader", "load"],
        },
    )
    """Decoder processes import parts of this package alone."""
