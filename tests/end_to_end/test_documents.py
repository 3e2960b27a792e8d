"""Documents through a real server: their pages in one answer, or one by one."""

import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.documents import damage_page, text_page, tiff
from tests.rendering import encoded
from tests.serving import image, stub

WORDS = ("Alpha", "Bravo", "Charlie", "Delta")
DOCUMENT = tiff([text_page(word) for word in WORDS])
INVALID_ARGUMENT = 3


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield stub(channel)


def configuration(**values):
    return ocr_pb2.RecognizeStreamRequest(config=ocr_pb2.StreamConfig(**values))


def test_one_call_answers_all_pages_that_were_asked_for(service):
    options = ocr_pb2.RecognizeOptions()
    options.document.pages.add(first=1, last=2)
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=damage_page(DOCUMENT, 1)), options=options)
    damaged, whole = service.Recognize(request).document.pages
    assert (damaged.index, damaged.error.code, len(damaged.lines)) == (1, INVALID_ARGUMENT, 0)
    assert (whole.index, whole.text, whole.width_pixels) == (2, "Charlie", 400)
    assert not whole.HasField("error")


def test_pages_leave_one_by_one_and_are_not_in_the_completion(service):
    messages = [configuration(page_events=True), image("doc", DOCUMENT), image("one", encoded(text_page("Echo")))]
    answers = list(service.RecognizeStream(iter(messages)))
    kinds = [answer.WhichOneof("event") for answer in answers]
    assert kinds == ["line", "page"] * 4 + ["completion", "line", "page", "completion"]
    pages = [answer.page for answer in answers if answer.HasField("page")]
    assert [(page.image_id, page.page.index, page.page.text, page.page_count) for page in pages] == [
        *[("doc", place, word, 4) for place, word in enumerate(WORDS)],
        ("one", 0, "Echo", 1),
    ]
    assert [answer.line.page_index for answer in answers if answer.HasField("line")] == [0, 1, 2, 3, 0]
    assert not any(answer.completion.document.pages for answer in answers)


def test_a_documents_own_options_win_over_the_streams(service):
    config = configuration(omit_line_events=True)
    config.config.options.document.pages.add(first=3)
    first, second = image("as all", DOCUMENT), image("its own", DOCUMENT)
    second.image.document.pages.add(first=0, last=0)
    answers = [answer.completion for answer in service.RecognizeStream(iter([config, first, second]))]
    assert [[page.text for page in answer.document.pages] for answer in answers] == [["Delta"], ["Alpha"]]


def test_ranges_that_run_backwards_are_refused(service):
    wrong = image("wrong", DOCUMENT)
    wrong.image.document.pages.add(first=2, last=1)
    (answer,) = service.RecognizeStream(iter([configuration(), wrong]))
    assert answer.completion.error.code == INVALID_ARGUMENT
    assert answer.completion.error.message == "image.document.pages[0].last: 1 is less than first, which is 2"


def test_the_limit_on_pages_is_told(service):
    assert service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits.document_pages == 1000
