"""Queue, jobs and workers."""

from tests.checks.mutation.mutant import Mutant

_QUEUE, _JOB, _WORKERS = "server/scheduling/queue.py", "server/scheduling/job.py", "server/scheduling/workers.py"
_QUEUE_TESTS = tuple(f"tests/server/scheduling/test_{name}.py" for name in ("job_queue", "queue_memory", "queue_turns"))
_PRESSURE_TESTS = ("tests/server/scheduling/test_workers_under_pressure.py",)
_WORKER_TESTS = ("tests/server/scheduling/test_workers.py",)

MUTANTS = (
    Mutant("queues without a bound", _QUEUE, "        if free <= 0:", "        if free <= -1_000_000:", _QUEUE_TESTS),
    Mutant(
        "has the calls of a caller wait for one another",
        "server/scheduling/sender.py",
        'field(default_factory=lambda: f"call {next(_NUMBERS)}")',
        '""',
        ("tests/server/scheduling/test_queue_memory.py",),
    ),
    Mutant(
        "lets a caller have all places of the queue",
        _QUEUE,
        "        if held >= free:",
        "        if held >= free + 1_000_000:",
        _QUEUE_TESTS,
    ),
    Mutant(
        "keeps images waiting for any time",
        _QUEUE,
        "time.monotonic() - job.received < self._most_seconds:",
        "time.monotonic() - job.received < self._most_seconds * 1e9:",
        _QUEUE_TESTS,
    ),
    Mutant(
        "lets later images go first for ever",
        _QUEUE,
        "        if any(job.patience <= 0 for job in self._by_age):",
        "        if False:",
        _QUEUE_TESTS,
    ),
    Mutant(
        "lets smaller images go first for ever",
        _QUEUE,
        "            if job.passed_over >= _MOST_PASSED_OVER:\n                return None\n",
        "",
        _QUEUE_TESTS,
    ),
    Mutant(
        "leaves late images in the queue",
        _QUEUE,
        "late = [job for job in self._by_age if self._is_too_late(job)]",
        "late: list[Job] = []",
        _QUEUE_TESTS,
    ),
    Mutant(
        "never takes up a document again whose caller was slow",
        _QUEUE,
        "if job.cancelled or not job.is_waiting()]:",
        "if job.cancelled]:",
        _QUEUE_TESTS,
    ),
    Mutant(
        "reads on for a caller who does not read",
        "server/scheduling/backlog.py",
        "        return self._lines > MOST_LINES",
        "        return False",
        _QUEUE_TESTS,
    ),
    Mutant(
        "reads on once a caller has gone",
        "server/scheduling/admission.py",
        "        job.cancelled = True\n",
        "",
        _WORKER_TESTS,
    ),
    Mutant(
        "reads on beyond the deadline",
        _JOB,
        "        if self.is_late():\n            raise DeadlineExceeded(",
        "        if False:\n            raise DeadlineExceeded(",
        (*_WORKER_TESTS, "tests/server/scheduling/test_jobs.py"),
    ),
    Mutant(
        "answers as if all was read when time ran out",
        _WORKERS,
        "            lines, partial = shared.lines(), True\n",
        "            lines, partial = shared.lines(), False\n",
        _PRESSURE_TESTS,
    ),
    Mutant(
        "answers a part of a page to those who want all",
        _WORKERS,
        "            if not (job.options.allow_partial and lines):",
        "            if not lines:",
        _PRESSURE_TESTS,
    ),
    Mutant(
        "loses a worker to what nobody expected",
        _WORKERS,
        "        except Exception:\n            # No exception is expected here",
        "        except ZeroDivisionError:\n            # Nothing is expected here",
        _WORKER_TESTS,
    ),
    Mutant(
        "keeps the memory of a batch that a worker helped with",
        _WORKERS,
        "            page.end_help()",
        "            pass",
        _WORKER_TESTS,
    ),
    Mutant(
        "keeps pages on offer that are read",
        _WORKERS,
        "            self._queue.withdraw(shared)\n",
        "            pass\n",
        _WORKER_TESTS,
    ),
    Mutant(
        "reads other weights for what was begun with the old ones",
        _WORKERS,
        "reader if reader.models is page.models else self._reader(page.models)",
        "reader",
        _WORKER_TESTS,
    ),
    Mutant(
        "takes a moment without descriptors for a bug",
        "model/errors.py",
        " or (isinstance(error, OSError) and error.errno in _NOTHING_LEFT):",
        ":",
        ("tests/server/scheduling/test_documents.py",),
    ),
)
