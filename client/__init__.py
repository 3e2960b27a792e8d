"""The client of edgeocr: an SDK, synchronous and for asyncio, and the command line on top of it."""

from edgeocr.choices import DocumentChoice, Mode, Preparation
from edgeocr.client.aio import AsyncClient
from edgeocr.client.connection.tls import Tls
from edgeocr.client.errors import OcrError
from edgeocr.client.images import make_image
from edgeocr.client.options import Order
from edgeocr.client.streaming.results import ImageResult, LineEvent, PageEvent
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.client.sync import Client
from edgeocr.document import Cell, Character, Direction, Document, Line, Page, Table, Timings

__all__ = [
    "AsyncClient",
    "Cell",
    "Character",
    "Client",
    "Direction",
    "Document",
    "DocumentChoice",
    "ImageResult",
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
    "Timings",
    "Tls",
    "make_image",
]
