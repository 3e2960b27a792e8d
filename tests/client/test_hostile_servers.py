"""Servers that are broken or mean harm: every fault is an error of its own, and the client goes on."""

import math
from concurrent import futures

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from edgeocr.client import Client, OcrError
from edgeocr.client.cli.main import main
from edgeocr.client.formats import FORMATS
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

pytestmark = pytest.mark.timeout(30)

OBEYED = "\x1b]0;owned\x07\x1b[2Jred\u202egnp.exe\r"


def corners(*points):
    return [ocr_pb2.Point(x=x, y=y) for x, y in points or ((0, 0), (9, 0), (9, 9), (0, 9))]


def page(**values):
    lines = [ocr_pb2.Line(text="text", confidence=0.9, polygon=corners())]
    return ocr_pb2.Page(**{"width_pixels": 10, "height_pixels": 10, "lines": lines, "text": "text", **values})


def line(**values):
    return page(lines=[ocr_pb2.Line(**{"text": "text", "confidence": 0.9, "polygon": corners(), **values})])


def table(cells=(), **values):
    made = ocr_pb2.Table(**{"rows": 2, "columns": 2, "polygon": corners(), "cells": cells, **values})
    return page(tables=[made])


def cell(**values):
    return ocr_pb2.TableCell(**{"row_span": 1, "column_span": 1, "polygon": corners(), **values})


MALFORMED = {
    "no corners": line(polygon=[]),
    "a corner too many": line(polygon=[*corners(), ocr_pb2.Point()]),
    "a corner that is nowhere": line(polygon=corners((math.nan, 0), (1, 0), (1, 1), (0, 1))),
    "a corner too far away": line(polygon=corners((1e30, 0), (1, 0), (1, 1), (0, 1))),
    "no end of confidence": line(confidence=math.inf),
    "a confidence that is no number": line(confidence=math.nan),
    "a character that is nowhere": line(characters=[ocr_pb2.Character(text="t", start=math.nan)]),
    "a rotation that is no number": page(rotation_degrees=math.nan),
    "a page too wide": page(width_pixels=2**32 - 1),
    "a table too large": table(rows=100_000_000, columns=3),
    "a table without rows": table(rows=0),
    "a cell outside of its table": table([cell(row=5, column=7)]),
    "a cell that reaches out of its table": table([cell(row=1, row_span=2)]),
    "a cell of nothing": table([cell(row_span=0)]),
    "cells beyond their table": table([cell()] * 5),
    "a cell of a line that is not there": table([cell(lines=[99])]),
    "a cell without corners": table([cell(polygon=[])]),
    "a page after itself": None,
}


class Hostile(ocr_pb2_grpc.OcrServiceServicer):
    """Answers every image with the same document or error."""

    def __init__(self):
        self.info = ocr_pb2.GetServerInfoResponse(version="1", limits=ocr_pb2.Limits(stream_images=2))
        self.outcome = {"document": ocr_pb2.Document(pages=[page()])}
        self.events = []
        self.abort = None

    def GetServerInfo(self, request, context):
        return self.info

    def Recognize(self, request, context):
        return ocr_pb2.RecognizeResponse(document=self.outcome["document"])

    def RecognizeStream(self, requests, context):
        if self.abort is not None:
            context.abort(*self.abort)
        for request in requests:
            if request.HasField("image"):
                for event in self.events:
                    event[1].image_id = request.image.id
                    yield ocr_pb2.RecognizeStreamResponse(**{event[0]: event[1]})
                completion = ocr_pb2.ImageCompletion(image_id=request.image.id, **self.outcome)
                yield ocr_pb2.RecognizeStreamResponse(completion=completion)


@pytest.fixture
def hostile(tmp_path):
    servicer = Hostile()
    server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_send_message_length", -1)])
    ocr_pb2_grpc.add_OcrServiceServicer_to_server(servicer, server)
    servicer.target = f"unix:{tmp_path}/hostile.sock"
    server.add_insecure_port(servicer.target)
    server.start()
    yield servicer
    server.stop(None).wait()


@pytest.fixture(params=MALFORMED)
def malformed(request, hostile):
    pages = [page(), page()] if MALFORMED[request.param] is None else [MALFORMED[request.param]]
    hostile.outcome = {"document": ocr_pb2.Document(pages=pages)}
    return hostile


