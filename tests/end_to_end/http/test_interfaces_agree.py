"""One page through every interface: the same text, lines, rows, tables and blocks, member for member."""

import json
import subprocess
import sys

import httpx
import pytest

from edgeocr.client import Client
from edgeocr.client.answers import page_of
from edgeocr.model.options import Preparation, ReadOptions
from edgeocr.model.reading import TextReader
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.json_results import page_object
from tests.support.pdfs import PdfPageSpec, pdf
from tests.support.rendering import columns, encoded, page, table
from tests.support.serving import ServerProcess, configuration, image, stub

RECEIPT = [
    *(("THE CORNER SHOP", (260, 20)), ("12 Mill Lane", (300, 60))),
    *(("Milk 1L x2", (60, 140)), ("31.80", (640, 140)), ("Bread", (60, 180)), ("8.50", (655, 180))),
    *(("Tea, green", (60, 220)), ("12.00", (640, 220)), ("TOTAL", (60, 280)), ("52.30", (640, 280))),
]
PRICES = [
    (text, (x, 60 + 44 * row))
    for row, texts in enumerate(
        (("Item", "Size", "Price"), ("Bolt", "M6", "0.40"), ("Nut", "M6", "0.25"), ("Washer", "M8", "0.10"))
    )
    for text, x in zip(texts, (60, 320, 560), strict=True)
]
LEFT = ("The first column tells of a", "river that runs to the sea,", "past a mill, three bridges", "and a quiet town.")
RIGHT = ("The second one tells of the", "people who live beside it,", "who fish and build boats in", "the long winter.")
TWO_COLUMNS = [(text, (x, 60 + 40 * row)) for texts, x in ((LEFT, 40), (RIGHT, 460)) for row, text in enumerate(texts)]
PAGES = {
    "receipt": encoded(page(RECEIPT)),
    "ruled table": encoded(
        table((60, 300, 500), (60, 120, 180), {(0, 0): "name", (0, 1): "sum", (1, 0): "tea", (1, 1): "12"})
    ),
    "unruled table": encoded(page(PRICES)),
    "two columns": encoded(page(TWO_COLUMNS, width=880)),
    "vertical": encoded(columns([("春眠不觉晓", (300, 40)), ("处处闻啼鸟", (200, 40))], 400, 300, size=36)),
    "document": pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two", 40, 100)])]),
}
QUERY = "alternatives=1&aligned_tables=1"


@pytest.fixture(scope="module")
def server(weights):
    with ServerProcess("--http", "127.0.0.1:0") as running:
        yield running


def alike(value):
    """The value with room for numbers that are rounded otherwise, since messages have shorter ones."""
    if isinstance(value, float):
        return pytest.approx(value, abs=0.11 if value > 1 else 0.00011)
    if isinstance(value, dict):
        return {key: alike(part) for key, part in value.items()}
    return [alike(part) for part in value] if isinstance(value, list) else value


def in_process(data, models):
    options = ReadOptions(preparation=Preparation(aligned_tables=True), alternatives=True)
    return [page_object(one) for one in TextReader(models).read(data, options)]


def by_a_call(server, data):
    options = ocr_pb2.RecognizeOptions(include_alternatives=True, aligned_tables=True)
    with server.channel() as channel:
        request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=options)
        answer = stub(channel).Recognize(request, timeout=60)
    # What the message says is the text is what the values say.
    assert [one.text for one in answer.document.pages] == [page_of(one).text for one in answer.document.pages]
    return [page_object(page_of(one)) for one in answer.document.pages]


def by_page_events(server, data):
    config = configuration(ocr_pb2.MODE_PAGE, page_events=True, omit_line_events=True)
    config.config.options.include_alternatives = config.config.options.aligned_tables = True
    with server.channel() as channel:
        answers = list(stub(channel).RecognizeStream(iter([config, image("a", data)]), timeout=60))
    return [page_object(page_of(answer.page.page)) for answer in answers if answer.HasField("page")]


