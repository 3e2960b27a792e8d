"""Gate: bytes that a client chose crash nothing, hang nothing, and cause no internal error, guided by coverage.

Corpora grow and finds are kept under build/fuzz; a find that was mended becomes a test beside the others.
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from tests.checks.fuzz import seeds
from tests.checks.proof.outcome import Check, Outcome, Scale

TITLE = "Fuzzing of what clients send"
FOLDER = Path("build/fuzz")
_TARGETS = ("image", "request", "stream", "chunks", "inference", "document", "opening", "http")
_HANG_SECONDS, _APART_HANG_SECONDS = 10, 60
"""Longer than this is a hang; what only decoder processes do is ended there by their own limit."""
_DONE = re.compile(r"Done (\d+) (?:runs )?in (\d+) second")
_COVERED = re.compile(r"cov: (\d+)")


def run(scale: Scale) -> Outcome:
    """Fuzzes each target for so many seconds, then one with a mistake planted in it."""
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
    corpus, finds = folder / "corpus", folder / "finds"
    finds.mkdir(parents=True, exist_ok=True)
    seeds.write(target, corpus)
    before = set(finds.iterdir())
    hang_seconds = _APART_HANG_SECONDS if target == "opening" else _HANG_SECONDS
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.checks.fuzz", target, str(corpus)),
            *(f"-max_total_time={seconds}", f"-timeout={hang_seconds}", "-rss_limit_mb=2048", "-max_len=8192"),
            f"-artifact_prefix={finds}/",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds + 120,
        check=False,
    )
    text = done.stdout.decode(errors="replace")
    (folder / "log").write_text(text)
    new = sorted(path.name for path in set(finds.iterdir()) - before)
    told = (
        f"{int(runs[1]):,} inputs, {(_COVERED.findall(text) or ['no'])[-1]} places reached"
        if (runs := _DONE.search(text))
        else f"ended with {done.returncode}: {', '.join(new) or 'see'} in {folder}"
    )
    return Check(f"{target}, {seconds} s", "no crash, no hang, no INTERNAL", told, done.returncode == 0 and not new)
