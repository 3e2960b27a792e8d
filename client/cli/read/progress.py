"""The progress of `edgeocr read`, on standard error."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from tqdm import tqdm

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.paths import Input
from edgeocr.client.cli.read.live import LiveView
from edgeocr.client.cli.read.page_count import PageCount
from edgeocr.client.streaming.results import PageEvent

_DOCUMENT_SUFFIXES = frozenset({".pdf", ".tif", ".tiff"})


class Bar:
    """A progress bar of pages; an image counts as one page until its page count is known.

    The bar is hidden without a terminal, and for a single image unless `even_for_one` is set.
    """

    def __init__(self, inputs: Sequence[Input], *, even_for_one: bool = False) -> None:
        many = (
            even_for_one
            or len(inputs) > 1
            or any(Path(one.path).suffix.lower() in _DOCUMENT_SUFFIXES for one in inputs)
        )
        hidden = not many or not sys.stderr.isatty()
        self.bar = tqdm(total=len(inputs), unit="page", file=sys.stderr, disable=hidden)
        self._count = PageCount(len(inputs))

    def page(self, path: str, event: PageEvent) -> None:
        """A page is read."""
        self._count.page(path, event)
        self._show()

    def image(self, path: str) -> None:
        """An image is done, with pages or without."""
        self._count.image(path)
        self._show()

    def _show(self) -> None:
        self.bar.total = self._count.total
        self.bar.update(self._count.done - self.bar.n)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Hides the bar while the `with` block writes."""
        with tqdm.external_write_mode(file=sys.stdout):
            yield

    def close(self) -> None:
        """Leaves the bar as it is."""
        self.bar.close()


class PageLog:
    """Logs each page in a line on standard error, for use without a terminal; its methods may be called from any
    thread."""

    def __init__(self, images: int) -> None:
        """Takes the number of images, which count as one page each until their page counts are known."""
        self._lock = Lock()
        self._count = PageCount(images)

    def page(self, path: str, event: PageEvent) -> None:
        """A page is read."""
        with self._lock:
            self._count.page(path, event)
            lines = f"{len(event.page.lines)} lines" if event.page.error is None else "failed"
            complain(f"[{self._count.done}/{self._count.total} pages] {path}, page {event.page.index + 1}: {lines}")

    def image(self, path: str) -> None:
        """An image is done, with pages or without."""
        with self._lock:
            self._count.image(path)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Does nothing: log lines stay."""
        yield

    def close(self) -> None:
        """Does nothing."""


Progress = Bar | LiveView | PageLog
