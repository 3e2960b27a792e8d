"""Files that are read once, for the server and for an output that is made of them."""

import os
from collections import defaultdict
from collections.abc import Iterator
from threading import Lock

from edgeocr.client.cli.paths import Input
from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.results import ImageResult


class KeptFiles:
    """Holds the bytes of what is on its way, from the first time they are read until their result is done with."""

    def __init__(self, most_bytes: int) -> None:
        """Takes the size from which on a server takes no file; 0 if that is not known."""
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._kept: defaultdict[str, list[bytes]] = defaultdict(list)

    def source(self, one: Input) -> bytes | str | OcrError:
        """What the client reads; the path where the file is one that it will refuse."""
        source = one.source()
        if isinstance(source, str):
            try:
                if self._most_bytes and os.stat(source).st_size > self._most_bytes:
                    return source
                with open(source, "rb") as file:
                    source = file.read()
            except OSError:
                return one.path
        if isinstance(source, bytes):
            with self._lock:
                self._kept[one.path].append(source)
        return source

    def bytes_of(self, path: str) -> bytes:
        """A file that is on its way; raises FileNotFoundError if it is none."""
        with self._lock:
            if not self._kept[path]:
                raise FileNotFoundError(2, os.strerror(2), path)
            return self._kept[path][0]

    def released(self, results: Iterator[ImageResult[str]]) -> Iterator[ImageResult[str]]:
        """The results; the file of each goes when the next is asked for."""
        for result in results:
            yield result
            with self._lock:
                if self._kept[result.key]:
                    self._kept[result.key].pop(0)
                if not self._kept[result.key]:
                    del self._kept[result.key]
