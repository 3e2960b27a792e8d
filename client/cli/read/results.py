"""Writes results to their destination, and counts them."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from edgeocr.client.cli.read.destination import Destination
from edgeocr.client.cli.read.progress import Progress
from edgeocr.client.streaming.results import ImageResult


@dataclass
class Tally:
    """Counts of files, pages and lines, and the time since counting began."""

    read: int = 0
    failed: int = 0
    pages: int = 0
    failed_pages: int = 0
    lines: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def is_whole(self) -> bool:
        """Whether everything was read."""
        return not (self.failed or self.failed_pages)

    def count(self, result: ImageResult[str], *, written: bool) -> None:
        """Counts a result, which was read and written or not."""
        if result.document is None or not written:
            self.failed += 1
            return
        self.read += 1
        self.pages += len(result.document.pages)
        self.failed_pages += sum(page.error is not None for page in result.document.pages)
        self.lines += len(result.document.lines)

    def summary(self, existing: int, no_images: int) -> str:
        """The counts, including skipped files: outputs that existed, and files that are not images."""
        why = f" ({existing} written before, {no_images} not images)" if existing else ""
        failed_pages = f" ({self.failed_pages} failed)" if self.failed_pages else ""
        return (
            f"{_count(self.read, 'file')} read, {self.failed} failed, {existing + no_images} skipped{why}; "
            f"{_count(self.pages, 'page')}{failed_pages}, {_count(self.lines, 'line')} "
            f"in {time.monotonic() - self.begun:.1f} s"
        )


def write_results(results: Iterator[ImageResult[str]], destination: Destination, progress: Progress) -> Tally:
    """Writes results, and hides the progress meanwhile.

    Raises:
        OutputError: nothing more can be written; the remaining results are dropped.
    """
    tally = Tally()
    with closing(progress):
        for result in results:
            with progress.away():
                written = destination.write(result)
            tally.count(result, written=written)
            progress.image(result.key)
    return tally


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
