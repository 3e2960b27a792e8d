"""Line images that wait at the same time and are as wide are read in one run, and share nothing else."""

import threading

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.server.jobs import Finished
from edgeocr.server.workers import Reader
from tests.rendering import encoded, page
from tests.server.pool import Serving

WORDS = ("Alpha", "Bravo", "Delta")


def wide(text, width=320):
    return encoded(page([(text, (6, 6))], width=width, height=48))


@pytest.fixture
def runs(monkeypatch):
    """How many lines each run of the recogniser had that several images might share."""
    seen, read_together = [], Reader.read_together

    def counted(self, sheets, traces):
        seen.append(len(sheets))
        return read_together(self, sheets, traces)

    monkeypatch.setattr(Reader, "read_together", counted)
    return seen


def texts(serving, count):
    done = [serving.finished() for _ in range(count)]
    return [one.pages[0].text.strip() if one.error is None else str(one.error.code) for one in done]


def test_two_that_wait_are_read_in_one_run_and_each_has_its_own_text(serving, runs):
    jobs = [serving.admit(wide(word), flow=word) for word in WORDS]
    serving.pool.start()
    assert texts(serving, 3) == list(WORDS)
    assert runs == [2]
    assert [job.trace.batches for job in jobs] == [[2], [], [1]]
    assert set(serving.budget.used_bytes().values()) == {0}


def test_those_of_another_width_wait_for_their_own_run(serving, runs):
    jobs = [serving.admit(wide(word, width)) for word, width in zip(WORDS, (320, 640, 960), strict=True)]
    serving.pool.start()
    assert texts(serving, 3) == list(WORDS)
    assert runs == []
    assert [job.trace.batches for job in jobs] == [[1], [1], [1]]


def test_one_that_is_broken_fails_alone(serving):
    broken = bytearray(wide(WORDS[0]))
    pixels = broken.index(b"IDAT") + 4
    broken[pixels : pixels + 2] = b"\xff\xff"
    serving.admit(bytes(broken), flow="broken")
    serving.admit(wide(WORDS[1]), flow="fine")
    serving.pool.start()
    assert texts(serving, 2) == [InvalidInput.code, WORDS[1]]


@pytest.mark.parametrize("place", [0, 1])
def test_one_that_is_cancelled_between_its_steps_leaves_the_other_to_be_read(serving, monkeypatch, place):
    jobs = [serving.admit(wide(word), flow=word) for word in WORDS[:2]]
    decode = Reader.decode

    def cancelling(self, source, *others):
        if source is kept[place]:
            jobs[place].cancelled = True
        return decode(self, source, *others)

    kept = [job.source for job in jobs]
    monkeypatch.setattr(Reader, "decode", cancelling)
    serving.pool.start()
    found = texts(serving, 2)
    assert sorted(found) == sorted(["CANCELLED", WORDS[1 - place]])


def test_where_the_run_fails_each_is_read_alone(serving, monkeypatch):
    def failing(self, sheets, traces):
        raise MemoryError

    monkeypatch.setattr(Reader, "read_together", failing)
    for word in WORDS[:2]:
        serving.admit(wide(word), flow=word)
    serving.pool.start()
    assert texts(serving, 2) == list(WORDS[:2])


def test_a_worker_that_waits_gets_the_second_one_for_itself(models):
    serving = Serving(models, workers=2)
    serving.pool.start()
    while serving.queue.idle() < 2:
        threading.Event().wait(0.001)
    first, second = (serving.admit(wide(word), flow=word) for word in WORDS[:2])
    assert sorted(texts(serving, 2)) == sorted(WORDS[:2])
    assert [first.trace.batches, second.trace.batches] == [[1], [1]]
    serving.queue.close()


def test_what_takes_one_answer_may_fail_and_the_other_comes(serving):
    lost = serving.admit(wide(WORDS[0]), flow="lost")
    lost.deliver = lambda *events: 1 / 0
    serving.admit(wide(WORDS[1]), flow="kept")
    serving.pool.start()
    event = serving.events.get(timeout=30)
    while not isinstance(event, Finished):
        event = serving.events.get(timeout=30)
    assert event.pages[0].text == WORDS[1]
