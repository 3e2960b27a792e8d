"""Ways to have a file read, each of which gives its pages as JSON has them."""

import json
import subprocess
import sys
import tempfile

import httpx
import pytest

from edgeocr.client import Client
from edgeocr.client.answers import page_of
from edgeocr.model.options import Preparation, ReadOptions
from edgeocr.model.reading import TextReader
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.json_results import page_object
from tests.support.serving import configuration, image, stub

QUERY = "alternatives=1&aligned_tables=1"


def alike(value):
    """The value with room for numbers that are rounded otherwise, since messages have shorter ones."""
    if isinstance(value, float):
        return pytest.approx(value, abs=0.11 if value > 1 else 0.00011)
    if isinstance(value, dict):
        return {key: alike(part) for key, part in value.items()}
    return [alike(part) for part in value] if isinstance(value, list) else value


def in_process(data, models):
    """The pages as they are read in this process, which all others are compared with."""
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


def by_the_command(server, data):
    return json.loads(output(server, data, "jsonl", "--alternatives"))["pages"]


def output(server, data, form, *arguments):
    """What `edgeocr read` writes of a file."""
    suffix = ".pdf" if data.startswith(b"%PDF") else ".png"
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-m", "edgeocr", "read", "--target", server.target, "--format", form]
        done = subprocess.run(
            [*command, "--aligned-tables", *arguments, file.name], capture_output=True, check=True, encoding="utf-8"
        )
    return done.stdout


WAYS = {
    "gRPC, one call": by_a_call,
    "gRPC, page events": by_page_events,
    "SDK": by_the_client,
    "REST": by_rest,
    "server-sent events": by_server_sent_events,
    "edgeocr read, jsonl": by_the_command,
}
"""What gives the pages of a file as JSON has them, by a server."""


def archive_rows(data, models):
    """The rows of an archive, and the pages that they are of."""
    parquet = pytest.importorskip("edgeocr.server.bulk.parquet")
    options = ReadOptions(preparation=Preparation(aligned_tables=True))
    pages = list(TextReader(models).read(data, options))
    rows = parquet.pa.Table.from_pylist(parquet.page_rows("file", pages), parquet.SCHEMA).to_pylist()
    return rows, [page_object(one) for one in pages]


def differences_of_archive(data, models):
    """The members of archives that say something else than the pages."""

    def bare(value):
        """Without characters; polygons as eight numbers, and all that may be left out is there."""
        if isinstance(value, dict):
            return {key: bare(part) for key, part in value.items() if key not in ("characters", "direction")}
        if isinstance(value, list) and value and isinstance(value[0], list):
            return [number for point in value for number in point]
        return [bare(part) for part in value] if isinstance(value, list) else value

    found = set()
    for row, one in zip(*archive_rows(data, models), strict=True):
        blocks = [{"level": 0, "table": None, **block} for block in one["blocks"]]
        expected = {
            "text": one["text"],
            "lines": alike(bare(one["lines"])),
            "tables": alike(bare(one.get("tables", []))),
            "blocks": blocks,
        }
        found |= {name for name, value in expected.items() if bare(row[name]) != value}
    return sorted(found)
