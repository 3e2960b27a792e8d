"""The queue between admission and the workers: bounded, and fair among callers.

Callers take turns, and so do the streams of one caller among themselves; the jobs of each leave in the order they came.
Somebody's hundred pages do not keep another's single line waiting behind them. Turns alone would let a long row of one
caller wait for as long as others keep coming. Two rules bound that:

- A caller may hold no more places than it leaves free: half of the queue if nobody else waits, a third each if there
  are two, and so on. There is always room for one more caller (dynamic thresholds: Choudhury and Hahne, 1998).
- Later jobs go first only as often as leaves every job, from its admission on, no more departures to wait for than the
  queue has places. So an admitted job starts within the time that a full queue takes.

A document whose caller does not read what was read of it waits outside of the queue until that is sent, and a job that
a decoder process is at until that is done. Both count as ones that their callers have in the queue.

A job that has waited for longer than the queue may keep it is given up, and gets an error.

A job leaves only if what reading it takes fits into the memory budget; until then smaller ones go first, but not for
ever.
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
"""Between looks at whether a caller has caught up."""
_MOST_PASSED_OVER = 16
"""After so many jobs that went first, all others wait until there is room for the one that was passed over."""


def most_of_one_caller(most_images: int) -> int:
    """How many places of a queue a caller may hold while nobody else waits."""
    return (most_images + 1) // 2


class JobQueue:
    """Thread-safe; a cancelled job leaves it at once."""

    def __init__(self, most_images: int, budget: Budget, most_seconds: float = math.inf) -> None:
        """Takes how many jobs may wait, and for how long."""
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
        self._size_bytes = 0
        self._pace_seconds = 0.0
        self._left_at: float | None = None

    def put(self, job: Job) -> None:
        """Adds a job behind the others of its stream.

        Raises:
            QueueFull: as many jobs as allowed wait already.
            ShareFull: as many of its caller as allowed do.
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
        """Whether there is a place for one more of a caller's jobs now; costs microseconds.

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
        """A job that has its memory now, or else a page that needs help; None once the queue is closed.

        Jobs are the oldest of the stream whose turn it is, unless an older one can wait no longer. Waits until there is
        something. For a page, the memory of a batch is taken from the budget, and the caller gives it back.
        """
        with self._changed:
            while not self._closed:
                self._unpark()
                if (work := self._startable_job() or self._page_in_need()) is not None:
                    return work
                self._changed.wait(_LOOK_SECONDS if self._parked else None)
            return None

    def _unpark(self) -> None:
        """Has those wait in the queue again that workers can do something for; they were admitted long ago."""
        for job in [job for job in self._parked if job.cancelled or not job.is_waiting()]:
            self._leave_parked(job)
            self._enter(job, first=job.has_memory)

    def _startable_job(self) -> Job | None:
        passed_over = []
        for job in self._in_turn():
            # What comes too late takes no memory: its worker only says so.
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
        """The oldest job of each stream, in the order of their turns; first those without which an older one is late.

        Each caller's streams follow upon the first of every other caller.
        """
        urgent: set[Job] = set()
        if any(job.patience <= 0 for job in self._by_age):
            for job in self._by_age:
                urgent.add(job)
                if job.patience <= 0:
                    break
        rounds = zip_longest(*([jobs[0] for jobs in streams.values()] for streams in self._callers.values()))
        heads = [job for heads in rounds for job in heads if job is not None]
        # What has its memory already goes first of all: others may wait for that very memory.
        return sorted(heads, key=lambda head: (not head.has_memory, head not in urgent))

    def take_late(self) -> list[Job]:
        """Takes out all jobs whose deadline has passed, and those that have waited for too long."""
        with self._changed:
            late = [job for job in self._by_age if self._is_too_late(job)]
            for job in late:
                self._leave(job)
            parked = [job for job in self._parked if job.is_late()]
            for job in parked:
                self._leave_parked(job)
            return late + parked

    def _is_too_late(self, job: Job) -> bool:
        """Whether it is too late to start it; a document that has started, with pages to come, goes on."""
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
        """Takes a job out wherever it stands; False if a worker has it."""
        with self._changed:
            if job in self._parked:
                self._leave_parked(job)
                return True
            if job not in self._by_age:
                return False
            self._leave(job)
            return True

    def _note_pace(self) -> None:
        """Keeps a moving average of the time between jobs that leave, while others wait."""
        now = time.monotonic()
        if self._left_at is not None:
            self._pace_seconds += _PACE_WEIGHT * (now - self._left_at - self._pace_seconds)
        self._left_at = now if self._by_age else None

    def retry_seconds(self) -> float:
        """The time in which half of the queue leaves: room enough for those who come back then."""
        return min(max(self._pace_seconds * self.length() / 2, _LEAST_RETRY_SECONDS), _MOST_RETRY_SECONDS)

    def _page_in_need(self) -> SharedPage | None:
        page = next((page for page in self._pages if page.has_work()), None)
        return page if page is not None and page.begin_help(self._budget) else None

    def _look_again(self) -> None:
        # Every later arrival wakes a worker.
        if self._by_age or self._pages:
            with self._changed:
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
        """Lets every `take` return None; jobs still in it are never run."""
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
        """Jobs waiting."""
        return len(self._by_age) + sum(job.is_at_decoder() for job in self._parked)

    def size_bytes(self) -> int:
        """Bytes of the images waiting, as sent."""
        return self._size_bytes
