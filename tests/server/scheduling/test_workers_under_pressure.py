"""What workers do when memory, time or models change under them."""

import threading
import time

import pytest

from edgeocr.model.errors import INTERNAL_TEXT
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models
from edgeocr.model.results import LineRead
from edgeocr.server.errors import BeyondMemory, MemoryFull, QueueFull
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.workers import Reader
from tests.server.pool import DENSE, Serving
from tests.support.files.documents import tiff
from tests.support.rendering import encoded, line, page

pytestmark = pytest.mark.slow


def test_what_is_admitted_waits_then_runs_then_is_given_back(serving):
    data = encoded(page(DENSE))
    job = serving.admit(data, Mode.PAGE)
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0) | {Use.WAITING: len(data)}
    assert job.plan.peak_bytes > 800 * 600 * 3
    seen = []
    job.deliver = lambda *events: (seen.append(serving.budget.used_bytes()), serving.take(*events))
    serving.pool.start()
    serving.finished()
    assert seen[0][Use.WAITING] == 0, "what is decoded is not needed any more"
    assert 0 < seen[0][Use.RUNNING] < job.plan.peak_bytes, "nor is what finding lines took"
    assert seen[-1].pop(Use.ANSWERING) > 0, "the answer is there until it is sent"
    assert set(seen[-1].values()) == {0}
    assert set(serving.budget.used_bytes().values()) == {0}


def test_an_image_that_never_fits_is_refused_at_once_with_what_it_would_take(models):
    serving = Serving(models, budget_bytes=60_000_000)
    with pytest.raises(BeyondMemory) as refusal:
        serving.admit(encoded(page([], 960, 960)), Mode.PAGE)
    limit = refusal.value.limit
    assert limit.name == "image_memory_bytes"
    assert limit.value == serving.budget.most_bytes(Use.RUNNING) < limit.asked
    assert refusal.value.retry_seconds is None
    assert f"about {limit.asked} bytes" in str(refusal.value)
    assert "60000000 (memory_budget_bytes)" in str(refusal.value)
    assert serving.sample("edgeocr_rejected_total", reason="beyond_memory") == 1
    assert set(serving.budget.used_bytes().values()) == {0}


def test_an_image_that_does_not_fit_next_to_unaccounted_memory_is_refused_for_now(models):
    serving = Serving(models, budget_bytes=200_000_000)
    data = encoded(page(DENSE))
    serving.budget.observe(unaccounted_bytes=190_000_000)
    with pytest.raises(MemoryFull) as refusal:
        serving.admit(data, Mode.PAGE)
    assert refusal.value.retry_seconds > 0
    assert serving.sample("edgeocr_rejected_total", reason="memory_full") == 1
    assert set(serving.budget.used_bytes().values()) == {0}
    serving.budget.observe(unaccounted_bytes=0)
    serving.admit(data, Mode.PAGE)


def test_images_that_wait_are_bounded_in_bytes_and_the_next_may_come_again(models):
    serving = Serving(models, queue_images=10_000, budget_bytes=60_000_000)
    data = encoded(line("waits"), ".bmp")
    with pytest.raises(MemoryFull) as refusal:
        for _ in range(10_000):
            serving.admit(data)
    assert refusal.value.limit.name == "waiting_bytes"
    assert refusal.value.limit.value == serving.budget.most_bytes(Use.WAITING) // 2 < refusal.value.limit.asked
    assert refusal.value.retry_seconds > 0
    assert serving.queue.length() == serving.budget.most_bytes(Use.WAITING) // 2 // len(data)
    assert serving.sample("edgeocr_rejected_total", reason="memory_full") == 1


def test_a_refusal_by_the_queue_takes_no_memory(models):
    serving = Serving(models, queue_images=1)
    job = serving.admit(encoded(line("waits")))
    with pytest.raises(QueueFull):
        serving.admit(encoded(line("one too many")))
    serving.admission.cancel(job)
    assert set(serving.budget.used_bytes().values()) == {0}


