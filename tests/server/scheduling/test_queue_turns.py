"""Callers take turns, and each of them, and its streams together, may hold only a share of the places."""

import random

import pytest

from edgeocr.model.errors import Limit
from edgeocr.model.results import LineRead
from edgeocr.server.errors import QueueFull, ShareFull
from edgeocr.server.scheduling.queue import JobQueue, most_of_one_caller
from tests.server.pool import waiting_job


def test_callers_take_turns_and_each_keeps_its_order(budget):
    queue = JobQueue(9, budget)
    many = [waiting_job(caller="many") for _ in range(4)]
    one, two = [waiting_job(caller="one")], [waiting_job(caller="two"), waiting_job(caller="two")]
    for waiting in (*many, *one, *two):
        queue.put(waiting)
    expected = [many[0], one[0], two[0], many[1], two[1], many[2], many[3]]
    assert [queue.take() for _ in expected] == expected


def test_streams_of_one_caller_share_its_turns_and_its_places(budget):
    queue = JobQueue(8, budget)
    mine = [waiting_job(stream=name) for name in ("a", "a", "b")]
    others = [waiting_job(caller="other") for _ in range(3)]
    for waiting in (*mine, *others):
        queue.put(waiting)
    expected = [mine[0], others[0], mine[2], others[1], mine[1], others[2]]
    assert [queue.take() for _ in expected] == expected
    for number in range(4):
        queue.put(waiting_job(stream=str(number)))
    with pytest.raises(ShareFull):
        queue.put(waiting_job(stream="another"))
    queue.put(waiting_job(caller="other"))


def test_documents_whose_caller_does_not_read_count_among_its_places(budget):
    queue = JobQueue(4, budget)
    unread = [waiting_job(), waiting_job()]
    for document in unread:
        document.backlog.add([LineRead(0, number, None) for number in range(2000)])
        queue.put(document)
    assert queue.length() == 0
    queue.check("other")
    for _ in range(2):
        queue.put(waiting_job(caller="other"))
    with pytest.raises(ShareFull):
        queue.put(waiting_job())
    assert queue.remove(unread[0])
    queue.put(waiting_job())


@pytest.mark.parametrize(("places", "alone"), [(1, 1), (2, 1), (3, 2), (8, 4), (9, 5)])
def test_a_caller_alone_may_hold_half_of_the_queue(budget, places, alone):
    queue = JobQueue(places, budget)
    for _ in range(alone):
        queue.put(waiting_job())
    with pytest.raises(QueueFull):
        queue.put(waiting_job())
    assert most_of_one_caller(places) == queue.length() == alone


def test_a_caller_with_its_share_is_refused_with_the_limit_and_others_still_find_room(budget):
    queue = JobQueue(8, budget)
    many = [waiting_job(caller="many") for _ in range(4)]
    for waiting in many:
        queue.put(waiting)
    with pytest.raises(ShareFull, match=r"4 images of this caller are waiting, and 4 .*\(caller_images\)") as refusal:
        queue.put(waiting_job(caller="many"))
    assert refusal.value.limit == Limit("caller_images", 4, 5)
    assert refusal.value.retry_seconds > 0
    one = waiting_job(caller="one")
    queue.put(one)
    assert [queue.take(), queue.take()] == [many[0], one]


def test_an_old_job_goes_before_newcomers_once_it_has_waited_for_as_many_as_there_are_places(budget):
    """Ever new callers, each of whose turn would come first."""
    queue = JobQueue(8, budget)
    many = [waiting_job(caller="many") for _ in range(4)]
    for waiting in many:
        queue.put(waiting)
    taken = []
    for number in range(0, 100, 2):
        for newcomer in (number, number + 1):
            queue.put(waiting_job(caller=f"newcomer {newcomer}"))
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
                queue.put(waiting := waiting_job(caller=name))
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
