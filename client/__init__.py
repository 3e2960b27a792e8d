"""The client of edgeocr: an SDK, synchronous and for asyncio, and the command line on top of it."""

from edgeocr.choices import DocumentChoice, Mode, Preparation
from edgeocr.client.aio import AsyncClient
from edgeocr.client.connection.tls import Tls
from edgeocr.client.errors import OcrError
from edgeocr.client.images import ImageSource, make_image
from edgeocr.client.options import Order
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