def test_pages_that_do_not_fit_together_are_read_one_after_the_other(models, monkeypatch):
    serving = Serving(models, workers=2)
    plan = serving.admit(encoded(page(DENSE)), Mode.PAGE).plan
    serving.budget.observe(base_bytes=round(1_000_000_000 * 0.95 - plan.peak_bytes * 1.5 / 0.75))
    serving.admit(encoded(page(DENSE)), Mode.PAGE)
    finding, together = set(), []
    find = Reader.find

    def watched(*arguments, **choices):
        finding.add(threading.get_ident())
        together.append(len(finding))
        time.sleep(0.05)
        try:
            return find(*arguments, **choices)
        finally:
            finding.remove(threading.get_ident())

    monkeypatch.setattr(Reader, "find", watched)
    serving.pool.start()
    assert [len(serving.finished().pages[0].lines) for _ in range(2)] == [len(DENSE)] * 2
    assert together == [1, 1]
    serving.queue.close()


def test_lines_are_read_one_at_a_time_when_memory_is_short(models):
    serving = Serving(models)
    job = serving.admit(encoded(page(DENSE)), Mode.PAGE)
    serving.budget.observe(base_bytes=720_000_000)
    serving.pool.start()
    assert len(serving.finished().pages[0].lines) == len(DENSE)
    assert job.trace.batches == [1] * len(DENSE)
    serving.queue.close()


def test_what_came_too_late_is_dropped_from_the_queue_and_answered(serving):
    serving.admit(encoded(line("late")), timeout_seconds=0.01)
    waits = serving.admit(encoded(line("in time")), timeout_seconds=60)
    time.sleep(0.02)
    serving.admission.drop_late()
    assert serving.finished().error.code == "DEADLINE_EXCEEDED"
    assert serving.queue.length() == 1
    assert serving.budget.used_bytes()[Use.WAITING] == waits.size_bytes
    assert serving.sample("edgeocr_cancelled_total", stage="queue") == 1


def refused_for_waiting(serving, seconds):
    error = serving.finished().error
    assert (error.code, error.reason) == ("RESOURCE_EXHAUSTED", "queue_timeout")
    assert (error.limit.name, error.limit.value) == ("queue_seconds", seconds)
    assert error.limit.asked >= seconds
    assert error.retry_seconds > 0
    assert serving.sample("edgeocr_rejected_total", reason="queue_timeout") == 1


def test_what_waited_for_longer_than_it_was_to_is_refused_by_the_watch(models):
    serving = Serving(models, queue_seconds=0.01)
    serving.admit(encoded(line("waits")))
    time.sleep(0.02)
    serving.admission.drop_late()
    refused_for_waiting(serving, 0.01)
    assert serving.queue.length() == 0
    assert set(serving.budget.used_bytes().values()) == {0}


def test_what_waited_for_longer_than_it_was_to_is_refused_by_a_worker_that_meets_it_first(models):
    serving = Serving(models, queue_seconds=0.5)
    serving.admit(encoded(line("waits")))
    time.sleep(0.5)
    serving.admit(encoded(line("in time")), caller="another")
    serving.pool.start()
    refused_for_waiting(serving, 0.5)
    assert serving.finished().error is None
    serving.queue.close()


def test_a_document_that_is_begun_is_read_however_long_its_pages_wait(models):
    serving = Serving(models, queue_images=20, queue_seconds=0.3)
    serving.pool.start()
    serving.admit(tiff([page(DENSE)] * 6), Mode.PAGE)
    for _ in range(6):
        serving.admit(encoded(page(DENSE)), Mode.PAGE, caller="another")
    ends = [serving.finished() for _ in range(7)]
    (document,) = [end for end in ends if len(end.pages) > 1]
    assert [len(one.lines) for one in document.pages] == [len(DENSE)] * 6
    serving.queue.close()


@pytest.mark.parametrize("step", ["decode", "find", "recognise"])
def test_an_allocation_that_fails_is_want_of_room_and_the_pool_goes_on(serving, monkeypatch, step):
    def fail(*arguments, **choices):
        raise MemoryError

    monkeypatch.setattr(Reader, step, fail)
    serving.pool.start()
    serving.admit(encoded(page(DENSE)), Mode.PAGE)
    error = serving.finished().error
    assert (error.code, error.reason) == ("RESOURCE_EXHAUSTED", "out_of_memory")
    assert error.retry_seconds > 0
    assert serving.sample("edgeocr_rejected_total", reason="out_of_memory") == 1
    assert set(serving.budget.used_bytes().values()) == {0}
    monkeypatch.undo()
    serving.admit(encoded(line("goes on")))
    assert serving.finished().pages[0].text == "goes on"