def by_the_client(server, data):
    with Client(server.target) as client:
        (result,) = client.read_many([("file", data)], alternatives=True, aligned_tables=True)
    return [page_object(one) for one in result.document.pages]


def by_rest(server, data):
    answer = httpx.post(f"{server.http}/api/ocr?{QUERY}", files={"image": data}, timeout=60).json()
    return answer["results"][0]["pages"]


def by_server_sent_events(server, data):
    answer = httpx.post(f"{server.http}/api/ocr?stream=1&{QUERY}", files={"image": data}, timeout=60)
    events = [event.split("\ndata: ") for event in answer.text.split("\n\n") if event.startswith("event: ")]
    pages = [json.loads(data)["page"] for kind, data in events if kind == "event: page"]
    lines = [json.loads(data) for kind, data in events if kind == "event: line"]
    for number, one in enumerate(pages):
        ordered = sorted((line for line in lines if line["page"] == number), key=lambda line: line["index"])
        assert [line["line"] for line in ordered] == one["lines"], "sorted by their index, lines are those of the page"
    return pages


def by_the_command(server, path):
    command = [sys.executable, "-m", "edgeocr", "read", "--target", server.target, "--format", "jsonl"]
    done = subprocess.run(
        [*command, "--alternatives", "--aligned-tables", path], capture_output=True, check=True, encoding="utf-8"
    )
    return json.loads(done.stdout)["pages"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_same_members_and_values_everywhere(server, models, tmp_path, name):
    data = PAGES[name]
    (path := tmp_path / "file").write_bytes(data)
    path = path.rename(path.with_suffix(".pdf" if data.startswith(b"%PDF") else ".png"))
    expected = in_process(data, models)
    assert all(one["lines"] and one["blocks"] for one in expected)
    for found in (
        by_a_call(server, data),
        by_page_events(server, data),
        by_the_client(server, data),
        by_rest(server, data),
        by_server_sent_events(server, data),
        by_the_command(server, path),
    ):
        assert found == alike(expected)


@pytest.mark.parametrize("name", PAGES)
def test_archives_have_the_same_text_lines_tables_and_blocks(models, name):
    parquet = pytest.importorskip("edgeocr.server.bulk.parquet")
    options = ReadOptions(preparation=Preparation(aligned_tables=True))
    pages = list(TextReader(models).read(PAGES[name], options))
    rows = parquet.pa.Table.from_pylist(parquet.page_rows("file", pages), parquet.SCHEMA).to_pylist()

    def bare(value):
        """Without characters; polygons as eight numbers, and all that may be left out is there."""
        if isinstance(value, dict):
            return {key: bare(part) for key, part in value.items() if key not in ("characters", "direction")}
        if isinstance(value, list) and value and isinstance(value[0], list):
            return [number for point in value for number in point]
        return [bare(part) for part in value] if isinstance(value, list) else value

    for row, one in zip(rows, map(page_object, pages), strict=True):
        blocks = [{"level": 0, "table": None, **block} for block in one["blocks"]]
        assert row["text"] == one["text"]
        assert bare(row["lines"]) == alike(bare(one["lines"]))
        assert bare(row["tables"]) == alike(bare(one.get("tables", [])))
        assert row["blocks"] == blocks


def test_what_belongs_together_is_together(models):
    """The texts that all interfaces have."""
    texts = {name: in_process(data, models)[0]["text"] for name, data in PAGES.items()}
    assert [" ".join(row.split()) for row in texts["receipt"].split("\n") if row] == [
        *("THE CORNER SHOP", "12 Mill Lane", "Milk 1L x2 31.80", "Bread 8.50", "Tea, green 12.00", "TOTAL 52.30"),
    ]
    assert texts["ruled table"] == "name  sum\ntea   12"
    assert texts["unruled table"] == ("Item    Size  Price\nBolt    M6    0.40\nNut     M6    0.25\nWasher  M8    0.10")
    assert texts["two columns"].replace("\n\n", "\n") == "\n".join([*LEFT, *RIGHT])
    assert texts["vertical"] == "春眠不觉晓\n处处闻啼鸟"
