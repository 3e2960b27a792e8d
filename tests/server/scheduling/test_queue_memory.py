"""Jobs leave the queue with their memory; what does not fit yet waits, but not for ever."""

import threading
import time

from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.sender import Sender
from tests.server.pool import waiting_job


def test_a_job_leaves_with_its_memory_and_gives_it_back_when_it_is_done(budget):
    queue = JobQueue(1, budget)
    queue.put(waiting_job(budget=budget, takes=500))
    taken = queue.take()
    assert budget.used_bytes()[Use.RUNNING] == 500
    taken.running.release()
    assert budget.used_bytes()[Use.RUNNING] == 0


def test_what_does_not_fit_now_lets_smaller_jobs_go_first_and_leaves_once_there_is_room(budget):
    queue = JobQueue(9, budget)
    most = budget.most_bytes(Use.RUNNING)
    large, larger, small = (
        waiting_job(budget=budget, takes=round(most * share), caller=str(share)) for share in (0.5, 0.9, 0.1)
    )
    for waiting in (large, larger, small):
        queue.put(waiting)
    assert [queue.take(), queue.take()] == [large, small]
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    small.running.release()
    waiting.join(0.1)
    assert taken == []
    large.running.release()
    waiting.join(5)
    assert taken == [larger]


def test_a_job_is_not_passed_over_for_ever(budget):
    queue = JobQueue(99, budget)
    most = budget.most_bytes(Use.RUNNING)
    running, large = waiting_job(budget=budget, takes=most // 2), waiting_job(budget=budget, takes=most, caller="large")
    queue.put(running)
    queue.take()
    queue.put(large)
    for number in range(50):
        queue.put(waiting_job(budget=budget, takes=1, caller=f"small {number}"))
    first = 0
    while large.passed_over < 16:
        queue.take().running.release()
        first += 1
    assert first == 16
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    waiting.join(0.1)
    assert taken == [], "all others wait now, though they would fit"
    running.running.release()
    waiting.join(5)
    assert taken == [large]


class _Decoder:
    """Is at work until it is told otherwise."""

    is_asked = True

    def __init__(self):
        self.works = True

    def is_waiting(self):
        return self.works

    def close(self):
        pass


def test_a_job_that_stepped_aside_comes_back_before_those_that_wait_for_its_memory(budget):
    queue, most = JobQueue(99, budget), budget.most_bytes(Use.RUNNING)
    aside = waiting_job(budget=budget, takes=most // 2)
    queue.put(aside)
    assert queue.take() is aside
    aside.decoder = _Decoder()
    aside.step_aside()
    queue.put(aside)
    large, small = waiting_job(caller="large", budget=budget, takes=most), waiting_job(caller="large", budget=budget)
    large.passed_over = 99
    for one in (large, small):
        queue.put(one)
    aside.decoder.works = False
    assert queue.take() is aside
    aside.drop()
    assert queue.take() is large


def test_a_late_job_leaves_without_memory(budget):
    queue = JobQueue(4, budget)
    running = waiting_job(budget=budget, takes=budget.most_bytes(Use.RUNNING))
    late = waiting_job(budget=budget, takes=budget.most_bytes(Use.RUNNING), deadline=time.monotonic())
    for waiting in (running, late):
        queue.put(waiting)
    assert [queue.take(), queue.take()] == [running, late]
    assert budget.used_bytes()[Use.RUNNING] == budget.most_bytes(Use.RUNNING)


def test_a_page_is_shared_only_with_who_has_memory_for_a_batch(budget):
    class Page:
        batch_bytes = budget.most_bytes(Use.RUNNING) // 2

        def has_work(self):
            return True

        def begin_help(self, budget):
            return budget.try_reserve(Use.RUNNING, self.batch_bytes) is not None

    queue, page = JobQueue(1, budget), Page()
    assert budget.try_reserve(Use.RUNNING, 1)
    queue.share(page)
    assert queue.take() is page
    waiting = threading.Thread(target=queue.take)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive(), "a second batch does not fit"
    queue.close()
    waiting.join(5)
    assert budget.used_bytes()[Use.RUNNING] == 1 + Page.batch_bytes


def test_a_call_that_waits_for_memory_keeps_no_other_call_of_its_caller_waiting(budget):
    queue = JobQueue(9, budget)
    most = budget.most_bytes(Use.RUNNING)
    for share in (0.6, 0.6, 0.1):
        queue.put(waiting_job(budget=budget, takes=round(most * share), caller="one", stream=Sender("one").stream))
    assert [round(queue.take().running.size_bytes / most, 1) for _ in range(2)] == [0.6, 0.1]
