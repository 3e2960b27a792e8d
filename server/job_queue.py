"""The queue between admission and the workers: bounded, and fair among callers.

Each caller's jobs leave in the order they came, and callers take turns: somebody's hundred pages do not keep another's
single line waiting behind them.
"""

import threading
from collections import OrderedDict, deque

from edgeocr.server.jobs import Job, QueueFull


class JobQueue:
    """Thread-safe; a cancelled job leaves it at once."""

    def __init__(self, most_images: int) -> None:
        self._most_images = most_images
        self._flows: OrderedDict[str, deque[Job]] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False
        self._length = 0
        self._size_bytes = 0

    def put(self, job: Job) -> None:
        """Adds a job behind its flow's others.

        Raises:
            QueueFull: as many jobs as allowed wait already.
        """
        with self._changed:
            if self._length >= self._most_images:
                raise QueueFull(f"{self._most_images} images are waiting, which is the limit (queue_images)")
            self._flows.setdefault(job.flow, deque()).append(job)
            self._length += 1
            self._size_bytes += job.size_bytes
            self._changed.notify()

    def take(self) -> Job | None:
        """The oldest job of the flow whose turn it is, once there is one; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._flows or self._closed)
            if self._closed:
                return None
            flow = next(iter(self._flows))
            job = self._flows[flow][0]
            self._leave(job)
            if flow in self._flows:
                self._flows.move_to_end(flow)
            return job

    def remove(self, job: Job) -> bool:
        """Takes a job out wherever it stands; False if a worker has it."""
        with self._changed:
            if job not in self._flows.get(job.flow, ()):
                return False
            self._leave(job)
            return True

    def _leave(self, job: Job) -> None:
        jobs = self._flows[job.flow]
        jobs.remove(job)
        if not jobs:
            del self._flows[job.flow]
        self._length -= 1
        self._size_bytes -= job.size_bytes

    def close(self) -> None:
        """Lets every `take` return None; jobs still in it are never run."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def length(self) -> int:
        """Jobs waiting."""
        return self._length

    def size_bytes(self) -> int:
        """Bytes of the images waiting, as sent."""
        return self._size_bytes
