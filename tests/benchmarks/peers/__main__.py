"""Pages read by edgeocr and by what people would run in its place, in turn, each on one thread.

    python -m tests.benchmarks.peers --pages FOLDER … [--peers NAME …] [--environments FOLDER]

FOLDER holds labelled pages, see `tests.benchmarks.pages`. Each peer is installed from PyPI into an environment of its
own, once. Seconds are of the processor, all threads of the reader together, from the file's bytes to the text.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from edgeocr.model.training.detection.recall import read_pages
from tests.benchmarks.pages.subjects import HEADING, Subject, Tally, subject
from tests.benchmarks.peers.environments import PEERS, interpreter


def compare(subjects: Sequence[Subject], folders: Sequence[Path]) -> None:
    """Prints a row for each set and reader, and the ratios of the first one's time to the others', page by page."""
    print(HEADING)
    ratios = []
    for folder in folders:
        pages = read_pages(folder)
        tallies = [Tally() for _ in subjects]
        for page in pages:
            for one, tally in zip(subjects, tallies, strict=True):
                tally.add(page, one.read(page.path))
        for one, tally in zip(subjects, tallies, strict=True):
            print(f"| {folder.name}, {tally.lines} lines | {one.name} | {' | '.join(tally.cells())} |", flush=True)
        ours = tallies[0].seconds
        for one, tally in zip(subjects[1:], tallies[1:], strict=True):
            median = np.median([mine / other for mine, other in zip(ours, tally.seconds, strict=True)])
            ratios.append(f"| {folder.name} | {one.name} | {median:.2f} | {sum(ours) / sum(tally.seconds):.2f} |")
    print("\n| set | edgeocr's processor time ÷ that of | median of pages | all pages |\n| --- | --- | --- | --- |")
    print("\n".join(ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, nargs="+", required=True)
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="NAME")
    parser.add_argument(
        "--environments", type=Path, default=Path("build/peers"), help="where they are installed (build/peers)"
    )
    arguments = parser.parse_args()
    with ExitStack() as running:
        ours = running.enter_context(subject("edgeocr", sys.executable, "-m", "tests.benchmarks.pages.subject"))
        subjects = [ours]
        for name in arguments.peers:
            peer = PEERS[name]
            python = interpreter(peer, arguments.environments)
            program = str(Path(__file__).with_name(peer.program))
            subjects.append(running.enter_context(subject(name, str(python), program, *peer.arguments)))
        compare(subjects, arguments.pages)


if __name__ == "__main__":
    main()
