"""Threads of this process that no Python code runs in, such as those of gRPC that move bytes."""

import os
import threading
from contextlib import suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")
_NICER = 10
_MOST_NICE = 19


def put_native_threads_last() -> None:
    """Has them, and those that they start, take the processor after the threads that run Python code.

    Where processors are short, bytes would otherwise arrive faster than the event loop can look at how many there are.
    """
    of_python = {thread.native_id for thread in threading.enumerate()}
    nice = min(os.getpriority(os.PRIO_PROCESS, 0) + _NICER, _MOST_NICE)
    for task in map(int, os.listdir(_TASKS)):
        if task not in of_python:
            # It may have ended, or be as nice already.
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, task, nice)
