"""Priorities of threads, of which those that are not Python's are made by hand."""

import _thread
import os
import threading

import pytest

from edgeocr.server.host import threads


@pytest.fixture
def native():
    """The id of a thread that Python's own count does not know."""
    begun, end, found = threading.Event(), _thread.allocate_lock(), []

    def run():
        found.append(_thread.get_native_id())
        begun.set()
        with end:
            pass

    with end:
        _thread.start_new_thread(run, ())
        begun.wait()
        yield found[0]


def priority(task):
    return os.getpriority(os.PRIO_PROCESS, task)


def test_threads_without_python_code_come_last(native, tmp_path, monkeypatch):
    ended = 2**22 + 1
    for task in (native, threading.main_thread().native_id, threading.get_native_id(), ended):
        (tmp_path / str(task)).touch()
    monkeypatch.setattr(threads, "_TASKS", tmp_path)
    before = priority(0)
    threads.put_native_threads_last()
    assert priority(native) == min(before + 10, 19)
    assert priority(threading.get_native_id()) == priority(threading.main_thread().native_id) == before
