"""Callers who do not read their answers, while a document of theirs is read."""

import time
import zlib

import grpc

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.end_to_end.reading.test_documents import configuration
from tests.support.files.pdfs import file_of, stream_of
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, eventually, image, stub

PAGES, ROWS = 150, 300


def book() -> bytes:
    """A PDF of pages full of text, which the server takes as it is: far faster than anybody reads it."""
    rows = b" ".join(b"(row %d) '" % row for row in range(ROWS))
    text = zlib.compress(b"BT /F 4 Tf 5 TL 1 1600 Td " + rows + b" ET")
    first = 10
    kids = b" ".join(b"%d 0 R" % (first + place) for place in range(PAGES))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count %d/Kids[%s]>>" % (PAGES, kids),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        4: stream_of(b"/Filter/FlateDecode", text),
    }
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 1620]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>"
    objects |= {first + place: page for place in range(PAGES)}
    return file_of(objects, b"/Root 1 0 R")


def narrow(server):
    """A channel that takes in no more than it is asked for, and 64 KB."""
    return grpc.insecure_channel(server.target, [("grpc.http2.bdp_probe", 0)])


def processor_seconds(server):
    return server.metrics()["process_cpu_seconds_total"]


def rests(server):
    """Whether it does next to nothing for a second."""
    before = processor_seconds(server)
    time.sleep(1)
    return processor_seconds(server) - before < 0.2


def held(server):
    return [value for name, value in server.metrics().items() if name.startswith("edgeocr_admitted_bytes") and value]


def test_a_document_waits_for_a_caller_who_does_not_read_and_goes_on_when_he_does(weights):
    options = ocr_pb2.RecognizeOptions()
    options.document.text_layer = ocr_pb2.TEXT_LAYER_USE
    config = configuration(options=options, page_events=True, omit_line_events=True)
    with ServerProcess("--workers", "1") as server, narrow(server) as slow, server.channel() as other:
        answers = stub(slow).RecognizeStream(iter([config, image("book", book())]))
        eventually(lambda: held(server))
        eventually(lambda: rests(server))
        assert held(server), "it is not done"
        # Others are served meanwhile.
        request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=encoded(line("hello"))))
        assert stub(other).Recognize(request, timeout=30).document.pages[0].lines[0].text == "hello"
        *pages, end = answers
        assert [len(answer.page.page.lines) for answer in pages] == [ROWS] * PAGES
        assert not end.completion.HasField("error")
        assert server.metrics()["edgeocr_queue_length"] == 0


def test_a_document_that_waits_for_its_caller_ends_with_the_call(weights):
    options = ocr_pb2.RecognizeOptions()
    options.document.text_layer = ocr_pb2.TEXT_LAYER_USE
    config = configuration(options=options, page_events=True, omit_line_events=True)
    with ServerProcess("--workers", "1") as server, narrow(server) as channel:
        answers = stub(channel).RecognizeStream(iter([config, image("book", book())]))
        eventually(lambda: held(server))
        eventually(lambda: rests(server))
        assert held(server)
        answers.cancel()
        eventually(lambda: not held(server))
        assert server.metrics()["edgeocr_streams"] == 0
