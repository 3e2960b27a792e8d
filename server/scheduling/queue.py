"""The queue between admission and the workers: bounded, and fair among callers.

Callers take turns, as do the streams of each caller; jobs of a stream start in order of arrival. So a caller's hundred
pages do not delay another's single line. With turns alone, a caller's long row could wait for as long as others keep
arriving. Two rules bound that:

- A caller may hold no more places than are free: half of the queue if no one else waits, a third each for two callers,
and so on. There is always room for another caller (dynamic thresholds: Choudhury and Hahne, 1998).
- The number of later jobs that may start before a job is bounded such that it waits for no more starts than the queue
has places. So an admitted job starts within the time that a full queue takes.

A document whose caller does not read its results waits outside the queue until they are sent, and a job at a decoder
process until that answers. Both count towards their callers' places.

A job that has waited longer than the limit ends with an error.

A job starts only if its memory fits into the budget; until then smaller jobs go first, a limited number of times.
"""

import math
import threading
import time
from collections import Counter, OrderedDict, deque
from itertools import takewhile, zip_longest

from edgeocr.model.errors import Limit
from edgeocr.server.errors import QueueFull, QueueTimeout, ShareFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.shared_page import SharedPage

_PACE_WEIGHT = 0.2
_LEAST_RETRY_SECONDS = 0.05
_MOST_RETRY_SECONDS = 30.0
_LOOK_SECONDS = 0.05
"""Interval of checks whether a caller has caught up."""
_MOST_PASSED_OVER = 16
"""After this number of smaller jobs, all others wait until there is room for the job that was passed over."""


def most_of_one_caller(most_images: int) -> int:
    """The number of places that a caller may hold while no one else waits."""
    return (most_images + 1) // 2


