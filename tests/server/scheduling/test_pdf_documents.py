"""PDF files on their way through the queue and the workers."""

import copy
from dataclasses import replace

import pytest

from edgeocr.model.errors import InvalidInput, Locked, TooLarge
from edgeocr.model.files.document_options import DocumentOptions, TextLayer
from edgeocr.model.options import Mode
from edgeocr.model.results import LineRead, PageRead
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.events import Finished
from tests.server.pool import Serving
from tests.support.files.pdfs import DAMAGED, PdfPageSpec, pdf
from tests.support.rendering import page

WORDS = ("Alpha", "Bravo", "Charlie")
PAGES = [PdfPageSpec([(word, 40, 100)]) for word in WORDS]


def test_pages_are_read_and_a_damaged_one_fails_alone(serving):
    serving.pool.start()
    serving.admit(pdf([PAGES[0], DAMAGED, PAGES[2]]), Mode.PAGE)
    done = serving.finished()
    assert done.error is None
    assert [page.text for page in done.pages] == ["Alpha", "", "Charlie"]
    assert isinstance(done.pages[1].error, InvalidInput)
    assert done.pages[2].error is None


@pytest.mark.parametrize(
    ("data", "password", "error"),
    [
        (pdf(PAGES, "secret"), "", Locked),
        (pdf(PAGES, "secret"), "guess", InvalidInput),
        (pdf(PAGES)[:300], "", InvalidInput),
    ],
)
def test_a_document_that_cannot_be_opened_ends_with_its_error_and_leaves_nothing(serving, data, password, error):
    serving.pool.start()
    serving.admit(data, Mode.PAGE, document=DocumentOptions(password=password))
    done = serving.finished()
    assert isinstance(done.error, error)
    assert done.pages == ()
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)


def test_several_documents_at_a_time_keep_their_pages_apart(models):
    serving = Serving(models, workers=3)
    serving.pool.start()
    texts = [f"{word}{number}" for number in range(4) for word in WORDS]
    for number in range(4):
        pages = [PdfPageSpec([(text, 40, 100)]) for text in texts[3 * number : 3 * number + 3]]
        serving.admit(pdf(pages, "secret"), Mode.PAGE, document=DocumentOptions(password="secret"))
    read = [tuple(page.text for page in serving.finished().pages) for _ in range(4)]
    assert sorted(read) == sorted(tuple(texts[3 * number : 3 * number + 3]) for number in range(4))
    serving.queue.close()


def test_embedded_text_is_answered_without_reading_and_pages_without_it_are_read(serving):
    serving.pool.start()
    scan = PdfPageSpec(image=page([("Scanned", (60, 60))], 400, 200))
    options = DocumentOptions(text_layer=TextLayer.USE)
    serving.admit(pdf([PAGES[0], scan, PAGES[1]]), Mode.PAGE, document=options, sends_pages=True)
    found = []
    while not isinstance(event := serving.events.get(timeout=30), Finished):
        found.append(event)
    assert [type(event) for event in found] == [PageRead, LineRead, PageRead, PageRead]
    pages = [event.page for event in found if isinstance(event, PageRead)]
    assert [(page.text, page.is_embedded) for page in pages] == [("Alpha", True), ("Scanned", False), ("Bravo", True)]


def test_a_page_too_large_for_the_memory_is_drawn_smaller_and_one_that_never_fits_fails_alone(models):
    # Its networks as costly as on most processors.
    models, manifest = copy.copy(models), models.manifest
    models.manifest = replace(manifest, detector=replace(manifest.detector, run_bytes_per_pixel=44.0))
    serving = Serving(models, budget_bytes=100_000_000)
    serving.pool.start()
    poster = PdfPageSpec([("Poster", 300, 600)], width=1600, height=1200, size=200)
    heavy = PdfPageSpec(image=page([], 7400, 2600), width=400, height=200)
    serving.admit(pdf([poster, heavy, PAGES[0]]), Mode.PAGE)
    done = serving.finished()
    large, refused, small = done.pages
    assert (large.text, large.reduction, large.width) == ("Poster", 2, 4445)
    assert max(x for x, _ in large.lines[0].polygon) > 2000
    assert refused.error.code == "RESOURCE_EXHAUSTED"
    assert refused.error.limit.name == "image_memory_bytes"
    assert (small.text, small.reduction) == ("Alpha", 1)
    serving.queue.close()


def test_a_document_whose_answer_would_outgrow_the_memory_ends_and_leaves_nothing(models):
    serving = Serving(models, budget_bytes=20_000_000)
    serving.pool.start()
    long = PdfPageSpec([(f"line {number}", 5, 4 + 4 * number) for number in range(1000)], height=4010, size=4)
    options = {"document": DocumentOptions(text_layer=TextLayer.USE, dots_per_inch=72)}
    serving.admit(pdf([long] * 10), Mode.PAGE, **options)
    done = serving.finished()
    assert isinstance(done.error, TooLarge)
    assert done.error.limit.name == "image_memory_bytes"
    assert "ask for fewer pages" in str(done.error)
    serving.admit(pdf([long] * 3), Mode.PAGE, **options)
    assert [len(page.lines) for page in serving.finished().pages] == [1000] * 3
    job = serving.admit(pdf([long] * 10), Mode.PAGE, sends_pages=True, **options)
    while not isinstance(event := serving.events.get(timeout=30), Finished):
        job.took(event)
    job.took(event)
    assert event.error is None
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    serving.queue.close()
