"""Files in chunks over a stream of a real server."""

import queue

import grpc
import pytest

from edgeocr.client import Client
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.files.documents import text_page, tiff
from tests.support.rendering import encoded
from tests.support.serving import ServerProcess, configuration, eventually, image, stub

WORDS = ("Alpha", "Bravo")
DOCUMENT = tiff([text_page(word) for word in WORDS])
CONFIG = configuration(ocr_pb2.MODE_PAGE, omit_line_events=True)


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield stub(channel)


def begun(name, data, **values):
    first = ocr_pb2.StreamImage(id=name, image=ocr_pb2.Image(encoded=data), more=True, **values)
    return ocr_pb2.RecognizeStreamRequest(image=first)


def chunk(data, *, last=False):
    return ocr_pb2.RecognizeStreamRequest(chunk=ocr_pb2.ImageChunk(data=data, last=last))


def in_chunks(name, data, size=1000):
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    return [begun(name, parts[0]), *map(chunk, parts[1:-1]), chunk(parts[-1], last=True)]


def completions(service, *messages):
    return [answer.completion for answer in service.RecognizeStream(iter([CONFIG, *messages]))]


def test_a_file_in_chunks_is_read_as_one_in_a_message(service):
    messages = [*in_chunks("a", DOCUMENT), image("b", encoded(text_page("Whole"))), *in_chunks("c", DOCUMENT, 99_999)]
    answers = completions(service, *messages[:-1], messages[-1])
    assert [answer.image_id for answer in answers] == ["a", "b", "c"]
    assert [[page.text for page in answer.document.pages] for answer in answers] == [
        list(WORDS),
        ["Whole"],
        list(WORDS),
    ]


def test_many_files_in_chunks_are_held_back_like_others(service):
    messages = [message for number in range(40) for message in in_chunks(str(number), DOCUMENT, 2000)]
    answers = completions(service, *messages)
    assert [answer.image_id for answer in answers] == [str(number) for number in range(40)]
    assert all(len(answer.document.pages) == 2 for answer in answers)


def test_a_file_that_is_too_large_is_refused_and_the_stream_goes_on(service, server):
    limits = service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits
    assert limits.file_bytes > limits.image_bytes
    parts = [chunk(bytes(4 << 20)) for _ in range(limits.file_bytes // (4 << 20) + 1)]
    large = [begun("large", DOCUMENT), *parts, chunk(b"", last=True)]
    refused, read = completions(service, *large, image("small", encoded(text_page("Small"))))
    assert refused.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert f"the limit is {limits.file_bytes} (file_bytes)" in refused.error.message
    assert read.document.pages[0].text == "Small"
    eventually(lambda: not server.metrics()["edgeocr_admitted_bytes[use=waiting]"])


def test_a_stream_that_ends_inside_a_file_answers_for_it(service, server):
    (answer,) = completions(service, begun("half", DOCUMENT[:500]), chunk(DOCUMENT[500:900]))
    assert answer.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert answer.error.message == "image: ended before its last chunk"
    eventually(lambda: not server.metrics()["edgeocr_admitted_bytes[use=waiting]"])


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([chunk(b"x")], "chunk: there is no image that it continues"),
        ([begun("a", b"x"), image("b", b"x")], "must be a chunk, since the image before it has more"),
        ([begun("a", b"x"), CONFIG], "must be a chunk, since the image before it has more"),
    ],
)
def test_chunks_out_of_place_end_the_stream(service, messages, words):
    with pytest.raises(grpc.RpcError) as refusal:
        completions(service, *messages)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert words in refusal.value.details()


def test_the_client_sends_large_files_in_chunks(service, server, tmp_path):
    limits = service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits
    path = tmp_path / "large.tiff"
    # What follows the directories of a TIFF is nothing to its reader.
    path.write_bytes(DOCUMENT + bytes(limits.image_bytes))
    with Client(server.target) as client:
        large, small = client.read_many([("large", path), ("small", encoded(text_page("Small")))])
    assert large.error is None
    assert [page.text for page in large.document.pages] == list(WORDS)
    assert small.document.pages[0].text == "Small"


def test_a_file_of_which_a_drain_took_only_the_beginning_is_for_another_server(weights):
    with ServerProcess() as server, server.channel() as channel:
        messages: queue.SimpleQueue = queue.SimpleQueue()
        for message in (CONFIG, begun("half", DOCUMENT[:500])):
            messages.put(message)
        answers = stub(channel).RecognizeStream(iter(messages.get, None))
        held = "edgeocr_admitted_bytes[use=waiting]"
        eventually(lambda: server.metrics()[held] >= 500)
        server.terminate()
        completion = next(answers).completion
        assert (completion.image_id, completion.error.code) == ("half", grpc.StatusCode.UNAVAILABLE.value[0])
        with pytest.raises(grpc.RpcError) as error:
            next(answers)
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
        messages.put(None)
