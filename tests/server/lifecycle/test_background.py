import asyncio
import threading
import time

import pytest

from edgeocr.server.lifecycle import background
from edgeocr.server.lifecycle.background import Background


@pytest.fixture
async def tasks(monkeypatch):
    monkeypatch.setattr(background, "_PAUSE_SECONDS", 0.01)
    ended = asyncio.Event()
    value = Background(ended.set)
    value.ended = ended
    yield value
    await value.stop()


async def test_a_task_goes_on_after_a_round_that_failed_and_logs_it(tasks, caplog):
    rounds, twice = [], asyncio.Event()

    async def fail_once():
        await asyncio.sleep(0)
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise OSError(24, "Too many open files")
        twice.set()

    tasks.repeat("the task of this test", fail_once)
    await asyncio.wait_for(twice.wait(), 5)
    assert "the task of this test failed, and continues" in caplog.text
    assert "Too many open files" in caplog.text
    assert not tasks.ended.is_set()


async def test_what_fails_at_once_leaves_the_loop_to_others(tasks):
    rounds = []

    async def fail():
        rounds.append(1)
        raise ValueError("always")

    tasks.repeat("failing", fail)
    await asyncio.sleep(0.1)
    assert 1 < len(rounds) < 15


async def test_a_task_that_ends_ends_the_server(tasks, caplog):
    async def end():
        raise asyncio.CancelledError

    tasks.repeat("the task of this test", end)
    await asyncio.wait_for(tasks.ended.wait(), 5)
    assert "the task of this test ended, without which the server cannot continue" in caplog.text


async def test_tasks_that_are_stopped_are_no_fault(tasks, caplog):
    tasks.repeat("waiting", asyncio.Event().wait)
    await asyncio.sleep(0)
    await tasks.stop()
    assert not tasks.ended.is_set()
    assert not caplog.records


async def test_threads_are_there_from_the_start_and_none_is_added():
    await background.start_threads()
    before = threading.active_count()
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(20)))
    assert threading.active_count() == before
