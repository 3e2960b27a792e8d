import random
import threading
import time

import pytest

from edgeocr.model.errors import Limit
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.memory_plan import Plan
from edgeocr.model.results import LineRead
from edgeocr.server.errors import Cancelled, DeadlineExceeded, QueueFull, ShareFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.backlog import MOST_LINES
from edgeocr.server.scheduling.queue import JobQueue, most_of_one_caller
from tests.server.pool import make_job

BUDGET_BYTES = 1_000_000


@pytest.fixture
def budget():
    return Budget(BUDGET_BYTES)


def job(data=b"1234", deadline=None, caller="client", budget=None, takes=0, stream=""):
    return make_job(
        budget or Budget(BUDGET_BYTES),
        caller=caller,
        stream=stream,
        source=EncodedImage(data),
        size_bytes=len(data),
        pixels=1,
        plan=Plan(1, takes, takes, takes),
        deadline=deadline,
        received=time.monotonic(),
    )


def test_jobs_leave_in_the_order_they_came(budget):
    queue = JobQueue(6, budget)
    jobs = [job(), job(), job()]
    for one in jobs:
        queue.put(one)
    assert [queue.take() for _ in jobs] == jobs


def test_a_job_that_has_waited_for_as_long_as_it_may_is_given_up_with_the_limit(budget):
    queue = JobQueue(4, budget, most_seconds=60)
    old, new = job(), job()
    old.received -= 61
    for one in (old, new):
        queue.put(one)
    assert queue.take_late() == [old]
    assert old.refusal.limit.name == "queue_seconds"
    assert old.refusal.retry_seconds > 0
    assert queue.take() is new


def test_a_document_whose_caller_is_slow_waits_beside_the_queue_until_it_has_caught_up(budget):
    queue = JobQueue(4, budget)
    slow, other = job(caller="slow"), job(caller="other")
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


def test_callers_take_turns_and_each_keeps_its_order(budget):
    queue = JobQueue(9, budget)
    many = [job(caller="many") for _ in range(4)]
    one, two = [job(caller="one")], [job(caller="two"), job(caller="two")]
    for waiting in (*many, *one, *two):
        queue.put(waiting)
    expected = [many[0], one[0], two[0], many[1], two[1], many[2], many[3]]
    assert [queue.take() for _ in expected] == expected


def test_streams_of_one_caller_share_its_turns_and_its_places(budget):
    queue = JobQueue(8, budget)
    mine = [job(stream=name) for name in ("a", "a", "b")]
    others = [job(caller="other") for _ in range(3)]
    for waiting in (*mine, *others):
        queue.put(waiting)
    expected = [mine[0], others[0], mine[2], others[1], mine[1], others[2]]
    assert [queue.take() for _ in expected] == expected
    for number in range(4):
        queue.put(job(stream=str(number)))
    with pytest.raises(ShareFull):
        queue.put(job(stream="another"))
    queue.put(job(caller="other"))


def test_documents_whose_caller_does_not_read_count_among_its_places(budget):
    queue = JobQueue(4, budget)
    unread = [job(), job()]
    for document in unread:
        document.backlog.add([LineRead(0, number, None) for number in range(2000)])
        queue.put(document)
    assert queue.length() == 0
    queue.check("other")
    for _ in range(2):
        queue.put(job(caller="other"))
    with pytest.raises(ShareFull):
        queue.put(job())
    assert queue.remove(unread[0])
    queue.put(job())


def test_a_full_queue_names_its_limit(budget):
    queue = JobQueue(1, budget)
    queue.put(job())
    with pytest.raises(QueueFull, match=r"1 images are waiting, which is the limit \(queue_images\)") as refusal:
        queue.put(job())
    assert refusal.value.limit == Limit("queue_images", 1, 2)


@pytest.mark.parametrize(("places", "alone"), [(1, 1), (2, 1), (3, 2), (8, 4), (9, 5)])
def test_a_caller_alone_may_hold_half_of_the_queue(budget, places, alone):
    queue = JobQueue(places, budget)
    for _ in range(alone):
        queue.put(job())
    with pytest.raises(QueueFull):
        queue.put(job())
    assert most_of_one_caller(places) == queue.length() == alone


def test_a_caller_with_its_share_is_refused_with_the_limit_and_others_still_find_room(budget):
    queue = JobQueue(8, budget)
    many = [job(caller="many") for _ in range(4)]
    for waiting in many:
        queue.put(waiting)
    with pytest.raises(ShareFull, match=r"4 images of this caller are waiting, and 4 .*\(caller_images\)") as refusal:
        queue.put(job(caller="many"))
    assert refusal.value.limit == Limit("caller_images", 4, 5)
    assert refusal.value.retry_seconds > 0
    one = job(caller="one")
    queue.put(one)
    assert [queue.take(), queue.take()] == [many[0], one]


