"""Contents of files: bytes in memory, or, for large ones, a file on disk that is read in parts."""

import os
from typing import overload


class StoredFile:
    """An unnamed file on disk, which disappears with the last reference; for one writer, then for readers.

    It implements the parts of a byte sequence that header parsers use. It is never mapped: an error of the disk would
    then kill the process rather than fail the read.
    """

    __slots__ = ("_descriptor", "_size_bytes")

    def __init__(self, descriptor: int) -> None:
        """Takes ownership of the descriptor of an empty file."""
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
        """Appends data; raises OSError if there is no room."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, self._size_bytes)
            self._size_bytes += written
            view = view[written:]

    def opened(self) -> int:
        """Opens a read-only descriptor with its own offset."""
        return os.open(f"/proc/self/fd/{self._descriptor}", os.O_RDONLY | os.O_CLOEXEC)


Contents = bytes | StoredFile
