import copy
import gc
import threading
import time
import weakref

import pytest

from edgeocr.model.errors import INTERNAL_TEXT, InvalidInput, TooLarge
from edgeocr.model.limits import Limits
from edgeocr.model.networks.session import Network
from edgeocr.model.options import Mode, ReaderSettings
from edgeocr.model.results import LineRead
from edgeocr.server.errors import Draining, QueueFull, ShareFull
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.workers import Reader
from tests.server.pool import DENSE, Serving
from tests.support.rendering import encoded, line, page


def test_a_job_ends_with_its_pages_and_timings(serving):
    serving.pool.start()
    serving.admit(encoded(page([("Worker", (50, 50))])), Mode.PAGE)
    done = serving.finished()
    assert done.error is None
    assert done.pages[0].text == "Worker"
    spent = done.timings
    parts = spent.queue_seconds + spent.decode_seconds + spent.detect_seconds + spent.recognize_seconds
    assert 0 < parts <= spent.total_seconds
    assert min(spent.decode_seconds, spent.detect_seconds, spent.recognize_seconds) > 0


def test_from_which_confidence_on_lines_are_text_is_chosen_for_all_workers_and_later_weights(models):
    serving = Serving(models, workers=2, settings=ReaderSettings(least_confidence=1.0))
    serving.pool.start()
    for _ in range(2):
        for _ in range(4):
            serving.admit(encoded(page([("Worker", (50, 50))])), Mode.PAGE)
            (read,) = serving.finished().pages
            assert not read.lines
        serving.pool.use(models)
    serving.queue.close()
    assert serving.pool.join(30)


def test_a_damaged_image_ends_with_its_error_and_the_pool_goes_on(serving):
    serving.pool.start()
    serving.admit(encoded(line("half"), ".jpg")[:-200])
    assert isinstance(serving.finished().error, InvalidInput)
    serving.admit(encoded(line("whole")))
    assert serving.finished().pages[0].text == "whole"


def test_a_bug_ends_its_job_with_a_fixed_text_and_the_pool_goes_on(serving, monkeypatch, caplog):
    find = Reader.find

    def broken(self, picture, mode, trace, **choices):
        if mode is Mode.PAGE:
            raise ZeroDivisionError("secret path /etc")
        return find(self, picture, mode, trace, **choices)

    monkeypatch.setattr(Reader, "find", broken)
    serving.pool.start()
    serving.admit(encoded(page([])), Mode.PAGE)
    assert str(serving.finished().error) == INTERNAL_TEXT
    assert "secret path /etc" in caplog.text
    serving.admit(encoded(line("still here")))
    assert serving.finished().error is None


def test_work_whose_deadline_passed_in_the_queue_is_not_done(serving):
    serving.admit(encoded(line("late")), timeout_seconds=0.01)
    time.sleep(0.02)
    serving.pool.start()
    done = serving.finished()
    assert done.error.code == "DEADLINE_EXCEEDED"
    assert done.timings.recognize_seconds == 0
    assert serving.sample("edgeocr_cancelled_total", stage="queue") == 1


def test_a_cancelled_job_leaves_the_queue_and_is_counted(serving):
    job = serving.admit(encoded(line("unwanted")))
    serving.admission.cancel(job)
    assert (serving.queue.length(), serving.queue.size_bytes()) == (0, 0)
    assert serving.sample("edgeocr_cancelled_total", stage="queue") == 1


def test_work_for_a_caller_who_goes_while_it_is_read_stops(serving):
    job = serving.admit(encoded(page([(f"Line {number}", (50, 40 * number)) for number in range(14)])), Mode.PAGE)
    job.deliver = lambda *events: (serving.admission.cancel(job), serving.take(*events))
    serving.pool.start()
    assert serving.finished().error.code == "CANCELLED"


def test_a_worker_outlives_a_bug_outside_of_its_job(serving, monkeypatch, caplog):
    stages = serving.metrics.stages

    def fail_once(*_):
        monkeypatch.setattr(serving.metrics, "stages", stages)
        raise ValueError("a bug")

    monkeypatch.setattr(serving.metrics, "stages", fail_once)
    serving.pool.start()
    serving.admit(encoded(line("lost")))
    serving.admit(encoded(line("next")))
    assert serving.finished().pages[0].text == "next"
    assert "a worker could not finish its work" in caplog.text


class OfferedPage:
    """A page of another worker's, which this one helps with."""

    def __init__(self, models):
        self.models, self.readers = models, []

    def has_work(self):
        return not self.readers

    def begin_help(self, budget):
        self.held = budget.try_reserve(Use.RUNNING, 1000)
        return self.held is not None

    def end_help(self):
        self.held.release()

    def read_batch(self, reader):
        self.readers.append(reader)


@pytest.mark.parametrize("weights_now", ["its own", "others"])
def test_a_worker_helps_with_the_weights_that_a_page_was_begun_with_and_gives_the_memory_back(serving, weights_now):
    begun_with = serving.pool.models
    if weights_now == "others":
        serving.pool.use(copy.copy(begun_with))
    offered = OfferedPage(begun_with)
    serving.queue.share(offered)
    assert serving.queue.take() is offered
    serving.pool._help(serving.pool._readers[0], offered)
    (reader,) = offered.readers
    assert reader.models is begun_with
    assert set(serving.budget.used_bytes().values()) == {0}


