"""Native threads of this process, such as gRPC's, which transfer bytes."""

import os
import threading
from contextlib import suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")
_NICER = 10
_MOST_NICE = 19


def put_native_threads_last() -> None:
    """Gives them, and threads that they start, a lower priority than threads that run Python code.

    With few processors, bytes would otherwise arrive faster than the event loop can account for them.
    """
    of_python = {thread.native_id for thread in threading.enumerate()}
    nice = min(os.getpriority(os.PRIO_PROCESS, 0) + _NICER, _MOST_NICE)
    for task in map(int, os.listdir(_TASKS)):
        if task not in of_python:
            # The thread may have ended, or have this niceness already.
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, task, nice)
