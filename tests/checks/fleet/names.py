"""A small DNS server on loopback: one name that stands for whichever addresses it is told."""

import ipaddress
import socket
import threading
from collections.abc import Sequence
from typing import Self

_A, _HEADER_BYTES, _MOST_BYTES = 1, 12, 512


class NameServer:
    """Answers every question for IPv4 addresses over UDP with `addresses`, while its block runs."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = list(addresses)
        self.questions = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._answer, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while True:
            question, asker = self._socket.recvfrom(_MOST_BYTES)
            if not question:
                return
            self.questions += 1
            # The name ends with an empty label; type and class follow.
            end = question.index(b"\0", _HEADER_BYTES) + 5
            kind = int.from_bytes(question[end - 4 : end - 2], "big")
            found = [ipaddress.IPv4Address(address).packed for address in self.addresses if kind == _A]
            header = question[:2] + b"\x81\x80" + b"\0\1" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
            # A pointer to the name in the question, type A, class IN, one second to live.
            records = b"".join(b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + address for address in found)
            self._socket.sendto(header + question[_HEADER_BYTES:end] + records, asker)
