"""Recognition: pixels in, text out. `load` is the entry point; this package is independent of transports."""

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

# Since 1.29, ONNX Runtime's Linux builds send telemetry unless this is set before the import. What read here, and that
# it is read, must not leave the machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__, __all__, ["edgeocr.model.files.document_options", "edgeocr.model.options", "edgeocr.model.reading"]
    )
    """Loaded lazily, since decoder processes import only parts of this package."""
