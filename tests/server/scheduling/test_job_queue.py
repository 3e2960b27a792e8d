"""The queue: its places, its order, and how long a job may wait in it."""

import threading
import time

import pytest

from edgeocr.model.errors import Limit
from edgeocr.model.results import LineRead
from edgeocr.server.errors import Cancelled, DeadlineExceeded, QueueFull
from edgeocr.server.scheduling.backlog import MOST_LINES
from edgeocr.server.scheduling.queue import JobQueue
from tests.server.pool import waiting_job


def test_jobs_leave_in_the_order_they_came(budget):
    queue = JobQueue(6, budget)
    jobs = [waiting_job(), waiting_job(), waiting_job()]
    for one in jobs:
        queue.put(one)
    assert [queue.take() for _ in jobs] == jobs


def test_a_job_that_has_waited_for_as_long_as_it_may_is_given_up_with_the_limit(budget):
    queue = JobQueue(4, budget, most_seconds=60)
    old, new = waiting_job(), waiting_job()
    old.received -= 61
    for one in (old, new):
        queue.put(one)
    assert queue.take_late() == [old]
    assert old.refusal.limit.name == "queue_seconds"
    assert old.refusal.retry_seconds > 0
    assert queue.take() is new


def test_a_document_of_a_slow_caller_waits_outside_the_queue_until_it_has_caught_up(budget):
    queue = JobQueue(4, budget)
    slow, other = waiting_job(caller="slow"), waiting_job(caller="other")
    lines = [LineRead(0, 0, None)] * (MOST_LINES + 1)
    slow.backlog.add(lines)
    for one in (slow, other):
        queue.put(one)
    assert queue.length() == 1
    assert queue.take() is other
    taken = []
    taking = threading.Thread(target=lambda: taken.append(queue.take()), daemon=True)
    taking.start()
    assert not taken
    slow.backlog.take(lines[0])
    taking.join(10)
    assert taken == [slow]


def test_a_full_queue_names_its_limit(budget):
    queue = JobQueue(1, budget)
    queue.put(waiting_job())
    with pytest.raises(QueueFull, match=r"1 images are waiting, which is the limit \(queue_images\)") as refusal:
        queue.put(waiting_job())
    assert refusal.value.limit == Limit("queue_images", 1, 2)


def test_a_removed_job_frees_its_place_and_its_bytes(budget):
    queue = JobQueue(1, budget)
    first, second = waiting_job(b"12"), waiting_job(b"12345")
    queue.put(first)
    assert queue.size_bytes() == 2
    assert queue.remove(first)
    assert not queue.remove(first)
    queue.put(second)
    assert (queue.length(), queue.size_bytes()) == (1, 5)
    queue.take()
    assert (queue.length(), queue.size_bytes()) == (0, 0)


def test_closing_wakes_those_who_wait(budget):
    queue, taken = JobQueue(1, budget), []
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    queue.close()
    waiting.join(5)
    assert taken == [None]


def test_a_job_knows_when_going_on_is_useless():
    in_time, late, unwanted = (
        waiting_job(deadline=time.monotonic() + 60),
        waiting_job(deadline=time.monotonic()),
        waiting_job(),
    )
    unwanted.cancelled = True
    in_time.check()
    with pytest.raises(DeadlineExceeded):
        late.check()
    with pytest.raises(Cancelled):
        unwanted.check()


def test_late_jobs_can_be_taken_out_together(budget):
    queue = JobQueue(6, budget)
    jobs = [
        waiting_job(),
        waiting_job(b"12345", deadline=time.monotonic()),
        waiting_job(deadline=time.monotonic() + 60),
    ]
    for waiting in jobs:
        queue.put(waiting)
    assert queue.take_late() == [jobs[1]]
    assert (queue.length(), queue.size_bytes()) == (2, 8)


def test_a_job_knows_how_many_that_wait_are_older(budget):
    queue = JobQueue(6, budget)
    jobs = [waiting_job(), waiting_job(caller="other"), waiting_job()]
    for one in jobs:
        queue.put(one)
    assert [queue.ahead(one) for one in jobs] == [0, 1, 2]
    queue.take()
    assert [queue.ahead(one) for one in jobs] == [None, 0, 1]