def test_a_job_cancelled_while_it_runs_stops_and_its_seconds_count_as_wasted(serving, monkeypatch):
    job = serving.admit(encoded(page([(f"Line {number}", (50, 40 * number)) for number in range(14)])), Mode.PAGE)
    job.deliver = lambda *events: (setattr(job, "cancelled", True), serving.take(*events))
    serving.pool.start()
    done = serving.finished()
    assert done.error.code == "CANCELLED"
    assert sum(job.trace.batches) < 14
    assert serving.sample("edgeocr_cancelled_total", stage="recognize") == 1
    assert serving.sample("edgeocr_wasted_seconds_total") > 0


def test_refusals_are_counted_by_reason(serving):
    for _ in range(4):
        serving.admit(encoded(line("waits")))
    with pytest.raises(ShareFull):
        serving.admit(encoded(line("one too many of one caller")))
    for caller in "abcd":
        serving.admit(encoded(line("waits")), caller=caller)
    with pytest.raises(QueueFull):
        serving.admit(encoded(line("one too many")), caller="e")
    with pytest.raises(TooLarge):
        serving.admit(bytes(Limits().image_bytes + 1))
    serving.admission.close()
    with pytest.raises(Draining):
        serving.admit(encoded(line("too late")))
    for reason in ("share_full", "queue_full", "too_large", "draining"):
        assert serving.sample("edgeocr_rejected_total", reason=reason) == 1


@pytest.mark.parametrize(("fate", "code"), [("cancelled", "CANCELLED"), ("late", "DEADLINE_EXCEEDED")])
def test_a_very_long_line_of_no_use_any_more_stops_after_the_run_at_hand(serving, monkeypatch, fate, code):
    job = serving.admit(encoded(line("A line without end, which nobody waits for, " * 7)), timeout_seconds=600)
    runs = []
    run = Network.run

    def noting(network, given, out):
        run(network, given, out)
        if given.ndim == 4:
            runs.append(given.shape)
            if len(runs) == 1:
                if fate == "cancelled":
                    job.cancelled = True
                monkeypatch.setattr(Job, "is_late", lambda job: fate == "late")

    monkeypatch.setattr(Network, "run", noting)
    serving.pool.start()
    done = serving.finished()
    assert done.error.code == code
    assert len(runs) == 1
    assert serving.sample("edgeocr_cancelled_total", stage="recognize") == 1


@pytest.mark.parametrize("fate", ["read", "cancelled"])
def test_nothing_holds_an_image_once_its_job_is_done(serving, monkeypatch, fate):
    """Not even until the next garbage collection, which counts objects and not their bytes."""
    sheets = []
    find = Reader.find

    def watched(*arguments, **choices):
        detected = find(*arguments, **choices)
        sheets.append(weakref.ref(detected))
        return detected

    monkeypatch.setattr(Reader, "find", watched)
    serving.pool.start()
    gc.disable()
    try:
        job = serving.admit(encoded(page([("Let", (50, 50)), ("it go, all of it", (50, 150))])), Mode.PAGE)
        image, remains = weakref.ref(job.source), weakref.ref(job)
        job.cancelled = fate == "cancelled"
        assert (serving.finished().error is not None) == job.cancelled
        assert image() is None
        del job
        end = time.monotonic() + 10
        while remains() is not None or any(detected() is not None for detected in sheets):
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        gc.enable()


def test_idle_workers_help_with_a_page_and_its_text_stays_in_order(models):
    serving = Serving(models, workers=3)
    read_by = set()
    recognise = Reader.recognise

    def watched(self, detected, batch, trace, check):
        read_by.add(threading.current_thread().name)
        time.sleep(0.01)
        return recognise(self, detected, batch, trace, check)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "recognise", watched)
        serving.pool.start()
        serving.admit(encoded(page(DENSE)), Mode.PAGE)
        done = serving.finished()
    serving.queue.close()
    assert len(read_by) > 1
    assert [line.replace(" ", "") for line in done.pages[0].text.split("\n")] == [
        text.replace(" ", "") for text, _ in DENSE
    ]


def test_what_a_helper_runs_into_ends_the_page_once(models, monkeypatch):
    serving = Serving(models, workers=3)

    def broken(self, detected, batch, trace, check):
        time.sleep(0.01)
        raise ZeroDivisionError

    monkeypatch.setattr(Reader, "recognise", broken)
    serving.pool.start()
    serving.admit(encoded(page(DENSE)), Mode.PAGE)
    assert str(serving.finished().error) == INTERNAL_TEXT
    monkeypatch.undo()
    serving.admit(encoded(page(DENSE)), Mode.PAGE)
    assert len(serving.finished().pages[0].lines) == len(DENSE)
    assert serving.events.empty()
    serving.queue.close()


def test_what_is_read_at_one_time_is_delivered_at_one_time(serving):
    deliveries = []
    job = serving.admit(encoded(page(DENSE)), Mode.PAGE)
    job.deliver = lambda *events: (deliveries.append([type(event) for event in events]), serving.take(*events))
    serving.pool.start()
    lines = len(serving.finished().pages[0].lines)
    assert sum(kinds.count(LineRead) for kinds in deliveries) == lines
    assert len(deliveries) < lines, "lines that were read in one batch come together"
    assert deliveries[-1][-2:] == [LineRead, Finished]


def test_lines_are_not_delivered_to_those_who_want_only_the_end(serving):
    serving.admit(encoded(page(DENSE)), Mode.PAGE, sends_lines=False)
    serving.pool.start()
    event = serving.events.get(timeout=30)
    assert isinstance(event, Finished)
    assert len(event.pages[0].lines) > 1
