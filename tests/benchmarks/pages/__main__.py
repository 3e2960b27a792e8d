"""How much of a page's text is read, where, in what order, in what processor time and memory.

    python -m tests.benchmarks.pages --pages FOLDER … [--variants [NAME …]]

FOLDER holds lines.json: a list of {"image", "lines": [{"polygon", "text"}]}. Pages are read on one thread. With
--variants, they are read turned, skewed, photographed, darkened and faded as well, or only as these NAMEs say.
`python -m tests.benchmarks.peers` compares with other readers.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.pixels import Pixels
from edgeocr.model.training.detection.recall import read_pages
from tests.benchmarks.pages.subjects import HEADING, Subject, Tally, subject
from tests.benchmarks.pages.variants import VARIANTS


def measure(ours: Subject, folders: Sequence[Path]) -> None:
    """Prints a row for each set."""
    print(HEADING)
    for folder in folders:
        tally = Tally()
        for page in read_pages(folder):
            tally.add(page, ours.read(page.path))
        print(f"| {folder.name}, {tally.lines} lines | {ours.name} | {' | '.join(tally.cells())} |", flush=True)


def with_variants(ours: Subject, folders: Sequence[Path], names: Sequence[str]) -> None:
    """Prints the found share of variants and the distance from the pages' own order, those of upright pages first."""
    print("\n| pages | " + " | ".join(folder.name for folder in folders) + " |")
    print("| --- |" + " --- |" * len(folders))
    changes: dict[str, Callable[[Pixels], Pixels]] = {"as they are": lambda page: page}
    for name, change in {**changes, **{name: VARIANTS[name] for name in names}}.items():
        cells = []
        for folder in folders:
            tally = Tally()
            for page in read_pages(folder):
                with tempfile.NamedTemporaryFile(suffix=".png") as file:
                    changed = change(np.asarray(cv2.imread(str(page.path)), np.uint8))
                    file.write(cv2.imencode(".png", changed)[1].tobytes())
                    file.flush()
                    tally.add(page, ours.read(Path(file.name)), boxes=False)
            cells.append(f"{100 * tally.found / tally.lines:.1f}, {np.mean(tally.order):.3f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, nargs="+", required=True)
    parser.add_argument("--variants", nargs="*", choices=list(VARIANTS), metavar="NAME")
    arguments = parser.parse_args()
    with subject("edgeocr", sys.executable, "-m", "tests.benchmarks.pages.subject") as ours:
        measure(ours, arguments.pages)
        if arguments.variants is not None:
            with_variants(ours, arguments.pages, arguments.variants or list(VARIANTS))


if __name__ == "__main__":
    main()
