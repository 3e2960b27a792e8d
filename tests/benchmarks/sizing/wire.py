"""A connection on the way to a server that counts the bytes of both directions, HTTP/2 and all."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Wire:
    """Forwards connections to a server while its block runs.

    Attributes:
        sent, received: bytes from clients to the server and back.
        target: what clients connect to.
    """

    def __init__(self, server: str) -> None:
        host, port = server.rsplit(":", 1)
        self._server = host, int(port)
        self.sent = self.received = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for source, sink, forth in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=(source, sink, forth), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, forth: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if forth:
                    self.sent += len(data)
                else:
                    self.received += len(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