def test_an_old_job_goes_before_newcomers_once_it_has_waited_for_as_many_as_there_are_places(budget):
    """Ever new callers, each of whose turn would come first."""
    queue = JobQueue(8, budget)
    many = [job(caller="many") for _ in range(4)]
    for waiting in many:
        queue.put(waiting)
    taken = []
    for number in range(0, 100, 2):
        for newcomer in (number, number + 1):
            queue.put(job(caller=f"newcomer {newcomer}"))
        taken += [queue.take(), queue.take()]
        if many[-1] in taken:
            break
    assert taken.index(many[-1]) + 1 <= 8
    assert [one for one in taken if one.caller == "many"] == many


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_nobody_waits_for_more_departures_than_there_are_places(budget, seed):
    chance, places = random.Random(seed), random.Random(seed).randint(1, 24)
    queue, departures, admitted, waits = JobQueue(places, budget), 0, {}, []
    for step in range(2000):
        if chance.random() < 0.7:
            name = chance.choice(["many", "few", f"newcomer {step}"])
            try:
                queue.put(waiting := job(caller=name))
            except QueueFull:
                continue
            admitted[waiting] = departures
        elif queue.length():
            departures += 1
            waits.append(departures - admitted.pop(queue.take()))
        if admitted and chance.random() < 0.02:
            gone = chance.choice(list(admitted))
            assert queue.remove(gone)
            del admitted[gone]
    assert max(waits) == places


def test_a_removed_job_frees_its_place_and_its_bytes(budget):
    queue = JobQueue(1, budget)
    first, second = job(b"12"), job(b"12345")
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


def test_a_job_tells_when_going_on_is_useless():
    in_time, late, unwanted = job(deadline=time.monotonic() + 60), job(deadline=time.monotonic()), job()
    unwanted.cancelled = True
    in_time.check()
    with pytest.raises(DeadlineExceeded):
        late.check()
    with pytest.raises(Cancelled):
        unwanted.check()


def test_a_job_leaves_with_its_memory_and_gives_it_back_when_it_is_done(budget):
    queue = JobQueue(1, budget)
    queue.put(job(budget=budget, takes=500))
    taken = queue.take()
    assert budget.used_bytes()[Use.RUNNING] == 500
    taken.running.release()
    assert budget.used_bytes()[Use.RUNNING] == 0


def test_what_does_not_fit_now_lets_smaller_jobs_go_first_and_leaves_once_there_is_room(budget):
    queue = JobQueue(9, budget)
    most = budget.most_bytes(Use.RUNNING)
    large, larger, small = (
        job(budget=budget, takes=round(most * share), caller=str(share)) for share in (0.5, 0.9, 0.1)
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
    running, large = job(budget=budget, takes=most // 2), job(budget=budget, takes=most, caller="large")
    queue.put(running)
    queue.take()
    queue.put(large)
    for number in range(50):
        queue.put(job(budget=budget, takes=1, caller=f"small {number}"))
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
    aside = job(budget=budget, takes=most // 2)
    queue.put(aside)
    assert queue.take() is aside
    aside.decoder = _Decoder()
    aside.step_aside()
    queue.put(aside)
    large, small = job(caller="large", budget=budget, takes=most), job(caller="large", budget=budget)
    large.passed_over = 99
    for one in (large, small):
        queue.put(one)
    aside.decoder.works = False
    assert queue.take() is aside
    aside.drop()
    assert queue.take() is large


def test_a_late_job_leaves_without_memory(budget):
    queue = JobQueue(4, budget)
    running = job(budget=budget, takes=budget.most_bytes(Use.RUNNING))
    late = job(budget=budget, takes=budget.most_bytes(Use.RUNNING), deadline=time.monotonic())
    for waiting in (running, late):
        queue.put(waiting)
    assert [queue.take(), queue.take()] == [running, late]
    assert budget.used_bytes()[Use.RUNNING] == budget.most_bytes(Use.RUNNING)


def test_late_jobs_can_be_taken_out_together(budget):
    queue = JobQueue(6, budget)
    jobs = [job(), job(b"12345", deadline=time.monotonic()), job(deadline=time.monotonic() + 60)]
    for waiting in jobs:
        queue.put(waiting)
    assert queue.take_late() == [jobs[1]]
    assert (queue.length(), queue.size_bytes()) == (2, 8)


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


def test_a_job_knows_how_many_that_wait_are_older(budget):
    queue = JobQueue(6, budget)
    jobs = [job(), job(caller="other"), job()]
    for one in jobs:
        queue.put(one)
    assert [queue.ahead(one) for one in jobs] == [0, 1, 2]
    queue.take()
    assert [queue.ahead(one) for one in jobs] == [None, 0, 1]
