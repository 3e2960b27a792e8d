"""Gate: no bytes from a client cause a crash, a hang or an internal error; fuzzing is guided by coverage.

Corpora and finds are kept under build/fuzz; a test is added for each find that was fixed.
"""

import importlib.util
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.checks.fuzz import seeds
from tests.checks.fuzz.opening import is_within_limits
from tests.checks.proof.outcome import Check, Outcome, Scale

TITLE = "Fuzzing of what clients send"
FOLDER = Path("build/fuzz")
_TARGETS = ("image", "request", "stream", "chunks", "inference", "document", "opening", "http")
_HANG_SECONDS, _APART_HANG_SECONDS = 10, 60
"""Longer than this is a hang; decoder processes are ended by their own limit."""
_INPUTS = re.compile(r"^(?:#|Done )(\d+)\b", re.MULTILINE)
_COVERED = re.compile(r"cov: (\d+)")


def run(scale: Scale) -> Outcome:
    """Fuzzes each target for some seconds, then one with a planted fault."""
    outcome = Outcome()
    if importlib.util.find_spec("atheris") is None:
        return Outcome(skipped="atheris is not installed: it has no release for this Python or processor")
    seconds = round(scale.load_seconds(1200, 8))
    outcome.checks = [_fuzz(target, seconds) for target in _TARGETS]
    planted = _fuzz("planted", max(20, min(seconds, 60)))
    outcome.expect("planted", [planted], planted.name)
    return outcome


def _fuzz(target: str, seconds: int) -> Check:
    folder = FOLDER / target
    corpus, finds, costly = folder / "corpus", folder / "finds", folder / "costly"
    finds.mkdir(parents=True, exist_ok=True)
    costly.mkdir(exist_ok=True)
    seeds.write(target, corpus)
    (folder / "log").unlink(missing_ok=True)
    end, inputs, stopped = time.monotonic() + seconds, 0, 0
    before = set(finds.iterdir())
    while True:
        done, text = _fuzz_on(target, corpus, finds, max(1, round(end - time.monotonic())))
        with (folder / "log").open("a") as log:
            log.write(text)
        new = set(finds.iterdir()) - before
        inputs += max((int(number) for number in _INPUTS.findall(text)), default=0)
        if target != "opening" or not new or not all(map(_is_only_costly, new)):
            break
        # libFuzzer stops there, but a decoder process would be ended by its limits: that is no find.
        for path in new:
            path.rename(costly / path.name)
        stopped += len(new)
        if time.monotonic() >= end - 1:
            done, new = 0, set()
            break
    names = ", ".join(sorted(path.name for path in new)) or "see"
    kept = f"{inputs:,} inputs, {(_COVERED.findall(text) or ['no'])[-1]} places reached"
    kept += f", {stopped} beyond a decoder process's limits" if stopped else ""
    found = kept if done == 0 else f"ended with {done}: {names} in {folder}"
    passed = done == 0 and not new and inputs > 0
    return Check(f"{target}, {seconds} s", "no crash, no hang, no INTERNAL", found, passed)


def _fuzz_on(target: str, corpus: Path, finds: Path, seconds: int) -> tuple[int, str]:
    hang_seconds, most_mib = (_APART_HANG_SECONDS, 1024) if target == "opening" else (_HANG_SECONDS, 2048)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.checks.fuzz", target, str(corpus)),
            *(f"-max_total_time={seconds}", f"-timeout={hang_seconds}", f"-rss_limit_mb={most_mib}", "-max_len=8192"),
            f"-artifact_prefix={finds}/",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds + 120,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


def _is_only_costly(find: Path) -> bool:
    return find.name.startswith("oom-") and is_within_limits(find.read_bytes())
