"""Documents through a real server: their pages in one answer, or one by one."""

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.files.documents import damage_page, text_page, tiff
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded
from tests.support.serving import image, stub

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


def test_the_limit_on_pages_is_reported(service):
    assert service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits.document_pages == 1000


def read(service, data, **options):
    choices = ocr_pb2.RecognizeOptions(document=ocr_pb2.DocumentOptions(**options))
    return service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=choices))


PDF = pdf([PdfPageSpec([(word, 40, 100)]) for word in WORDS])


def test_a_pdf_is_drawn_at_the_resolution_that_was_asked_for(service):
    pages = read(service, PDF, dots_per_inch=144).document.pages
    assert [page.text for page in pages] == list(WORDS)
    assert {(page.width_pixels, page.height_pixels) for page in pages} == {(800, 400)}
    assert not any(page.embedded for page in pages)


def test_a_pdfs_own_text_is_marked_as_such(service):
    (page,) = read(service, PDF, text_layer=ocr_pb2.TEXT_LAYER_USE, pages=[ocr_pb2.PageRange(first=3)]).document.pages
    assert (page.index, page.text, page.embedded) == (3, "Delta", True)


@pytest.mark.parametrize(
    ("data", "options", "code", "words"),
    [
        (pdf([PdfPageSpec()], "secret"), {}, grpc.StatusCode.FAILED_PRECONDITION, "document.password"),
        (pdf([PdfPageSpec()], "secret"), {"password": "no"}, grpc.StatusCode.INVALID_ARGUMENT, "document.password"),
        (PDF[:400], {}, grpc.StatusCode.INVALID_ARGUMENT, "PDF file is damaged"),
        (
            PDF,
            {"dots_per_inch": 20},
            grpc.StatusCode.INVALID_ARGUMENT,
            "options.document.dots_per_inch: 20 is not from",
        ),
        (PDF, {"dots_per_inch": float("nan")}, grpc.StatusCode.INVALID_ARGUMENT, "options.document.dots_per_inch"),
        (PDF, {"text_layer": 9}, grpc.StatusCode.INVALID_ARGUMENT, "options.document.text_layer: 9 is unknown"),
        (PDF, {"pages": [ocr_pb2.PageRange(first=4)]}, grpc.StatusCode.INVALID_ARGUMENT, "last page is 4"),
    ],
)
def test_what_cannot_be_opened_or_asked_for_has_a_precise_error(service, data, options, code, words):
    with pytest.raises(grpc.RpcError) as refusal:
        read(service, data, **options)
    assert refusal.value.code() is code
    assert words in refusal.value.details()
