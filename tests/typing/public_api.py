"""What a user of the public API writes, for type checkers alone: nothing of it runs."""

from collections.abc import AsyncGenerator, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import assert_type

import numpy as np
import PIL.Image

import edgeocr
import edgeocr.model
from edgeocr import AsyncClient, Client, Document, DocumentChoice, ReadingError
from edgeocr.client import (
    ImageResult,
    Line,
    LineEvent,
    OcrError,
    Page,
    PageEvent,
    RetryPolicy,
    Table,
    Tls,
    Url,
    table_rows,
)
from edgeocr.client.testing import FakeServer


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
            if result.error is None:
                assert_type(result.document, Document)
                assert_type(result.document.tables, tuple[Table, ...])
            else:
                assert_type(result.error, OcrError)
        with path.open("rb") as file:
            for result in client.read_many([path, str(path), b"", file, BytesIO(), Url("https://ocr.example/")]):
                assert_type(result, ImageResult[int])
        with PIL.Image.open(path) as image:
            client.read(image, aligned_tables=True)
        client.read(np.zeros((9, 9, 4), np.uint8), channel_order="RGB", characters=True)


def with_a_fake_server(image: bytes) -> str:
    with FakeServer({image: "text"}) as server, Client(server.target) as client:
        document = client.read(image)
        assert_type(document.to_dict()["pages"][0]["lines"][0]["confidence"], float)
        assert_type(table_rows(document.tables[0]), list[list[str]])
        return document.text


def told(key: int, event: PageEvent) -> None:
    assert_type(event.page, Page)


async def with_asyncio(path: Path) -> None:
    async with AsyncClient() as client:
        assert_type(await client.read(path, timeout_seconds=5), Document)
        results = client.read_many((str(number), path) for number in range(3))
        assert_type(results, AsyncGenerator[ImageResult[str], None])
        assert_type(client.read_many([path]), AsyncGenerator[ImageResult[int], None])


def wrong(client: Client, document: Document) -> None:
    client.read(b"", mode="word")  # type: ignore[arg-type]
    client.read(BytesIO(), modus="line")  # type: ignore[call-arg]
    client.read(StringIO())  # type: ignore[arg-type]
    document.pages = ()  # type: ignore[misc]
