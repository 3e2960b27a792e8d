"""Documents on their way through the queue and the workers, page by page."""

import errno
import gc
import threading
import weakref

import pytest

from edgeocr.model.errors import InvalidInput, TooLarge, expected
from edgeocr.model.files.document_options import DocumentOptions, PageRange
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.results import LineRead, PageRead
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.workers import Reader
from tests.server.pool import Serving
from tests.support.files.documents import damage_page, lead_nowhere, text_page, tiff
from tests.support.rendering import encoded, line

WORDS = ("Alpha", "Bravo", "Charlie", "Delta")
DOCUMENT = tiff([text_page(word) for word in WORDS])


def events(serving):
    """All of one job's, up to its last."""
    while True:
        yield (event := serving.events.get(timeout=30))
        if isinstance(event, Finished):
            return


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out_of_memory"),
        (OSError(errno.EMFILE, "Too many open files"), "out_of_memory"),
        (OSError(errno.EACCES, "Permission denied"), ""),
        (ValueError("a bug"), ""),
    ],
)
def test_what_is_there_again_soon_may_be_asked_for_again_and_a_bug_not(error, reason, caplog):
    told = expected(error)
    assert (told.reason, told.retry_seconds is not None) == (reason, bool(reason))
    assert bool(caplog.records) == (not reason)


@pytest.mark.parametrize("workers", [1, 3])
def test_all_pages_are_read_in_order(models, workers):
    serving = Serving(models, workers)
    serving.pool.start()
    serving.admit(DOCUMENT, Mode.PAGE)
    done = serving.finished()
    assert [(page.index, page.text) for page in done.pages] == list(enumerate(WORDS))
    assert {(page.width, page.height) for page in done.pages} == {(400, 200)}
    serving.queue.close()


@pytest.mark.parametrize(
    ("ranges", "places"),
    [
        ((PageRange(1, 2),), [1, 2]),
        ((PageRange(3), PageRange(0, 0)), [0, 3]),
        ((PageRange(2, 99), PageRange(3, 3)), [2, 3]),
        ((PageRange(3, 3), PageRange(0, 1), PageRange(1, 1), PageRange(0, 0)), [0, 1, 3]),
    ],
)
def test_pages_that_are_asked_for_are_read_once_in_their_order(serving, ranges, places):
    serving.pool.start()
    serving.admit(DOCUMENT, Mode.PAGE, document=DocumentOptions(ranges))
    assert [(page.index, page.text) for page in serving.finished().pages] == [(n, WORDS[n]) for n in places]


def test_many_ranges_of_many_pages_are_no_more_work_than_their_number():
    with pytest.raises(TooLarge, match="1000000 pages, the limit is 1000"):
        DocumentOptions((PageRange(0),) * 20_000).select(1_000_000, Limits())
    assert [*DocumentOptions((PageRange(999_990),) * 20_000).select(1_000_000, Limits())] == [
        *range(999_990, 1_000_000)
    ]


def test_a_page_that_there_is_not_is_refused_with_the_last_one(serving):
    serving.pool.start()
    serving.admit(DOCUMENT, Mode.PAGE, document=DocumentOptions((PageRange(0), PageRange(4))))
    error = serving.finished().error
    assert isinstance(error, InvalidInput)
    assert str(error) == "document.pages[1]: page 5 is asked for, and the document's last page is 4 (counted from 1)"
    with pytest.raises(InvalidInput, match="last page is 1"):
        serving.admit(encoded(line("one image")), document=DocumentOptions((PageRange(1),)))


def test_more_pages_than_allowed_are_refused_with_the_limit(models):
    serving = Serving(models, limits=Limits(document_pages=3))
    serving.pool.start()
    serving.admit(DOCUMENT, Mode.PAGE)
    error = serving.finished().error
    assert isinstance(error, TooLarge)
    assert (error.limit.name, error.limit.value, error.limit.asked) == ("document_pages", 3, 4)
    serving.admit(DOCUMENT, Mode.PAGE, document=DocumentOptions((PageRange(1),)))
    assert len(serving.finished().pages) == 3
    serving.queue.close()


def test_a_damaged_page_fails_alone(serving):
    serving.pool.start()
    serving.admit(damage_page(DOCUMENT, 1), Mode.PAGE)
    done = serving.finished()
    assert done.error is None
    assert [page.text for page in done.pages] == ["Alpha", "", "Charlie", "Delta"]
    assert [type(page.error) for page in done.pages] == [type(None), InvalidInput, type(None), type(None)]
    assert "damaged" in str(done.pages[1].error)


def test_what_is_behind_damage_is_one_page_that_fails(serving):
    serving.pool.start()
    serving.admit(lead_nowhere(DOCUMENT, 1), Mode.PAGE)
    done = serving.finished()
    assert [page.text for page in done.pages] == ["Alpha", "Bravo", ""]
    assert isinstance(done.pages[2].error, InvalidInput)


