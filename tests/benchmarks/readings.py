"""What reading adaptively gains and costs beside reading with either recogniser alone.

    python -m tests.benchmarks.readings --models FOLDER --lines FOLDER [--pages FOLDER …]

FOLDER of lines holds a folder a set, each with a labels.tsv of "image path, tab, truth"; that of pages a lines.json.
Lines, one at a time, and pages are read in each way in turn. Time is that of the processor, on one thread.
"""

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode, Reading
from edgeocr.model.pipeline import Models, PageRead, Reader
from edgeocr.model.recognition.reading import LineReading, Recognisers
from edgeocr.model.recognition.recogniser import Recogniser
from edgeocr.model.results import LineReader
from edgeocr.model.timing import Trace
from edgeocr.model.training.detection.recall import read_pages
from edgeocr.model.training.evaluation.accuracy import load_labels
from edgeocr.model.training.evaluation.scoring import score
from edgeocr.server.host.heap import tune
from tests.benchmarks.pages.subjects import Tally


@dataclass
class Way:
    """What one reading made of a set: a text for each line, processor seconds, and the lines that were read again."""

    texts: list[str] = field(default_factory=list)
    seconds: float = 0.0
    again: int = 0


def read_lines(recognisers: Recognisers, paths: Iterable[Path]) -> dict[Reading, Way]:
    """Lines of one set in each way, one line at a time, in turn."""
    ways = {reading: Way() for reading in Reading}
    for path in paths:
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        for reading, way in ways.items():
            trace = Trace()
            begun = time.process_time()
            (read,) = LineReading(recognisers, reading, trace).read([image])
            way.seconds += time.process_time() - begun
            way.texts.append(read.text)
            way.again += trace.read_again
    return ways


def line_table(models: Models, folder: Path) -> None:
    """Prints a row for each set: line accuracies, what was read again, and the time of adaptive and of fast reading as
    shares of that of accurate reading."""
    fast_networks, fast_spec = models.fast_recogniser, models.manifest.fast_recogniser
    assert fast_networks is not None
    assert fast_spec is not None
    fast = Recogniser(fast_networks, fast_spec, name=LineReader.FAST)
    recognisers = Recognisers(Recogniser(models.recogniser, models.manifest.recogniser), fast)
    print("| set | lines | accurate | adaptive | fast | read again | time, adaptive | time, fast |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        labels = load_labels(place / "labels.tsv")
        ways = read_lines(recognisers, labels)
        alone = ways[Reading.ACCURATE].seconds
        cells = [
            f"{100 * score(zip(labels.values(), ways[reading].texts, strict=True), place.name).accuracy:.1f}"
            for reading in (Reading.ACCURATE, Reading.ADAPTIVE, Reading.FAST)
        ]
        cells.append(f"{100 * ways[Reading.ADAPTIVE].again / len(labels):.0f} %")
        cells += [f"{ways[reading].seconds / alone:.2f}" for reading in (Reading.ADAPTIVE, Reading.FAST)]
        print(f"| {place.name} | {len(labels)} | {' | '.join(cells)} |", flush=True)


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
    arguments = parser.parse_args()
    tune()
    models = Models.load(arguments.models)
    if models.manifest.fast_recogniser is None:
        parser.error(f"{arguments.models}: these weights have no fast recogniser")
    if arguments.lines:
        line_table(models, arguments.lines)
    if arguments.pages:
        page_table(models, arguments.pages)


if __name__ == "__main__":
    main()
