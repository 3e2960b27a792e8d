"""edgeocr: reads text in images, in process and as a server. The four layers are links to the folders of their names.

They are loaded when they are first needed.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from edgeocr.extras import load_extra
from edgeocr.lazy import lazy_names

if TYPE_CHECKING:
    from edgeocr.choices import DocumentChoice, Mode, Preparation, Reading
    from edgeocr.client import AsyncClient, Client
    from edgeocr.errors import ReadingError
    from edgeocr.model.reading import ReadSource
    from edgeocr.results.document import Document
    from edgeocr.sources import ChannelOrder
    from edgeocr.url import Url

    __version__: str

__all__ = ["AsyncClient", "Client", "Document", "DocumentChoice", "ReadingError", "Url", "__version__", "read"]


def read(
    source: "ReadSource",
    *,
    mode: "Mode" = "page",
    omit: "Iterable[Preparation]" = (),
    alternatives: bool = False,
    aligned_tables: bool = False,
    reading: "Reading" = "adaptive",
    document: "DocumentChoice | None" = None,
    channel_order: "ChannelOrder" = "BGR",
) -> "Document":
    """Reads an image or a document in this process, without a server.

        print(edgeocr.read("scan.jpg").text)

    The networks are loaded by the first call (about a second), and one call runs at a time, whatever the number of
    threads. For large amounts, use `edgeocr.model.load` or a server.

    Args:
        source: a path, an encoded file's bytes or the open file, a `Url`, an image of Pillow, or pixels: H×W or H×W×1
            (grey), H×W×3, or H×W×4 (with transparency, shown on white), uint8.
        mode: a page whose lines are detected, or a single line that fills the image.
        omit: corrections to disable.
        alternatives: whether doubtful characters have their alternatives.
        aligned_tables: whether tables without rulings are detected.
        reading: the recognisers to use.
        document: how documents are read.
        channel_order: the channel order of an array.

    Returns:
        The pages; a page of a document that could not be read has its `error`.

    Raises:
        ReadingError: nothing could be read.
        MissingExtra: an ImportError, `edgeocr[server]` is not installed.
        OSError: the file cannot be read.
        TypeError, ValueError: the source or an argument is invalid.
    """
    found: Document = load_extra("edgeocr.reading", "server", "edgeocr.read").read(
        source,
        mode,
        omit,
        document,
        alternatives=alternatives,
        aligned_tables=aligned_tables,
        reading=reading,
        channel_order=channel_order,
    )
    return found


if not TYPE_CHECKING:
    _load = lazy_names(
        __name__,
        __all__,
        ["edgeocr.choices", "edgeocr.errors", "edgeocr.results.document", "edgeocr.url", "edgeocr.client"],
    )

    def __getattr__(name: str) -> object:
        """Loads public names on first use."""
        if name == "__version__":
            # Loading this takes more memory than a decoder process needs.
            return import_module("importlib.metadata").version("edgeocr")
        return _load(name)
