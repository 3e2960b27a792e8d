"""JSON of the REST call and of `edgeocr read --format jsonl`: two transports, one form."""

import httpx
import pytest

from edgeocr.client import Client
from edgeocr.client.formats.json_writer import result_object
from tests.support.pdfs import PdfPageSpec, pdf
from tests.support.rendering import columns, encoded, table
from tests.support.serving import ServerProcess

TABLE = encoded(table((60, 300, 500), (60, 120, 180), {(0, 0): "name", (0, 1): "sum", (1, 0): "tea", (1, 1): "12"}))
DOWNWARDS = encoded(columns([("春眠不觉晓", (300, 40)), ("处处闻啼鸟", (200, 40))], 400, 300, size=36))
BOOK = pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two", 40, 100)])])
OF_THE_CLIENT = {"paragraph", "html"}
"""What only the client's lines and tables have, beside the lines' rows."""


@pytest.fixture(scope="module")
def server(weights):
    with ServerProcess("--http", "127.0.0.1:0") as running:
        yield running


def bare(value):
    """Without what only one of them has; numbers may be rounded otherwise, since messages have shorter ones."""
    if isinstance(value, float):
        return pytest.approx(value, abs=0.11 if value > 1 else 0.00011)
    if isinstance(value, dict):
        left_out = OF_THE_CLIENT | ({"row"} if "paragraph" in value else set())
        return {key: bare(part) for key, part in value.items() if key not in left_out}
    return [bare(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("data", [TABLE, DOWNWARDS, BOOK], ids=["table", "downwards", "book"])
def test_a_page_has_the_same_members_and_values(server, data):
    answer = httpx.post(f"{server.http}/api/ocr?characters=1", files={"image": data}, timeout=60).json()
    with Client(server.target) as client:
        (result,) = client.read_many([("file", data)], characters=True)
    pages = bare(result_object(result)["pages"])
    # A page that is the only one has no place for one of the two.
    assert answer["results"][0]["pages"] == [{"index": 0, **found} for found in pages]