def test_an_answer_that_is_not_as_the_contract_has_it_is_an_error_of_its_image(malformed):
    with Client(malformed.target) as client:
        with pytest.raises(OcrError, match="the server's answer violates the contract") as caught:
            client.read(b"image")
        assert caught.value.code is grpc.StatusCode.INTERNAL
        (result,) = client.read_many([("a", b"image")])
        assert result.document is None
        assert result.error.code is grpc.StatusCode.INTERNAL


@pytest.mark.parametrize("form", FORMATS)
def test_it_ends_no_form_of_output(malformed, tmp_path, capsys, form):
    (tmp_path / "a.png").write_bytes(b"image")
    arguments = ["--format", form, "--output", str(tmp_path / "out"), str(tmp_path / "a.png")]
    assert main(["read", "--target", malformed.target, *arguments]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_pages_and_lines_on_their_way_are_checked_as_well(hostile):
    told = []
    hostile.outcome = {"document": ocr_pb2.Document()}
    hostile.events = [("page", ocr_pb2.PageEvent(page=page(), page_count=2**31))] * 3
    with Client(hostile.target) as client:
        (result,) = client.read_many([("a", b"image")], on_page=lambda *event: told.append(event))
        assert result.error.code is grpc.StatusCode.INTERNAL
        assert len(told) == 1
        hostile.events = [("line", ocr_pb2.LineEvent(line=line(polygon=[]).lines[0]))]
        (result,) = client.read_many([("a", b"image")], on_line=lambda *event: told.append(event))
        assert result.error.code is grpc.StatusCode.INTERNAL
        with pytest.raises(OcrError, match="contract"):
            list(client.read_lines(b"image"))
        assert len(told) == 1


def test_nothing_that_a_terminal_obeys_is_in_an_answer(hostile):
    obeyed = line(text=OBEYED)
    obeyed.tables.append(table([cell(text=OBEYED)]).tables[0])
    hostile.outcome = {"document": ocr_pb2.Document(pages=[obeyed])}
    with Client(hostile.target) as client:
        (read,) = client.read(b"image").pages
    assert read.lines[0].text == read.tables[0].cells[0].text == "]0;owned[2Jredgnp.exe"
    assert read.text == "]0;owned[2Jredgnp.exe"


def test_nor_in_an_error_or_a_description(hostile, capsys, tmp_path):
    hostile.outcome = {"error": status_pb2.Status(code=3, message=OBEYED)}
    with Client(hostile.target) as client:
        (result,) = client.read_many([("a", b"image")])
        assert result.error.message == "]0;owned[2Jredgnp.exe"
        hostile.abort = grpc.StatusCode.INTERNAL, OBEYED
        (result,) = client.read_many([("a", b"image")])
        assert result.error.message.isprintable()
    hostile.info.version = hostile.info.models.add().name = OBEYED
    assert main(["info", "--target", hostile.target]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_who_is_to_come_again_in_a_lifetime_is_refused(hostile):
    later = status_pb2.Status(code=8, message="later")
    later.details.add().Pack(error_details_pb2.RetryInfo(retry_delay={"seconds": 10**9}))
    hostile.outcome = {"error": later}
    with Client(hostile.target) as client:
        (result,) = client.read_many([("a", b"image")])
    assert result.error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_details_that_are_none_are_left_out(hostile):
    later = status_pb2.Status(code=8, message="later")
    later.details.add(type_url="type.googleapis.com/google.rpc.RetryInfo", value=b"\xff\xff")
    hostile.outcome = {"error": later}
    with Client(hostile.target) as client:
        (result,) = client.read_many([("a", b"image")])
    assert (result.error.message, result.error.retry_seconds) == ("later", None)


def test_a_window_without_an_end_keeps_nobody_waiting(hostile):
    hostile.info.limits.stream_images = 2**31 - 1
    with Client(hostile.target) as client:
        (result,) = client.read_many([("a", b"image")])
    assert result.error is None


def test_limits_that_are_no_numbers_are_an_error(hostile):
    hostile.info.limits.queue_seconds = math.nan
    with Client(hostile.target) as client, pytest.raises(OcrError, match="a limit is invalid"):
        client.info()


def test_an_answer_without_an_end_is_an_error(hostile):
    hostile.outcome = {"document": ocr_pb2.Document(pages=[page(text="x" * (257 << 20))])}
    with Client(hostile.target) as client, pytest.raises(OcrError, match="larger than max"):
        client.read(b"image")
