"""How many pages of all inputs are read."""

from collections import Counter

from edgeocr.client.streaming.results import PageEvent


class PageCount:
    """Pages that are read, of those that are known; an image counts as one page until more are known."""

    def __init__(self, images: int) -> None:
        self.total = images
        self.done = 0
        self._read: Counter[str] = Counter()

    def page(self, path: str, event: PageEvent) -> None:
        """A page is read."""
        if not self._read[path]:
            self.total += event.page_count - 1
        self._read[path] += 1
        self.done += 1

    def image(self, path: str) -> None:
        """An image is done, with pages or without."""
        if not self._read.pop(path, 0):
            self.done += 1
