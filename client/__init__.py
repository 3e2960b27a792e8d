"""The client of edgeocr: an SDK, synchronous and for asyncio, and the command line on top of it."""

from edgeocr.client.aio import AsyncClient
from edgeocr.client.connection.tls import Tls
from edgeocr.client.errors import OcrError
from edgeocr.client.options import DocumentChoice
from edgeocr.client.streaming.results import ImageResult
from edgeocr.client.sync import Client

__all__ = ["AsyncClient", "Client", "DocumentChoice", "ImageResult", "OcrError", "Tls"]
