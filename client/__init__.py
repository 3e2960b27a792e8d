"""The edgeocr client: a synchronous and an asyncio SDK, and the command line built on them."""

from typing import TYPE_CHECKING

from edgeocr.lazy import lazy_names

if TYPE_CHECKING:
    from edgeocr.choices import DocumentChoice, Mode, Order, Preparation
    from edgeocr.client.aio import AsyncClient
    from edgeocr.client.connection.tls import Tls
    from edgeocr.client.errors import OcrError
    from edgeocr.client.images import ImageSource, make_image
    from edgeocr.client.streaming.results import ImageFailed, ImageRead, ImageResult, LineEvent, PageEvent
    from edgeocr.client.streaming.retry import RetryPolicy
    from edgeocr.client.sync import Client
    from edgeocr.results.document import (
        Alternative,
        Block,
        BlockKind,
        Cell,
        Character,
        Direction,
        Document,
        Enhancement,
        Line,
        Page,
        Table,
        TableKind,
        Timings,
    )
    from edgeocr.results.tables import table_csv, table_html, table_rows
    from edgeocr.sources import ChannelOrder
    from edgeocr.url import FetchError, Url

__all__ = [
    "Alternative",
    "AsyncClient",
    "Block",
    "BlockKind",
    "Cell",
    "ChannelOrder",
    "Character",
    "Client",
    "Direction",
    "Document",
    "DocumentChoice",
    "Enhancement",
    "FetchError",
    "ImageFailed",
    "ImageRead",
    "ImageResult",
    "ImageSource",
    "Line",
    "LineEvent",
    "Mode",
    "OcrError",
    "Order",
    "Page",
    "PageEvent",
    "Preparation",
    "RetryPolicy",
    "Table",
    "TableKind",
    "Timings",
    "Tls",
    "Url",
    "make_image",
    "table_csv",
    "table_html",
    "table_rows",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        __all__,
        [
            "edgeocr.choices",
            "edgeocr.sources",
            "edgeocr.results.document",
            "edgeocr.results.tables",
            "edgeocr.url",
            "edgeocr.client.connection.tls",
            "edgeocr.client.errors",
            "edgeocr.client.images",
            "edgeocr.client.streaming.results",
            "edgeocr.client.streaming.retry",
            "edgeocr.client.aio",
            "edgeocr.client.sync",
        ],
    )
    """Loaded lazily, so that the command line can show its help without importing gRPC."""
