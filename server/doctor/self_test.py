"""Checks that must run on this machine: the sandbox of decoder processes, and the time to read an image."""

import time
from importlib.resources import files
from pathlib import Path

from edgeocr.model.errors import BadModel
from edgeocr.model.reading import load
from edgeocr.server.decoder.confinement import lacking, landlock_version
from edgeocr.server.doctor.report import Finding, Verdict

TEXT = "edgeocr reads 中文 and English, 8 bits at a time"
"""The text of the test image."""

_RUNS = 5


def confinement() -> Finding:
    """Checks whether decoder processes can be confined."""
    if missing := lacking():
        return Finding(
            "opening files",
            f"without {' and '.join(missing)}",
            Verdict.WARNING,
            "A file that takes over the process which opens it could reach what the server may: leave formats out "
            "(--media-types), or use a kernel with both (Linux 5.13), and a container that lets them through",
        )
    return Finding("opening files", f"behind a filter of system calls and Landlock {landlock_version()}")


def self_test(folder: Path) -> list[Finding]:
    """Loads and verifies the weights in a folder, and reads a page of one line on one thread."""
    started = time.perf_counter()
    try:
        reader = load(folder)
    except BadModel as error:
        return [
            Finding("weights", str(error), Verdict.FAILURE, "Reinstall edgeocr, or name other weights with --models")
        ]
    loading = time.perf_counter() - started
    manifest = reader.models.manifest
    names = "; ".join(file.name for file in manifest.main_files)
    source = files(__package__).joinpath("self_test.png").read_bytes()
    times, text = [], ""
    for _ in range(_RUNS):
        begun = time.perf_counter()
        (page,) = reader.read(source)
        times.append(time.perf_counter() - begun)
        text = page.text
    measured = f"a page of one line in {sorted(times)[_RUNS // 2] * 1e3:.1f} ms on one thread"
    right = "".join(text.split()) == "".join(TEXT.split())
    return [
        Finding("weights", f"{names}; checksums right, loaded in {loading:.1f} s"),
        Finding(
            "reading",
            "adaptive, accurate or fast"
            if manifest.fast_recogniser
            else "accurate: these weights have no fast recogniser",
        ),
        Finding("self-test", measured)
        if right
        else Finding("self-test", f"read {text!r} for {TEXT!r}", Verdict.FAILURE, "Report this with the whole output"),
    ]