@pytest.mark.parametrize("allow_partial", [True, False])
def test_when_time_runs_out_half_way_the_lines_so_far_are_the_answer_on_request(models, allow_partial):
    serving = Serving(models)
    texts = ["a short line", *["somewhat longer line of text, that needs a batch of its own " * 2] * 4]
    job = serving.admit(
        encoded(page([(text, (10, 30 + 100 * place)) for place, text in enumerate(texts)], width=2400)),
        Mode.PAGE,
        allow_partial=allow_partial,
    )

    def deliver(*events):
        job.deadline = time.monotonic()
        serving.take(*events)

    job.deliver = deliver
    serving.pool.start()
    done = serving.finished()
    serving.queue.close()
    dropped = serving.sample("edgeocr_cancelled_total", stage="recognize") or 0
    assert (dropped, serving.sample("edgeocr_partial_pages_total")) == ((0, 1) if allow_partial else (1, 0))
    if allow_partial:
        assert done.error is None
        assert done.pages[0].partial
        assert 0 < len(done.pages[0].lines) < len(texts)
    else:
        assert (done.error.code, done.pages) == ("DEADLINE_EXCEEDED", ())


def test_a_page_of_which_nothing_was_read_in_time_is_an_error_even_so(serving, monkeypatch):
    find = Reader.find

    def slow(self, picture, mode, trace, **choices):
        job.deadline = time.monotonic()
        return find(self, picture, mode, trace, **choices)

    monkeypatch.setattr(Reader, "find", slow)
    job = serving.admit(encoded(page(DENSE)), Mode.PAGE, timeout_seconds=60, allow_partial=True)
    serving.pool.start()
    assert serving.finished().error.code == "DEADLINE_EXCEEDED"


def test_other_models_read_the_jobs_that_are_not_begun_and_the_old_ones_finish_theirs(models, weights, monkeypatch):
    serving = Serving(models)
    others = Models.load(weights)
    used = []
    find = Reader.find

    def watched(self, picture, mode, trace, **choices):
        if not used:
            serving.pool.use(others)
        used.append(self.models)
        return find(self, picture, mode, trace, **choices)

    monkeypatch.setattr(Reader, "find", watched)
    for _ in range(2):
        serving.admit(encoded(page(DENSE)), Mode.PAGE)
    serving.pool.start()
    assert [len(serving.finished().pages[0].lines) for _ in range(2)] == [len(DENSE)] * 2
    serving.queue.close()
    assert used == [models, others]
    assert serving.pool.models is others


def test_a_helper_reads_a_page_with_the_models_that_found_its_lines(models, weights, monkeypatch):
    serving = Serving(models, workers=3)
    others = Models.load(weights)
    used = []
    recognise = Reader.recognise

    def watched(self, detected, batch, trace, check):
        serving.pool.use(others)
        used.append((threading.current_thread().name, self.models))
        time.sleep(0.02)
        return recognise(self, detected, batch, trace, check)

    monkeypatch.setattr(Reader, "recognise", watched)
    serving.pool.start()
    serving.admit(encoded(page(DENSE)), Mode.PAGE)
    assert len(serving.finished().pages[0].lines) == len(DENSE)
    serving.queue.close()
    assert len({name for name, _ in used}) > 1
    assert {found for _, found in used} == {models}


def test_what_a_job_delivers_to_may_fail_and_neither_page_nor_pool_waits_for_it(serving):
    job = serving.admit(encoded(page(DENSE)), Mode.PAGE)

    def broken(*events):
        if any(isinstance(event, LineRead) for event in events):
            raise ZeroDivisionError
        serving.take(*events)

    job.deliver = broken
    serving.pool.start()
    assert str(serving.finished().error) == INTERNAL_TEXT
    lost = serving.admit(encoded(line("lost")))
    lost.deliver = lambda *events: 1 / 0
    serving.admit(encoded(line("goes on")))
    assert serving.finished().pages[0].text == "goes on"
    assert set(serving.budget.used_bytes().values()) == {0}
