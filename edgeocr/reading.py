"""`edgeocr.read`: one reader for all threads of this process, which the first call loads."""

import threading
from collections.abc import Iterable
from functools import cache

from edgeocr.choices import DocumentChoice, Mode, Preparation, Reading
from edgeocr.model.reading import ReadSource, TextReader, load, read_options
from edgeocr.results.document import Document
from edgeocr.sources import ChannelOrder

_turn = threading.Lock()


def read(
    source: ReadSource,
    mode: Mode,
    omit: Iterable[Preparation],
    document: DocumentChoice | None,
    *,
    alternatives: bool,
    aligned_tables: bool,
    reading: Reading,
    channel_order: ChannelOrder,
) -> Document:
    """Reads an image or a document, see `edgeocr.read`."""
    options = read_options(
        mode, omit, document, alternatives=alternatives, aligned_tables=aligned_tables, reading=reading
    )
    with _turn:
        return Document(tuple(_reader().read(source, options, channel_order=channel_order)))


@cache
def _reader() -> TextReader:
    return load()
