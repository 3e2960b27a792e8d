"""Reads a picture that comes with the server, and says how long that took."""

import time
from importlib.resources import files
from pathlib import Path

from edgeocr.model.errors import BadModel
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import LineRead
from edgeocr.model.timing import Trace
from edgeocr.server.doctor.report import Finding, Verdict

TEXT = "edgeocr reads 中文 and English, 8 bits at a time"
"""What is on the picture."""

_RUNS = 5


def self_test(folder: Path) -> list[Finding]:
    """Loads a folder's weights, whose checksums are checked on the way, and reads a page of one line on one thread."""
    started = time.perf_counter()
    try:
        models = Models.load(folder)
    except BadModel as error:
        return [Finding("weights", str(error), Verdict.FAILURE, "Install edgeocr anew, or name others: --models")]
    loading = time.perf_counter() - started
    names = f"{models.manifest.recogniser.file.name}; {models.manifest.detector.file.name}"
    source = EncodedImage(files(__package__).joinpath("self_test.png").read_bytes())
    reader, times, text = Reader(models), [], ""
    for _ in range(_RUNS):
        begun = time.perf_counter()
        results = list(reader.read(source, Mode.PAGE, Trace()))
        times.append(time.perf_counter() - begun)
        text = " ".join(result.line.text for result in results if isinstance(result, LineRead))
    told = f"a page of one line in {sorted(times)[_RUNS // 2] * 1e3:.1f} ms on one thread"
    right = "".join(text.split()) == "".join(TEXT.split())
    return [
        Finding("weights", f"{names}; checksums right, loaded in {loading:.1f} s"),
        Finding("self-test", told)
        if right
        else Finding("self-test", f"read {text!r} for {TEXT!r}", Verdict.FAILURE, "Report this with the whole output"),
    ]
