"""A copy of the project in which one file at a time is changed, and tests run on it."""

import compileall
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.checks.mutation.mutant import Mutant

ROOT = Path(__file__).resolve().parents[3]
_PARTS = ("client", "edgeocr", "model", "proto", "server", "tests", "docs", "deploy", "setup.cfg", "Makefile")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "training", "*.egg-info")
_TEST_SECONDS = 60
"""Longest that one test may take: with some faults it would wait for ever."""
_RUN_SECONDS = 600
_NO_SUCH_TEST = 4
"""Pytest's exit code where it does not find what it is to run."""


@dataclass(frozen=True)
class Run:
    """How tests went: whether all passed, the first that did not, and how long they took."""

    passed: bool
    first_failure: str
    seconds: float


class Workshop:
    """The copy; its tests import it and nothing of the original."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for part in _PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, symlinks=True, ignore=_LEFT_OUT)
            else:
                shutil.copy2(ROOT / part, folder / part)
        compileall.compile_dir(folder, quiet=2)

    @contextmanager
    def with_fault(self, mutant: Mutant) -> Iterator[Self]:
        """Has the mutant's fault while the block runs."""
        path = self._folder / mutant.path
        status = path.stat()
        sound = path.read_bytes()
        path.write_text(mutant.applied(self._folder), "utf-8")
        try:
            yield self
        finally:
            path.write_bytes(sound)
            # So that what was compiled of it is used again.
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def run(self, tests: Sequence[str], likely: str | None = None) -> Run:
        """Runs tests until the first that fails, and before them one that is likely to, if it is still there."""
        if likely is not None and likely.startswith(tuple(tests)) and not (run := self._run([likely])).passed:
            return run
        return self._run(tests)

    def _run(self, tests: Sequence[str]) -> Run:
        command = [
            sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider",
            "--timeout", str(_TEST_SECONDS), *tests,
        ]  # fmt: skip
        environment = {
            **os.environ, "PYTHONPATH": str(self._folder), "PYTHONDONTWRITEBYTECODE": "1", "GRPC_VERBOSITY": "NONE",
        }  # fmt: skip
        begun = time.monotonic()
        try:
            done = subprocess.run(
                command,
                cwd=self._folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_RUN_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Run(False, "came to no end", time.monotonic() - begun)
        failures = [row for row in done.stdout.splitlines() if row.startswith(("FAILED tests/", "ERROR tests/"))]
        first = failures[0].partition(" ")[2].partition(" - ")[0] if failures else f"exit code {done.returncode}"
        if done.returncode == _NO_SUCH_TEST and all("::" in test for test in tests):
            return Run(True, "", time.monotonic() - begun)
        if done.returncode > 2:
            # No tests found, a wrong option: nothing that a fault does. It may have pytest end by a signal, though.
            raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return Run(done.returncode == 0, "" if done.returncode == 0 else first, time.monotonic() - begun)
