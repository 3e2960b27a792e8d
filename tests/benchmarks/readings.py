"""What reading adaptively gains and costs beside reading with either recogniser alone.

    python -m tests.benchmarks.readings --models FOLDER --lines FOLDER [--pages FOLDER …] [--keep-above 0.9 …]

FOLDER of lines holds a folder a set, each with a labels.tsv of "image path, tab, truth"; that of pages a lines.json.
Lines are read by each recogniser alone, one at a time, and what adaptive reading makes of them follows; pages are read
in each way in turn. Seconds are of the processor, on one thread.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode, Reading
from edgeocr.model.pipeline import Models, PageRead, Reader
from edgeocr.model.recognition.certainty import likelihood
from edgeocr.model.recognition.recogniser import Recogniser
from edgeocr.model.results import LineReader
from edgeocr.model.timing import Trace
from edgeocr.model.training.detection.recall import read_pages
from edgeocr.model.training.evaluation.accuracy import load_labels
from edgeocr.model.training.evaluation.scoring import score
from edgeocr.server.host.heap import tune
from tests.benchmarks.pages.subjects import Tally


@dataclass(frozen=True)
class Guess:
    """What a recogniser makes of a line, how likely that is right, and the seconds that it took."""

    text: str
    likelihood: float
    seconds: float


@dataclass(frozen=True)
class Row:
    """A line's truth, and both guesses."""

    truth: str
    fast: Guess
    accurate: Guess

    def adaptive(self, keep_above: float) -> str:
        """What adaptive reading makes of it."""
        if self.fast.likelihood >= keep_above or self.fast.likelihood > self.accurate.likelihood:
            return self.fast.text
        return self.accurate.text


def guess(recogniser: Recogniser, path: Path) -> Guess:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    begun = time.process_time()
    (read,) = recogniser.read([image])
    seconds = time.process_time() - begun
    return Guess(read.text, likelihood(read, recogniser.spec.calibration), seconds)


def read_lines(models: Models, folder: Path) -> list[Row]:
    """The lines of one set."""
    fast_spec = models.manifest.fast_recogniser
    assert models.fast_recogniser is not None
    assert fast_spec is not None
    accurate = Recogniser(models.recogniser, models.manifest.recogniser)
    fast = Recogniser(models.fast_recogniser, fast_spec, name=LineReader.FAST)
    labels = load_labels(folder / "labels.tsv")
    return [Row(truth, guess(fast, path), guess(accurate, path)) for path, truth in labels.items()]


def line_table(models: Models, folder: Path, thresholds: Sequence[float]) -> None:
    """Prints a row for each set: accuracies, and by threshold that of adaptive reading, what it read again, and its
    time as a share of that of the accurate recogniser."""
    print("| set | lines | fast | accurate |" + "".join(f" {keep:g} | again | time |" for keep in thresholds))
    print("| --- | --- | --- | --- |" + " --- | --- | --- |" * len(thresholds))
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        rows = read_lines(models, place)
        alone = sum(row.accurate.seconds for row in rows)
        by_fast = score(((row.truth, row.fast.text) for row in rows), place.name)
        by_accurate = score(((row.truth, row.accurate.text) for row in rows), place.name)
        cells = [f"{100 * by_fast.accuracy:.1f}", f"{100 * by_accurate.accuracy:.1f}"]
        for keep in thresholds:
            again = [row for row in rows if row.fast.likelihood < keep]
            seconds = sum(row.fast.seconds for row in rows) + sum(row.accurate.seconds for row in again)
            right = score(((row.truth, row.adaptive(keep)) for row in rows), place.name).accuracy
            cells += [f"{100 * right:.1f}", f"{100 * len(again) / len(rows):.0f} %", f"{seconds / alone:.2f}"]
        print(f"| {place.name} | {len(rows)} | {' | '.join(cells)} |", flush=True)


def page_table(models: Models, folders: Sequence[Path]) -> None:
    """Prints a row for each set and reading: the found share, seconds a page and to its first line, and lines that
    were read again."""
    print("\n| pages | reading | found, % | order | mean s | first line, mean s | read again |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    reader = Reader(models)
    for folder in folders:
        tallies = {reading: Tally() for reading in Reading}
        traces = {reading: Trace() for reading in Reading}
        firsts: dict[Reading, list[float]] = {reading: [] for reading in Reading}
        for page in read_pages(folder):
            for reading in Reading:
                answer = read_page(reader, page.path, reading, traces[reading])
                firsts[reading].append(answer["first"])
                tallies[reading].add(page, answer, boxes=False)
        for reading, tally in tallies.items():
            first_read = traces[reading].readers[LineReader.FAST].lines if reading is not Reading.ACCURATE else 0
            again = f"{100 * traces[reading].read_again / first_read:.0f} %" if first_read else "–"
            print(
                f"| {folder.name} | {reading} | {100 * tally.found / tally.lines:.1f} | {np.mean(tally.order):.3f} | "
                f"{np.mean(tally.seconds):.2f} | {np.mean(firsts[reading]):.2f} | {again} |",
                flush=True,
            )


def read_page(reader: Reader, path: Path, reading: Reading, trace: Trace) -> dict[str, object]:
    """A page's text as `tests.benchmarks.pages.subject` answers it."""
    data = path.read_bytes()
    begun = time.process_time()
    first, page = None, None
    for event in reader.read(EncodedImage(data), Mode.PAGE, trace, reading=reading):
        first = first or time.process_time() - begun
        page = event
    seconds = time.process_time() - begun
    assert isinstance(page, PageRead)
    lines = [[line.polygon, line.text] for line in page.page.lines]
    return {"seconds": seconds, "first": first, "lines": lines, "peak_bytes": 0}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="folder of weights with a fast recogniser")
    parser.add_argument("--lines", type=Path, help="folder of sets of lines")
    parser.add_argument("--pages", type=Path, nargs="*", default=[], help="folders of pages")
    parser.add_argument(
        "--keep-above", type=float, nargs="*", metavar="P", help="thresholds (default: that of the manifest)"
    )
    arguments = parser.parse_args()
    tune()
    models = Models.load(arguments.models)
    if models.manifest.fast_recogniser is None:
        parser.error(f"{arguments.models}: these weights have no fast recogniser")
    if arguments.lines:
        line_table(models, arguments.lines, arguments.keep_above or [models.manifest.fast_recogniser.keep_above])
    if arguments.pages:
        page_table(models, arguments.pages)


if __name__ == "__main__":
    main()
