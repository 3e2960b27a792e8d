"""Who gets a decoder process where there are fewer than files: shares, turns, and files that are displaced."""

import gc
import os
import time

import pytest

from edgeocr.model.files.contents import StoredFile
from edgeocr.model.files.opening.requests import CountPages, DecodeImage, DrawPage
from edgeocr.server.decoder.job_decoder import Waiting
from edgeocr.server.errors import TooSlow
from tests.server.decoder.pools import BOOK, MEBIBYTE
from tests.support.files import hostile

pytestmark = pytest.mark.slow


def test_a_worker_is_kept_for_a_moment_only_and_asks_again(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.1)
    decoder = pool.decoder(memory_bytes=200 * MEBIBYTE)
    request, data = DecodeImage("image/jpeg", 2000, 1000), hostile.scans_jpeg(2000, 1000, 400)
    with pytest.raises(Waiting):
        decoder.decode(request, data)
    assert decoder.is_at_work
    while decoder.is_waiting():
        time.sleep(0.01)
    assert decoder.decode(request, data).pixels.shape == (1000, 2000, 1)
    assert not decoder.is_at_work


def test_a_caller_leaves_one_process_to_others(pool):
    mine, next_one = pool.decoder("me"), pool.decoder("me")
    with pytest.raises(Waiting):
        mine.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    with pytest.raises(Waiting):
        next_one.decode(CountPages(), BOOK)
    assert next_one.is_waiting()
    assert not next_one.is_at_work
    assert pool.ask(CountPages(), BOOK, caller="you").answer == 2
    mine.close()
    assert not next_one.is_waiting()
    assert pool.ask(CountPages(), BOOK, caller="me").answer == 2
    assert pool.restarts == ["abandoned"]


def test_a_caller_without_a_process_displaces_the_longest_file_which_is_begun_again(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._FAIR_SECONDS", 0.1)
    slow, request = hostile.dense_pattern_pdf(), DrawPage(0, 1700, 2200)
    one, other = pool.decoder("one"), pool.decoder("other")
    for decoder in (one, other):
        with pytest.raises(Waiting):
            decoder.decode(request, slow)
    assert pool.ask(CountPages(), BOOK, caller="you").answer == 2
    assert pool.restarts == ["displaced"]
    assert not one.is_waiting()
    with pytest.raises(Waiting):
        one.decode(request, slow)
    assert not one.is_at_work
    while one.is_waiting():
        time.sleep(0.01)
    with pytest.raises(Waiting):
        one.decode(request, slow)
    assert one.is_at_work
    one.close()
    other.close()


def test_a_stream_takes_the_place_of_its_callers_other_file_that_takes_long(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._FAIR_SECONDS", 0.1)
    decoder = pool.decoder("one", "first")
    with pytest.raises(Waiting):
        decoder.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    assert pool.ask(CountPages(), BOOK, caller="one", stream="second").answer == 2
    assert pool.restarts == ["displaced"]


def test_a_file_that_is_displaced_too_often_takes_too_long(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.05)
    decoder, slow = pool.decoder("one"), (DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    for _ in range(2):
        with pytest.raises(Waiting):
            decoder.decode(*slow)
        pool._busy[0].displace()
        with pytest.raises(Waiting):
            decoder.decode(*slow)
    with pytest.raises(Waiting):
        decoder.decode(*slow)
    pool._busy[0].displace()
    with pytest.raises(TooSlow, match="while others wait"):
        decoder.decode(*slow)


def test_a_file_that_is_displaced_is_kept_by_nothing(pool, tmp_path):
    file = StoredFile(os.open(tmp_path, os.O_TMPFILE | os.O_RDWR))
    file.append(hostile.dense_pattern_pdf())
    descriptors = len(os.listdir("/proc/self/fd"))
    gc.disable()
    try:
        decoder = pool.decoder("one")
        with pytest.raises(Waiting):
            decoder.decode(DrawPage(0, 1700, 2200), file)
        pool._busy[0].displace()
        with pytest.raises(Waiting):
            decoder.decode(DrawPage(0, 1700, 2200), file)
        del file
        assert len(os.listdir("/proc/self/fd")) == descriptors - 1
    finally:
        gc.enable()


def test_a_document_keeps_its_process_between_what_it_is_asked(pool):
    assert pool.ask(CountPages(), BOOK, caller="one", stream="first").answer == 2
    assert not pool.has_room("one", "second")
    assert pool.has_room("one", "first")
    assert pool.has_room("another", "")
    assert pool.ask(DrawPage(0, 40, 20), BOOK, caller="one", stream="first").answer is None
    assert pool.has_room("one", "second")


def test_a_process_that_nothing_more_is_asked_of_is_not_kept_for_long(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.pool._KEPT_SECONDS", 0.05)
    pool.ask(CountPages(), BOOK, caller="one", stream="first")
    assert pool.ask(CountPages(), BOOK, caller="one", stream="second").answer == 2
    assert pool.count() == 1


def test_a_caller_that_displaces_a_file_has_its_place(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._FAIR_SECONDS", 0.1)
    slow, second, third = (pool.decoder("one", name) for name in ("first", "second", "third"))
    with pytest.raises(Waiting):
        slow.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    # Its time begins once its process has started, which takes as long as the machine has others to serve.
    while not pool._busy[0].may_be_displaced():
        slow.is_waiting()
        time.sleep(0.01)
    with pytest.raises(Waiting):
        second.decode(CountPages(), BOOK)
    assert pool.restarts == ["displaced"]
    with pytest.raises(Waiting):
        third.decode(CountPages(), BOOK)
    with pytest.raises(Waiting):
        second.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    assert second.is_at_work
    second.close()


def test_a_file_that_takes_long_runs_behind_the_server_whatever_its_own_priority(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 3.0)
    decoder = pool.decoder()
    with pytest.raises(Waiting):
        decoder.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    own = os.getpriority(os.PRIO_PROCESS, 0)
    while (behind := os.getpriority(os.PRIO_PROCESS, pool._busy[0].process.pid)) == own < 19:
        decoder.is_waiting()
        time.sleep(0.01)
    assert behind == min(own + 10, 19)
    decoder.close()


def test_a_displaced_file_waits_behind_first_requests_but_not_for_ever(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._BEHIND_SECONDS", 0.6)
    monkeypatch.setattr("edgeocr.server.decoder.pool._NEW_SECONDS", 9.0)
    slow = pool.decoder("one", "first")
    with pytest.raises(Waiting):
        slow.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    assert not pool.has_room("one", "second")
    pool._busy[0].displace()
    with pytest.raises(Waiting):
        slow.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    assert slow.is_waiting()
    assert pool.has_room("one", "second")
    until = time.monotonic() + 20
    while slow.is_waiting():
        assert time.monotonic() < until
        time.sleep(0.01)
    slow.close()
