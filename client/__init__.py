"""The client of edgeocr: an SDK, synchronous and for asyncio, and the command line on top of it."""

from edgeocr.client.aio import AsyncClient
from edgeocr.client.documents import DocumentChoice
from edgeocr.client.errors import OcrError
from edgeocr.client.results import ImageResult
from edgeocr.client.sync import Client
from edgeocr.client.tls import Tls

__all__ = ["AsyncClient", "Client", "DocumentChoice", "ImageResult", "OcrError", "Tls"]
