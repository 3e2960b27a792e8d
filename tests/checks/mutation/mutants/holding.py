"""Memory: what jobs, answers, uploads and files on disk hold, and when they let go of it."""

from tests.checks.mutation.mutant import Mutant

_BUDGET = "server/memory/budget.py"
_BUDGET_TESTS = tuple(f"tests/server/memory/test_{name}.py" for name in ("budget", "waiting_for_room", "growing_files"))
_BODY_TESTS = ("tests/server/http/test_bodies.py",)
_SPOOL_TESTS = ("tests/server/memory/test_spool.py",)
_SESSION = "server/scheduling/session.py"
_SESSION_TESTS = ("tests/server/scheduling/test_session.py",)

MUTANTS = (
    Mutant(
        "keeps the memory of a job that was dropped",
        "server/scheduling/job.py",
        "        self.waiting.release()\n        self.running.release()\n",
        "",
        ("tests/server/scheduling",),
    ),
    Mutant(
        "keeps the memory of an image as sent while it is read",
        "server/scheduling/job.py",
        "            self.waiting.resize(0)\n        self.source = None",
        "            pass\n        self.source = None",
        ("tests/server/scheduling/test_workers_under_pressure.py",),
    ),
    Mutant(
        "keeps any number of a document's pages",
        "server/scheduling/job.py",
        "        if self._pages_bytes > (most_bytes := self.answer.budget.most_bytes(Use.ANSWERING)):",
        "        if (most_bytes := self.answer.budget.most_bytes(Use.ANSWERING)) < 0:",
        ("tests/server/scheduling",),
    ),
    Mutant(
        "lets new weights in beside images without room",
        "server/lifecycle/reload.py",
        "        with self._budget.hold(Use.RUNNING, needed):",
        "        with self._budget.hold(Use.RUNNING, 0):",
        ("tests/server/lifecycle/test_reload.py",),
    ),
    Mutant(
        "draws any number of previews that nobody takes",
        "server/memory/previews.py",
        " or self._unsent >= _MOST_UNSENT:",
        ":",
        ("tests/server/memory/test_previews.py",),
    ),
    Mutant(
        "makes large previews without room for them",
        "server/memory/previews.py",
        " or not self._held.grow(making_bytes):",
        ":",
        ("tests/server/memory/test_previews.py",),
    ),
    Mutant(
        "opens a file whenever it looks at its memory",
        "server/host/memory.py",
        "@cache\ndef _statm",
        "def _statm",
        ("tests/server/host/test_memory.py",),
    ),
    Mutant(
        "takes files on disk for memory",
        _BUDGET,
        "sum(self._used.values()) - self._used[Use.SPOOLED]\n\n",
        "sum(self._used.values())\n\n",
        _SPOOL_TESTS,
    ),
    Mutant(
        "accounts for what somebody waited for who is gone",
        _BUDGET,
        "                    if not reservation.closed:\n                        self._change",
        "                    if True:\n                        self._change",
        _BUDGET_TESTS,
    ),
    Mutant(
        "keeps a file that was given up while it was written",
        "server/memory/upload.py",
        "        self._file = file if self._size_bytes else None\n",
        "        self._file = file\n",
        _SPOOL_TESTS,
    ),
    Mutant(
        "puts files on a disk that is none",
        "server/memory/spool.py",
        "    if reason:\n",
        "    if False:\n",
        _SPOOL_TESTS,
    ),
    Mutant(
        "counts a file on disk by its bytes alone",
        "server/memory/upload.py",
        "    held.least_bytes = 0 if spool is None else spool.least_bytes\n",
        "    held.least_bytes = 0\n",
        _SPOOL_TESTS,
    ),
    Mutant(
        "lets a decoder process change a file on disk",
        "model/files/contents.py",
        "os.O_RDONLY | os.O_CLOEXEC",
        "os.O_RDWR | os.O_CLOEXEC",
        ("tests/model/files/test_contents.py",),
    ),
    Mutant(
        "holds answers that are sent as they come until the end of their stream",
        _SESSION,
        "            entry.job.took(event)\n",
        "            pass\n",
        _SESSION_TESTS,
    ),
    Mutant(
        "keeps the memory of answers that were sent",
        _SESSION,
        "                entry.job.answer.release()\n",
        "                pass\n",
        _SESSION_TESTS,
    ),
    Mutant(
        "continues to work for callers that are gone",
        _SESSION,
        "                    self._admission.cancel(entry.job)\n",
        "                    pass\n",
        _SESSION_TESTS,
    ),
    Mutant(
        "answers images of a stream out of their order",
        _SESSION,
        "                if self.ordered and entry is not next(iter(self._open), None):",
        "                if False:",
        _SESSION_TESTS,
    ),
    Mutant(
        "takes any number of images of a stream at a time",
        _SESSION,
        "        while len(self._open) >= self._window_images:",
        "        while False:",
        _SESSION_TESTS,
    ),
    Mutant(
        "counts images twice that are refused",
        _SESSION,
        "        elif isinstance(event, Finished) and entry.outcome is None:",
        "        elif isinstance(event, Finished):",
        _SESSION_TESTS,
    ),
    Mutant(
        "keeps the memory of files whose options are wrong",
        _SESSION,
        "                held.release()\n",
        "                pass\n",
        _SESSION_TESTS,
    ),
    Mutant(
        "draws pages for callers that have had all answers",
        _SESSION,
        "            self.pictures.close()\n",
        "            pass\n",
        _SESSION_TESTS,
    ),
    Mutant(
        "accounts for one of the files of a form that come together",
        "server/http/bodies/parts.py",
        "    if lacking_bytes > 0:\n        await held.grow_within(lacking_bytes, ROOM_SECONDS)\n",
        "",
        _BODY_TESTS,
    ),
    Mutant(
        "forgets who has to make room while a chunk is taken",
        "server/http/bodies/chunks.py",
        "            if evicted:\n                # The upload",
        "            if not evicted and evicted:\n                # While",
        _BODY_TESTS,
    ),
    Mutant(
        "keeps what was held of a file that cannot be handed over",
        "server/grpc/chunked_image.py",
        "        finally:\n            self._held.release()\n            self._passing.release()",
        "        finally:\n            self._passing.release()",
        ("tests/server/grpc/test_stream.py",),
    ),
)
