"""What a file holds: bytes in memory, or, where these are many, a file on disk that is read a part at a time."""

import os
from typing import overload


class StoredFile:
    """A file on disk that has no name, and is gone with the last reference to it; for one writer, then for readers.

    Of a sequence of bytes it has what reading a header takes. It is never mapped: a disk that fails would then end the
    process, and not the read.
    """

    __slots__ = ("_descriptor", "_size_bytes")

    def __init__(self, descriptor: int) -> None:
        """Takes the descriptor of an empty file, which it closes."""
        self._descriptor = descriptor
        self._size_bytes = 0

    def __del__(self) -> None:
        os.close(self._descriptor)

    def __len__(self) -> int:
        return self._size_bytes

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> bytes: ...
    def __getitem__(self, place: int | slice) -> int | bytes:
        if isinstance(place, int):
            return self[place : place + 1][0]
        begin, end, _ = place.indices(self._size_bytes)
        return os.pread(self._descriptor, max(0, end - begin), begin)

    def append(self, data: bytes | bytearray) -> None:
        """Writes more at its end; raises OSError where there is no room."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, self._size_bytes)
            self._size_bytes += written
            view = view[written:]

    def opened(self) -> int:
        """A descriptor for reading alone, whose place in the file is its own."""
        return os.open(f"/proc/self/fd/{self._descriptor}", os.O_RDONLY | os.O_CLOEXEC)


Contents = bytes | StoredFile
