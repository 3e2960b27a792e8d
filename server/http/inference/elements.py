"""Incremental parsing of images after a request's JSON, each after its length."""

from collections import deque
from collections.abc import Callable

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.uploads import UploadedFile
from edgeocr.server.http.inference.parsed_request import ParsedRequest
from edgeocr.server.inference.outputs import LENGTH
from edgeocr.server.inference.question import INPUT
from edgeocr.server.memory.upload import Upload

MOST_HEADER_BYTES = 1 << 20
"""Maximum size of the JSON before the images."""


class Elements:
    """Parses a body's bytes into options and images."""

    def __init__(self, header_bytes: int, read: Callable[[bytes], ParsedRequest], begin: Callable[[], Upload]) -> None:
        """Takes the JSON's size, its parser, and a function that begins an upload.

        Raises:
            InvalidInput: the JSON is too long.
        """
        if not 0 < header_bytes <= MOST_HEADER_BYTES:
            raise InvalidInput(
                f"Inference-Header-Content-Length: {header_bytes} bytes, it must be 1 to {MOST_HEADER_BYTES}"
            )
        self.files: deque[UploadedFile] = deque()
        self.parsed: ParsedRequest | None = None
        self._header_bytes = header_bytes
        self._read = read
        self._begin = begin
        # The received part of the JSON, then of an element's length.
        self._text = bytearray()
        self._left_bytes = self._element_bytes = self._count = 0
        self._upload: Upload | None = None

    @property
    def coming(self) -> Upload | None:
        """The image being received, if any."""
        return self._upload

    @property
    def coming_bytes(self) -> int:
        """Bytes received of that image."""
        return 0 if self._upload is None else self._upload.size_bytes

    @property
    def held_bytes(self) -> int:
        """Bytes of images that have not been taken, and of the JSON."""
        return self.coming_bytes + sum(file.upload.size_bytes for file in self.files) + len(self._text)

    def feed(self, data: bytes) -> None:
        """Parses the next bytes, which are accounted for.

        Raises:
            InvalidInput: they contradict the request's JSON.
            TooLarge: an image is too large.
        """
        start = 0
        while start < len(data) or self._is_next_empty():
            if self.parsed is None:
                start += self._take_text(data, start, self._header_bytes)
                if len(self._text) == self._header_bytes:
                    self._begin_elements(bytes(self._text))
            elif self._upload is None:
                if not self._left_bytes:
                    raise InvalidInput(f"inputs.{INPUT}: there are bytes after those of binary_data_size")
                start += self._take_text(data, start, LENGTH.size)
                if len(self._text) == LENGTH.size:
                    self._begin_element(*LENGTH.unpack(self._text))
            else:
                start += self._take_element(data, start)

    def finish(self) -> None:
        """Ends the body; raises InvalidInput if the request is incomplete."""
        if self.parsed is None or self._left_bytes:
            raise InvalidInput("body: it ended before the request was complete")
        if self._count < self.parsed.count:
            raise InvalidInput(f"inputs.{INPUT}: {self._count} elements, by the shape {self.parsed.count}")

    def _is_next_empty(self) -> bool:
        """Whether the next image is empty, and so complete without further bytes."""
        return self._upload is not None and not self._element_bytes

    def _take_text(self, data: bytes, start: int, most_bytes: int) -> int:
        taken = data[start : start + most_bytes - len(self._text)]
        self._text += taken
        return len(taken)

    def _begin_elements(self, header: bytes) -> None:
        self._text.clear()
        self.parsed = self._read(header)
        if self.parsed.binary_bytes is None:
            raise InvalidInput(
                f"inputs.{INPUT}.data: images in the JSON must come without Inference-Header-Content-Length; "
                "after it they need a binary_data_size"
            )
        self._left_bytes = self.parsed.binary_bytes

    def _begin_element(self, size_bytes: int) -> None:
        assert self.parsed is not None, "its JSON came first"
        self._text.clear()
        self._left_bytes -= LENGTH.size
        if self._count == self.parsed.count:
            raise InvalidInput(f"inputs.{INPUT}: more than {self.parsed.count} elements, as the shape has it")
        if size_bytes > self._left_bytes:
            raise InvalidInput(
                f"inputs.{INPUT}: element {self._count} has {size_bytes} bytes by its length, but "
                f"{max(0, self._left_bytes)} are left of binary_data_size"
            )
        self._upload = self._begin()
        self._upload.expect(size_bytes)
        self._element_bytes = size_bytes

    def _take_element(self, data: bytes, start: int) -> int:
        upload = self._upload
        assert upload is not None, "it has begun"
        taken = data[start : start + self._element_bytes]
        if taken:
            upload.add(taken)
        self._element_bytes -= len(taken)
        self._left_bytes -= len(taken)
        if not self._element_bytes:
            self._upload = None
            self._count += 1
            self.files.append(UploadedFile("", upload))
        return len(taken)
