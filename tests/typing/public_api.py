"""What a user of the public API writes, for type checkers alone: nothing of it runs."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import assert_type

import numpy as np

import edgeocr
import edgeocr.model
from edgeocr import AsyncClient, Client, Document, DocumentChoice, ReadingError
from edgeocr.client import ImageResult, Line, LineEvent, OcrError, Page, PageEvent, RetryPolicy, Tls


def in_process(path: Path) -> str:
    document = edgeocr.read(path, mode="page", omit=["tables"], document=DocumentChoice(pages="1-3"))
    assert_type(document, Document)
    assert_type(document.lines, tuple[Line, ...])
    for page in document.pages:
        assert_type(page.error, ReadingError | None)
        for line in page.lines:
            assert_type(line.polygon[0], tuple[float, float])
    edgeocr.read(np.zeros((9, 9, 3), np.uint8))
    return document.text


def page_by_page(path: str) -> Iterator[Page]:
    reader = edgeocr.model.load()
    options = edgeocr.model.ReadOptions(document=edgeocr.model.DocumentOptions(dots_per_inch=300))
    assert_type(reader.read(path, options), Iterator[Page])
    return reader.read(path)


def through_a_server(path: Path) -> None:
    retry = RetryPolicy(attempts=2)
    with Client("ocr.example:50051", tls=Tls(ca="ca.pem"), token="token", retry=retry) as client:
        assert_type(client.read(path), Document)
        for event in client.read_lines(path.read_bytes()):
            assert_type(event, LineEvent)
        for result in client.read_many(((number, path) for number in range(2)), on_page=told):
            assert_type(result, ImageResult[int])
            assert_type(result.document, Document | None)
            assert_type(result.error, OcrError | None)


def told(key: int, event: PageEvent) -> None:
    assert_type(event.page, Page)


async def with_asyncio(path: Path) -> None:
    async with AsyncClient() as client:
        assert_type(await client.read(path, timeout_seconds=5), Document)
        results = client.read_many((str(number), path) for number in range(3))
        assert_type(results, AsyncGenerator[ImageResult[str], None])


def wrong(client: Client, document: Document) -> None:
    client.read(b"", mode="word")  # type: ignore[arg-type]
    document.pages = ()  # type: ignore[misc]
