"""The progress of `edgeocr read`, on standard error."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from edgeocr.client.cli.paths import Input
from edgeocr.client.cli.read.live import LiveView
from edgeocr.client.streaming.results import PageEvent

_DOCUMENT_SUFFIXES = frozenset({".pdf", ".tif", ".tiff"})


class Bar:
    """A progress bar of pages; an image counts as one page until more are known. Hidden for a single image."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        many = len(inputs) > 1 or any(Path(one.path).suffix.lower() in _DOCUMENT_SUFFIXES for one in inputs)
        hidden = not many or not sys.stderr.isatty()
        self.bar = tqdm(total=len(inputs), unit="page", file=sys.stderr, disable=hidden)
        self._read: Counter[str] = Counter()

    def page(self, path: str, event: PageEvent) -> None:
        """A page is read."""
        if not self._read[path]:
            self.bar.total = (self.bar.total or 0) + event.page_count - 1
        self._read[path] += 1
        self.bar.update()

    def image(self, path: str) -> None:
        """An image is done, with pages or without."""
        if not self._read.pop(path, 0):
            self.bar.update()

    @contextmanager
    def away(self) -> Iterator[None]:
        """While its block writes, no bar is shown."""
        with tqdm.external_write_mode(file=sys.stdout):
            yield

    def close(self) -> None:
        """Leaves the bar as it is."""
        self.bar.close()


Progress = Bar | LiveView
