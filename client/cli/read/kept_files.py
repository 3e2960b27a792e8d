"""Files that are read from disk once, for the server and for outputs that contain them."""

import os
from collections import defaultdict
from collections.abc import Iterator
from threading import Lock

from edgeocr.client.cli.paths import Input
from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.results import ImageResult


class KeptFiles:
    """Keeps the bytes of files in flight, from loading until their result is written."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes` is the server's size limit for files; 0 if unknown."""
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._kept: defaultdict[str, list[bytes]] = defaultdict(list)

    def source(self, one: Input) -> bytes | str | OcrError:
        """The source for the client: the bytes, or the path if the client will refuse the file."""
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
        """A file in flight; raises FileNotFoundError if there is none."""
        with self._lock:
            if not self._kept[path]:
                raise FileNotFoundError(2, os.strerror(2), path)
            return self._kept[path][0]

    def released(self, results: Iterator[ImageResult[str]]) -> Iterator[ImageResult[str]]:
        """The results; each file is released when the next result is requested."""
        for result in results:
            yield result
            with self._lock:
                if self._kept[result.key]:
                    self._kept[result.key].pop(0)
                if not self._kept[result.key]:
                    del self._kept[result.key]
