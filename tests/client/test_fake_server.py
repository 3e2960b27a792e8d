"""The server that users' own tests take."""

import grpc
import pytest

from edgeocr.client import Client, OcrError, RetryPolicy
from edgeocr.client.testing import FakeServer

FULL = OcrError(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", 0.01, reason="QUEUE_FULL", limit="queue_images")
ANSWERS = {b"receipt": "Milk\n31.80", b"book": "one\fand two", b"full": FULL}


def test_it_answers_every_call_as_configured():
    with FakeServer(ANSWERS) as server, Client(server.target) as client:
        assert client.is_serving()
        assert client.read(b"receipt").text == "Milk\n31.80"
        assert [page.text for page in client.read(b"book").pages] == ["one", "and two"]
        assert [(event.page_index, event.line.text) for event in client.read_lines(b"book")] == [
            (0, "one"),
            (1, "and two"),
        ]
        pages = []
        results = client.read_many(
            [b"receipt", b"book"], on_page=lambda key, event: pages.append((key, event.page.text))
        )
        assert [result.document.text for result in results] == ["Milk\n31.80", "one\n\nand two"]
        assert pages == [(0, "Milk\n31.80"), (1, "one"), (1, "and two")]
        assert server.images.count(b"receipt") == 2


@pytest.mark.parametrize("image", [b"full", b"unknown"])
def test_its_errors_are_those_of_a_server(image):
    with FakeServer(ANSWERS) as server, Client(server.target, retry=RetryPolicy(attempts=1)) as client:
        with pytest.raises(OcrError) as error:
            client.read(image)
        (result,) = client.read_many([image])
        (with_pages,) = client.read_many([image], on_page=lambda key, event: pytest.fail("no page was read"))
    assert (with_pages.document, with_pages.error.message) == (None, result.error.message)
    expected = ANSWERS.get(image)
    for found in (error.value, result.error):
        if expected is None:
            assert (found.code, "no answer" in found.message) == (grpc.StatusCode.INVALID_ARGUMENT, True)
        else:
            assert (found.code, found.message, found.reason) == (FULL.code, FULL.message, FULL.reason)
            assert found.retry_seconds == pytest.approx(0.01)


def test_a_function_may_make_the_answers():
    def answer(image):
        if image == b"bad":
            raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, "image: is bad")
        return image.decode().upper()

    with FakeServer(answer) as server, Client(server.target) as client:
        good, bad = client.read_many([b"good", b"bad"])
    assert good.document.text == "GOOD"
    assert str(bad.error) == "INVALID_ARGUMENT: image: is bad"
