import threading
import time

import pytest

from edgeocr.model.image import EncodedImage, Mode
from edgeocr.server.job_queue import JobQueue
from edgeocr.server.jobs import Cancelled, DeadlineExceeded, Job, QueueFull


def job(data=b"1234", deadline=None, flow="client"):
    return Job(flow, EncodedImage(data), Mode.LINE, len(data), 4, lambda event: None, deadline, time.monotonic())


def test_jobs_leave_in_the_order_they_came():
    queue = JobQueue(3)
    jobs = [job(), job(), job()]
    for one in jobs:
        queue.put(one)
    assert [queue.take() for _ in jobs] == jobs


def test_callers_take_turns_and_each_keeps_its_order():
    queue = JobQueue(9)
    many = [job(flow="many") for _ in range(4)]
    one, two = [job(flow="one")], [job(flow="two"), job(flow="two")]
    for waiting in (*many, *one, *two):
        queue.put(waiting)
    expected = [many[0], one[0], two[0], many[1], two[1], many[2], many[3]]
    assert [queue.take() for _ in expected] == expected


def test_a_full_queue_names_its_limit():
    queue = JobQueue(1)
    queue.put(job())
    with pytest.raises(QueueFull, match=r"1 images are waiting, which is the limit \(queue_images\)"):
        queue.put(job())


def test_a_removed_job_frees_its_place_and_its_bytes():
    queue = JobQueue(1)
    first, second = job(b"12"), job(b"12345")
    queue.put(first)
    assert queue.size_bytes() == 2
    assert queue.remove(first)
    assert not queue.remove(first)
    queue.put(second)
    assert (queue.length(), queue.size_bytes()) == (1, 5)
    queue.take()
    assert (queue.length(), queue.size_bytes()) == (0, 0)


def test_closing_wakes_those_who_wait():
    queue, taken = JobQueue(1), []
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    queue.close()
    waiting.join(5)
    assert taken == [None]


def test_a_job_tells_when_going_on_is_useless():
    in_time, late, unwanted = job(deadline=time.monotonic() + 60), job(deadline=time.monotonic()), job()
    unwanted.cancelled = True
    in_time.check()
    with pytest.raises(DeadlineExceeded):
        late.check()
    with pytest.raises(Cancelled):
        unwanted.check()