def test_a_bug_at_one_page_is_reported_by_a_fixed_text_and_the_others_are_read(serving, monkeypatch, caplog):
    find = Reader.find

    def broken(self, picture, mode, trace, index=0, **choices):
        if index == 2:
            raise ZeroDivisionError("secret")
        return find(self, picture, mode, trace, index, **choices)

    monkeypatch.setattr(Reader, "find", broken)
    serving.pool.start()
    serving.admit(DOCUMENT, Mode.PAGE)
    done = serving.finished()
    assert [page.error.code if page.error else "" for page in done.pages] == ["", "", "INTERNAL", ""]
    assert "secret" not in str(done.pages[2].error)
    assert "secret" in caplog.text


def test_others_have_their_turn_between_two_pages(serving):
    serving.admit(DOCUMENT, Mode.PAGE, sends_pages=True)
    serving.admit(encoded(line("between")), caller="other")
    serving.pool.start()
    found = [event for _ in range(2) for event in events(serving) if not isinstance(event, LineRead)]
    texts = [
        event.page.text if isinstance(event, PageRead) else ",".join(page.text for page in event.pages)
        for event in found
    ]
    assert texts.index("between") < texts.index("Bravo")
    assert [text for text in texts if text in WORDS] == list(WORDS)


def test_a_document_is_finished_though_the_queue_is_full(models):
    serving = Serving(models, queue_images=1)
    begun, go_on = threading.Event(), threading.Event()

    def deliver(*events):
        begun.set()
        go_on.wait(30)
        serving.take(*events)

    serving.pool.start()
    serving.admission.admit(Sender("client"), EncodedImage(DOCUMENT), JobOptions(), deliver, None)
    assert begun.wait(30)
    serving.admit(encoded(line("waits")))
    go_on.set()
    texts = [[page.text for page in serving.finished().pages] for _ in range(2)]
    assert sorted(texts) == sorted([list(WORDS), ["waits"]])
    serving.queue.close()


def test_pages_that_leave_by_themselves_are_not_kept(serving):
    serving.pool.start()
    serving.admit(DOCUMENT, Mode.PAGE, sends_pages=True)
    found = list(events(serving))
    pages = [event for event in found if isinstance(event, PageRead)]
    assert [event.page.text for event in pages] == list(WORDS)
    assert {event.page_count for event in pages} == {4}
    assert found[-1].pages == ()


def test_characters_that_nobody_asked_for_are_not_kept(serving):
    serving.pool.start()
    for with_characters in (True, False):
        serving.admit(DOCUMENT, Mode.PAGE, with_characters=with_characters)
        lines = [line for page in serving.finished().pages for line in page.lines]
        assert [bool(line.characters) for line in lines] == [with_characters] * 4


class Pause:
    """Takes a job's events, and holds the worker up at the first page until it is told to go on."""

    def __init__(self, serving):
        self._serving = serving
        self.begun, self.go_on = threading.Event(), threading.Event()

    def deliver(self, *events):
        if any(isinstance(event, PageRead) for event in events):
            self.begun.set()
            self.go_on.wait(30)
        self._serving.take(*events)


def test_a_document_that_is_cancelled_ends_before_its_next_page_and_leaves_nothing(serving):
    serving.pool.start()
    pause = Pause(serving)
    job = serving.admission.admit(
        Sender("client"), EncodedImage(DOCUMENT), JobOptions(sends_pages=True), pause.deliver, None
    )
    remains = weakref.ref(job)
    assert pause.begun.wait(30)
    serving.admission.cancel(job)
    pause.go_on.set()
    found = list(events(serving))
    assert len([event for event in found if isinstance(event, PageRead)]) == 1
    assert found[-1].error.code == "CANCELLED"
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    serving.queue.close()
    assert serving.pool.join(10)
    del job, pause
    gc.collect()
    assert remains() is None


@pytest.mark.parametrize("allow_partial", [False, True])
def test_a_deadline_between_pages_ends_the_document_or_leaves_the_rest_unread(serving, allow_partial):
    serving.pool.start()
    pause = Pause(serving)
    options = JobOptions(allow_partial=allow_partial, sends_pages=True)
    job = serving.admission.admit(Sender("client"), EncodedImage(DOCUMENT), options, pause.deliver, 3600)
    assert pause.begun.wait(30)
    job.deadline = 0.0
    pause.go_on.set()
    found = list(events(serving))
    pages = [event.page for event in found if isinstance(event, PageRead)]
    if allow_partial:
        assert found[-1].error is None
        assert [page.error.code if page.error else page.text for page in pages] == ["Alpha", *["DEADLINE_EXCEEDED"] * 3]
        assert [page.index for page in pages] == [0, 1, 2, 3]
    else:
        assert found[-1].error.code == "DEADLINE_EXCEEDED"
        assert [page.text for page in pages] == ["Alpha"]


def test_a_document_gives_back_all_its_memory(serving):
    serving.pool.start()
    for data in (DOCUMENT, damage_page(DOCUMENT, 0)):
        serving.admit(data, Mode.PAGE)
        serving.finished()
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    assert serving.queue.length() == serving.queue.size_bytes() == 0
