"""Compares the float and the integer detector as they are served: recall on real pages, time, memory.

A folder of pages has a lines.json: see `recall.read_pages`. Both networks run on one thread, in turn on each page, with
the same post-processing. Times are processor times of the thread, so that other load does not distort the comparison.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.detection.detector import Detector
from edgeocr.model.networks.manifest import DEFAULT_FOLDER, DetectorSpec, NetworkFile, load_manifest
from edgeocr.model.networks.session import Network
from edgeocr.model.pipeline import Models
from edgeocr.model.reading import TextReader
from edgeocr.model.training.data.augmentation import Image
from edgeocr.model.training.detection import published
from edgeocr.model.training.detection.memory import peak_megabytes
from edgeocr.model.training.detection.recall import TruthPage, found, holds, outline, read_pages, strays

_TURNS = 15


@dataclass
class Count:
    """Counts of a detector's results on one folder's pages."""

    lines: int = 0
    found: int = 0
    read: int = 0
    detections: int = 0
    strays: int = 0


class Candidate:
    """A detector file, run in place of the served one."""

    def __init__(self, name: str, path: Path, weights: Path) -> None:
        manifest = load_manifest(weights)
        file = NetworkFile(name, path, "", path.stat().st_size, "")
        self.name, self.path = name, path
        self.spec: DetectorSpec = replace(manifest.detector, file=file)
        self.network = Network(file, np.uint8)
        self.detector = Detector(self.network, self.spec)
        self.reader = TextReader(Models(replace(manifest, detector=self.spec)))

    def text(self, image: Image) -> str:
        """The text of a page."""
        (page,) = self.reader.read(image)
        return page.text


def count(candidate: Candidate, pages: Sequence[TruthPage], read: bool) -> Count:
    """Detect, and optionally read, the lines of pages, and count."""
    result = Count()
    for page in pages:
        image = np.asarray(cv2.imread(str(page.path)), np.uint8)
        truths = [line.outline for line in page.lines]
        detections = [outline(polygon) for polygon in candidate.detector.find(image)]
        result.lines += len(truths)
        result.found += sum(found(truths, detections))
        result.detections += len(detections)
        result.strays += strays(truths, detections)
        if read:
            text = candidate.text(image)
            result.read += sum(holds(text, line.text) for line in page.lines)
    return result


def milliseconds(candidates: Sequence[Candidate], side_pixels: int) -> tuple[list[float], list[float]]:
    """Median time of each network on a square page, in ms, and its speed relative to the first, measured in turn."""
    pixels = np.random.default_rng(0).integers(0, 256, (1, side_pixels, side_pixels, 3), np.uint8)
    out = np.zeros((side_pixels, side_pixels), np.uint8)
    turns = np.zeros((_TURNS, len(candidates)))
    for turn in turns:
        for place, candidate in enumerate(candidates):
            started = time.thread_time()
            candidate.network.run(pixels, out)
            turn[place] = (time.thread_time() - started) * 1e3
    warm = turns[1:]
    return np.median(warm, 0).tolist(), np.median(warm[:, :1] / warm, 0).tolist()


def table(candidates: Sequence[Candidate], folders: Sequence[Path], read: bool) -> str:
    """A Markdown table of the results."""
    lines = [["", *(candidate.name for candidate in candidates)], ["---"] * (1 + len(candidates))]
    for folder in folders:
        counts = [count(candidate, read_pages(folder), read) for candidate in candidates]
        name = f"{folder.name}, {counts[0].lines} lines"
        lines.append([f"{name}: found, %", *(f"{100 * c.found / c.lines:.1f}" for c in counts)])
        if read:
            lines.append([f"{name}: read, %", *(f"{100 * c.read / c.lines:.1f}" for c in counts)])
        lines.append([f"{name}: detections, of these off the lines", *(f"{c.detections}, {c.strays}" for c in counts)])
    side = candidates[0].spec.longest_side
    times, ratios = milliseconds(candidates, side)
    lines.append([f"ms at {side}×{side}", *(f"{value:.0f}" for value in times)])
    lines.append(["times as fast, in turn", *(f"{value:.2f}" for value in ratios)])
    peaks = [peak_megabytes(candidate.path, side) for candidate in candidates]
    lines.append([f"MB more at the peak at {side}×{side}", *(f"{value:.0f}" for value in peaks)])
    lines.append(["MB of file", *(f"{candidate.path.stat().st_size / 1e6:.2f}" for candidate in candidates)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    """Print the table of the published detector in floats and of ours."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pages", type=Path, nargs="+", required=True, help="folders with lines.json")
    parser.add_argument("--models", type=Path, required=True, help="folder to keep published models in")
    parser.add_argument("--weights", type=Path, default=DEFAULT_FOLDER, help="ours (default: %(default)s)")
    parser.add_argument("--read", action="store_true", help="read the lines as well: minutes")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        floats = Path(folder) / "float.onnx"
        published.write(arguments.models, floats)
        ours = load_manifest(arguments.weights).detector.file
        candidates = [
            Candidate("published, FP32", floats, arguments.weights),
            Candidate(ours.name, ours.path, arguments.weights),
        ]
        print(table(candidates, arguments.pages, arguments.read))


if __name__ == "__main__":
    main()