class JobQueue:
    """The queue of jobs; cancelled jobs leave it immediately. Thread-safe."""

    def __init__(self, most_images: int, budget: Budget, most_seconds: float = math.inf) -> None:
        """Takes the maximum number of waiting jobs, and the time limit of waiting."""
        self._most_images = most_images
        self._most_seconds = most_seconds
        self._budget = budget
        budget.on_release(self._look_again)
        self._callers: OrderedDict[str, OrderedDict[str, deque[Job]]] = OrderedDict()
        self._held: Counter[str] = Counter()
        self._by_age: dict[Job, None] = {}
        self._pages: list[SharedPage] = []
        self._parked: list[Job] = []
        self._changed = threading.Condition()
        self._closed = False
        self._lacks_memory = False
        self._size_bytes = 0
        self._pace_seconds = 0.0
        self._left_at: float | None = None

    def put(self, job: Job) -> None:
        """Adds a job after the others of its stream.

        Raises:
            QueueFull: the queue is full.
            ShareFull: its caller holds its whole share.
        """
        with self._changed:
            if job.is_waiting() and not job.cancelled:
                self._parked.append(job)
                self._held[job.caller] += 1
                self._changed.notify_all()
                return
            self.check(job.caller)
            self._enter(job)
            self._changed.notify()

    def _enter(self, job: Job, *, first: bool = False) -> None:
        job.patience = max(0, self._most_images - self.length() - 1)
        self._callers.setdefault(job.caller, OrderedDict()).setdefault(job.stream, deque())
        jobs = self._callers[job.caller][job.stream]
        (jobs.appendleft if first else jobs.append)(job)
        self._held[job.caller] += 1
        self._by_age[job] = None
        self._size_bytes += job.size_bytes

    def check(self, caller: str) -> None:
        """Checks that there is a place for another job of a caller; takes microseconds.

        Raises:
            QueueFull, ShareFull: as `put` would.
        """
        free = self._most_images - self.length()
        if free <= 0:
            raise QueueFull(
                f"{self._most_images} images are waiting, which is the limit (queue_images)",
                Limit("queue_images", self._most_images, self.length() + 1),
                self.retry_seconds(),
            )
        held = self._held[caller]
        if held >= free:
            raise ShareFull(
                f"{held} images of this caller are waiting, and {free} of the queue's {self._most_images} places "
                "are free; a caller may hold no more than it leaves free (caller_images)",
                Limit("caller_images", held, held + 1),
                self.retry_seconds(),
            )

    def share(self, page: SharedPage) -> None:
        """Offers a page's batches to idle workers."""
        with self._changed:
            self._pages.append(page)
            self._changed.notify_all()

    def withdraw(self, page: SharedPage) -> None:
        """Withdraws the offer, if it was made."""
        with self._changed:
            if page in self._pages:
                self._pages.remove(page)

    def take(self) -> Job | SharedPage | None:
        """Takes a job, with its memory reserved, or else a page that needs help; None after the queue is closed.

        Jobs are the oldest of the next stream, unless an older one can wait no longer. Blocks until there is work. For
        a page, the memory of a batch is reserved, which the caller releases.
        """
        with self._changed:
            while not self._closed:
                self._unpark()
                if (work := self._startable_job() or self._page_in_need()) is not None:
                    return work
                self._lacks_memory = bool(self._by_age) or self._page_with_work() is not None
                self._changed.wait(_LOOK_SECONDS if self._parked else None)
            return None

    def _unpark(self) -> None:
        """Returns jobs to the queue that workers can continue; they have been admitted before."""
        for job in [job for job in self._parked if job.cancelled or not job.is_waiting()]:
            self._leave_parked(job)
            self._enter(job, first=job.has_memory)

    def _startable_job(self) -> Job | None:
        passed_over = []
        for job in self._in_turn():
            # A late job needs no memory: its worker only ends it.
            if self._is_too_late(job) or job.takes_memory():
                break
            if job.passed_over >= _MOST_PASSED_OVER:
                return None
            passed_over.append(job)
        else:
            return None
        for waiting in passed_over:
            waiting.passed_over += 1
        for older in takewhile(lambda other: other is not job, self._by_age):
            older.patience -= 1
        self._leave(job)
        if (streams := self._callers.get(job.caller)) is not None:
            self._callers.move_to_end(job.caller)
            if job.stream in streams:
                streams.move_to_end(job.stream)
        self._note_pace()
        return job

    def _in_turn(self) -> list[Job]:
        """The oldest job of each stream, in the order of turns, after jobs that can wait no longer.

        Further streams of a caller come after the first of every other caller.
        """
        urgent: set[Job] = set()
        if any(job.patience <= 0 for job in self._by_age):
            for job in self._by_age:
                urgent.add(job)
                if job.patience <= 0:
                    break
        rounds = zip_longest(*([jobs[0] for jobs in streams.values()] for streams in self._callers.values()))
        heads = [job for heads in rounds for job in heads if job is not None]
        # Jobs that hold memory go first: others may wait for that memory.
        return sorted(heads, key=lambda head: (not head.has_memory, head not in urgent))

    def take_late(self) -> list[Job]:
        """Removes all jobs whose deadline has passed or that have waited too long."""
        with self._changed:
            late = [job for job in self._by_age if self._is_too_late(job)]
            for job in late:
                self._leave(job)
            parked = [job for job in self._parked if job.is_late()]
            for job in parked:
                self._leave_parked(job)
            return late + parked

    def _is_too_late(self, job: Job) -> bool:
        """Whether it is too late to start a job; a started document continues."""
        if job.is_late():
            return True
        if job.started is not None or time.monotonic() - job.received < self._most_seconds:
            return False
        job.refusal = job.refusal or QueueTimeout(
            f"no worker was free for {self._most_seconds:g} s, which is the limit (queue_seconds)",
            Limit("queue_seconds", self._most_seconds, round(job.queue_seconds(), 3)),
            self.retry_seconds(),
        )
        return True

    def remove(self, job: Job) -> bool:
        """Removes a job from any position; False if a worker has it."""
        with self._changed:
            if job in self._parked:
                self._leave_parked(job)
                return True
            if job not in self._by_age:
                return False
            self._leave(job)
            return True

    def _note_pace(self) -> None:
        """Updates the moving average of the time between starts while jobs wait."""
        now = time.monotonic()
        if self._left_at is not None:
            self._pace_seconds += _PACE_WEIGHT * (now - self._left_at - self._pace_seconds)
        self._left_at = now if self._by_age else None

    def retry_seconds(self) -> float:
        """Estimated time until half of the queue has drained, which leaves room for callers that return then."""
        return min(max(self._pace_seconds * self.length() / 2, _LEAST_RETRY_SECONDS), _MOST_RETRY_SECONDS)

    def _page_in_need(self) -> SharedPage | None:
        page = self._page_with_work()
        return page if page is not None and page.begin_help(self._budget) else None

    def _page_with_work(self) -> SharedPage | None:
        return next((page for page in self._pages if page.has_work()), None)

    def _look_again(self) -> None:
        # Every later arrival wakes a worker.
        if self._by_age or self._pages:
            with self._changed:
                if self._lacks_memory:
                    self._lacks_memory = False
                    self._changed.notify_all()

    def _leave(self, job: Job) -> None:
        streams = self._callers[job.caller]
        streams[job.stream].remove(job)
        if not streams[job.stream]:
            del streams[job.stream]
        if not streams:
            del self._callers[job.caller]
        del self._by_age[job]
        self._size_bytes -= job.size_bytes
        self._let_go(job)

    def _leave_parked(self, job: Job) -> None:
        self._parked.remove(job)
        self._let_go(job)

    def _let_go(self, job: Job) -> None:
        self._held[job.caller] -= 1
        if not self._held[job.caller]:
            del self._held[job.caller]

    def close(self) -> None:
        """Closes the queue: every `take` returns None, and remaining jobs are never run."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def ahead(self, job: Job) -> int | None:
        """The number of jobs in the queue that are older than one; None if that one is not waiting to start."""
        with self._changed:
            if job.started is not None or job not in self._by_age:
                return None
            return sum(1 for _ in takewhile(lambda other: other is not job, self._by_age))

    def length(self) -> int:
        """The number of waiting jobs."""
        return len(self._by_age) + sum(job.is_at_decoder() for job in self._parked)

    def size_bytes(self) -> int:
        """The total size of the waiting images, as sent."""
        return self._size_bytes
