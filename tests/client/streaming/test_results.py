import grpc
import pytest

from edgeocr.client.streaming.results import result_of
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import Page


def completed(*indices, before):
    message = ocr_pb2.ImageCompletion(document=ocr_pb2.Document(pages=[ocr_pb2.Page(index=index) for index in indices]))
    return result_of("scan", message, [(Page(index, 0, 0, ()), ocr_pb2.Page(index=index)) for index in before])


def test_a_document_has_the_pages_that_came_before_its_completion():
    assert [page.index for page in completed(before=[0, 5]).document.pages] == [0, 5]
    assert [page.index for page in completed(6, before=[0, 5]).document.pages] == [0, 5, 6]


@pytest.mark.parametrize("index", [0, 3, 5])
def test_a_completion_with_a_page_that_came_before_is_malformed(index):
    result = completed(index, before=[0, 5])
    assert result.document is None
    assert (result.error.code, "order of pages" in result.error.message) == (grpc.StatusCode.INTERNAL, True)


def test_the_message_has_all_pages_that_the_document_has():
    document = completed(6, before=[0, 5]).document
    assert [page.index for page in document.message.pages] == [0, 5, 6]
    assert completed(0, before=[]).document.message.pages[0].index == 0
    assert "message" not in repr(document)
