"""The queue between admission and the workers: bounded, and fair among callers.

Each caller's jobs leave in the order they came, and callers take turns: somebody's hundred pages do not keep another's
single line waiting behind them.
"""

import threading
import time
from collections import OrderedDict, deque

from edgeocr.server.jobs import Job, QueueFull
from edgeocr.server.shared_page import SharedPage

_PACE_WEIGHT = 0.2
_LEAST_RETRY_SECONDS = 0.05
_MOST_RETRY_SECONDS = 30.0


class JobQueue:
    """Thread-safe; a cancelled job leaves it at once."""

    def __init__(self, most_images: int) -> None:
        self._most_images = most_images
        self._flows: OrderedDict[str, deque[Job]] = OrderedDict()
        self._pages: list[SharedPage] = []
        self._changed = threading.Condition()
        self._closed = False
        self._length = 0
        self._size_bytes = 0
        self._pace_seconds = 0.0
        self._left_at: float | None = None

    def put(self, job: Job) -> None:
        """Adds a job behind its flow's others.

        Raises:
            QueueFull: as many jobs as allowed wait already.
        """
        with self._changed:
            if self._length >= self._most_images:
                raise QueueFull(
                    f"{self._most_images} images are waiting, which is the limit (queue_images)", self._retry_seconds()
                )
            self._flows.setdefault(job.flow, deque()).append(job)
            self._length += 1
            self._size_bytes += job.size_bytes
            self._changed.notify()

    def share(self, page: SharedPage) -> None:
        """Offers a page's batches to workers for whom there is no job."""
        with self._changed:
            self._pages.append(page)
            self._changed.notify_all()

    def withdraw(self, page: SharedPage) -> None:
        """Ends the offer, if it was made."""
        with self._changed:
            if page in self._pages:
                self._pages.remove(page)

    def take(self) -> Job | SharedPage | None:
        """The oldest job of the flow whose turn it is, or else a page that needs help; None once the queue is closed.

        Waits until there is something.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._flows or self._page_in_need())
            if self._closed:
                return None
            if not self._flows:
                return self._page_in_need()
            flow = next(iter(self._flows))
            job = self._flows[flow][0]
            self._leave(job)
            if flow in self._flows:
                self._flows.move_to_end(flow)
            self._note_pace()
            return job

    def remove(self, job: Job) -> bool:
        """Takes a job out wherever it stands; False if a worker has it."""
        with self._changed:
            if job not in self._flows.get(job.flow, ()):
                return False
            self._leave(job)
            return True

    def _note_pace(self) -> None:
        """Keeps a moving average of the time between jobs that leave, while others wait."""
        now = time.monotonic()
        if self._left_at is not None:
            self._pace_seconds += _PACE_WEIGHT * (now - self._left_at - self._pace_seconds)
        self._left_at = now if self._length else None

    def _retry_seconds(self) -> float:
        """The time in which half of the queue leaves: room enough for those who come back then."""
        return min(max(self._pace_seconds * self._length / 2, _LEAST_RETRY_SECONDS), _MOST_RETRY_SECONDS)

    def _page_in_need(self) -> SharedPage | None:
        return next((page for page in self._pages if page.has_work()), None)

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
