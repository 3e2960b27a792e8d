"""Where the processor time of pages goes, part by part of the reading, and what serving them over gRPC adds.

    python -m tests.benchmarks.stages [--pages FOLDER …] [--reading adaptive] [--rounds 3] [--served]

FOLDER holds labelled pages, see `tests.benchmarks.pages`, or images alone; without one, some of the project's own are
read. Seconds are of the processor, on one thread, from the file's bytes to the page, after a round that is not counted.
With --served a server of one worker reads them as well, one after the other, and its process' seconds are set against
those of the pipeline alone. `make arm64-pages` counts instructions on an aarch64 CPU by the same parts.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import DEFAULT_READING, Mode, ReaderSettings, Reading
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from edgeocr.server.host.heap import tune
from tests.benchmarks.stages.pages import images, rendered
from tests.benchmarks.stages.serving import served_seconds
from tests.benchmarks.stages.watch import Part, Watch


class Clock:
    """The processor's seconds, by part."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(Part, 0.0)
        self._part, self._since = Part.REST, time.process_time()

    def announce(self, part: Part) -> None:
        """Another part is at work from now on."""
        now = time.process_time()
        self.seconds[self._part] += now - self._since
        self._part, self._since = part, now


def read_once(reader: Reader, pages: Sequence[Path]) -> dict[Part, float]:
    """Reads pages, and tells the seconds of each part."""
    clock = Clock()
    with Watch(clock.announce).watching(reader.models):
        for path in pages:
            source = EncodedImage(path.read_bytes())
            # What lies between two pages belongs to neither.
            clock.announce(Part.REST)
            for _ in reader.read(source, Mode.PAGE, Trace()):
                pass
            clock.announce(Part.REST)
    return clock.seconds


def table(name: str, pages: int, rounds: Sequence[dict[Part, float]], served: float | None) -> str:
    """Lays out the parts of a set of pages, the largest first, as Markdown."""
    seconds = {part: min(one[part] for one in rounds) for part in Part}
    whole = sum(seconds.values())
    rows = [f"| {name}, {pages} pages | ms a page | share |", "| --- | ---: | ---: |"]
    for part, value in sorted(seconds.items(), key=lambda item: -item[1]):
        rows.append(f"| {part} | {1e3 * value / pages:.1f} | {value / whole:.1%} |")
    rows.append(f"| all | {1e3 * whole / pages:.1f} | 100.0% |")
    if served is not None:
        rows.append(f"| what a server takes more | {1e3 * (served - whole) / pages:.1f} | {served / whole - 1:.1%} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, nargs="+", default=[])
    parser.add_argument("--reading", type=Reading, choices=list(Reading), default=DEFAULT_READING)
    parser.add_argument("--rounds", type=int, default=3, help="the least of so many counts (%(default)s)")
    parser.add_argument("--served", action="store_true")
    arguments = parser.parse_args()
    tune()
    reader = Reader(Models.load(DEFAULT_FOLDER), ReaderSettings(reading=arguments.reading))
    with tempfile.TemporaryDirectory() as folder:
        sets = {folder.name: images([folder]) for folder in arguments.pages}
        for name, pages in (sets or {"rendered": rendered(Path(folder))}).items():
            read_once(reader, pages)
            rounds = [read_once(reader, pages) for _ in range(arguments.rounds)]
            served = served_seconds(pages, arguments.reading, arguments.rounds) if arguments.served else None
            print(table(name, len(pages), rounds, served), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
