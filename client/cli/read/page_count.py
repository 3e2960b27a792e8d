"""Progress in pages over all inputs."""

from collections import Counter

from edgeocr.client.streaming.results import PageEvent


class PageCount:
    """Counts pages read, and pages known; an image counts as one page until its page count is known."""

    def __init__(self, images: int) -> None:
        self.total = images
        self.done = 0
        self._read: Counter[str] = Counter()

    def page(self, path: str, event: PageEvent) -> None:
        """Counts a page."""
        if not self._read[path]:
            self.total += event.page_count - 1
        self._read[path] += 1
        self.done += 1

    def image(self, path: str) -> None:
        """Counts an image, with or without pages."""
        if not self._read.pop(path, 0):
            self.done += 1
