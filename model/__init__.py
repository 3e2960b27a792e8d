"""Reading: pixels in, text out. `load` is the entry; nothing here knows how requests travel."""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeocr.model.files.document_options import DocumentOptions, PageRange, TextLayer
    from edgeocr.model.options import Mode, Preparation, ReadOptions
    from edgeocr.model.reading import TextReader, load

__all__ = ["DocumentOptions", "Mode", "PageRange", "Preparation", "ReadOptions", "TextLayer", "TextReader", "load"]

# From 1.29 on, ONNX Runtime's Linux builds report to their maker unless this is set before it is imported. What is
# read here, and that it is, is nobody's business.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_HOMES = {
    "DocumentOptions": "edgeocr.model.files.document_options",
    "Mode": "edgeocr.model.options",
    "PageRange": "edgeocr.model.files.document_options",
    "Preparation": "edgeocr.model.options",
    "TextLayer": "edgeocr.model.files.document_options",
    "ReadOptions": "edgeocr.model.options",
    "TextReader": "edgeocr.model.reading",
    "load": "edgeocr.model.reading",
}


def __getattr__(name: str) -> object:
    """Loads what is public when it is first needed: decoder processes import parts of this package alone."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
