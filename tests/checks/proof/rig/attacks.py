"""Callers who take all that they can of a server, from 127.0.0.2."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from edgeocr.client import Client
from tests.support.http2 import Connection, message
from tests.support.serving import ServerProcess

_RECOGNIZE, _STREAM = "/edgeocr.v1.OcrService/Recognize", "/edgeocr.v1.OcrService/RecognizeStream"
_CHECK, _WATCH = "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"

Attack = Callable[[ServerProcess, threading.Event], None]


@contextmanager
def going_on(running: ServerProcess, *attacks: Attack) -> Iterator[None]:
    """Runs attacks during the block."""
    stop = threading.Event()
    with ExitStack() as ends:
        for attack in attacks:
            thread = threading.Thread(target=attack, args=(running, stop))
            thread.start()
            ends.callback(thread.join)
        ends.callback(stop.set)
        yield


def _messages_on_their_way(running: ServerProcess, stop: threading.Event) -> None:
    """Messages, as large as they may be, of which the last bytes do not come, probes among them."""
    with Client(running.target) as client:
        most_bytes = client.info().limits.message_bytes
    part = message(bytes(most_bytes))[:-10]
    while not stop.is_set() and running.process.poll() is None:
        connections = [Connection(running.target) for _ in range(4)]
        places = {
            (connection, connection.open(path)): 0
            for connection in connections
            for path in (_CHECK, _RECOGNIZE, _STREAM, _RECOGNIZE) * 4
        }
        end = time.monotonic() + 5
        while time.monotonic() < end and not stop.is_set():
            for (connection, stream), place in places.items():
                if stream not in connection.ended and not connection.closed:
                    places[connection, stream] += connection.send(stream, part[place : place + (1 << 18)])
            for connection in connections:
                connection.take()
        for connection in connections:
            connection.close()


def _open_calls(running: ServerProcess, stop: threading.Event) -> None:
    """Calls that stay open: probes that watch, and such as send nothing."""
    while not stop.is_set() and running.process.poll() is None:
        with Connection(running.target) as connection:
            while not stop.wait(0.0025) and not connection.closed:
                stream = connection.open(_WATCH)
                connection.send(stream, message(b""))
                connection.open(_STREAM)
                connection.take()
        stop.wait(0.25)


def _announced_bodies(running: ServerProcess, stop: threading.Event) -> None:
    """Bodies that are announced, and do not come."""
    host, port = running.http.removeprefix("http://").split(":")
    fields = "Host: localhost\r\nContent-Type: image/png\r\nContent-Length: 15800000"
    while not stop.is_set() and running.process.poll() is None:
        sockets = [socket.create_connection((host, int(port)), source_address=("127.0.0.2", 0)) for _ in range(8)]
        for one in sockets:
            one.sendall(f"POST /api/ocr HTTP/1.1\r\n{fields}\r\n\r\n".encode())
        stop.wait(5)
        for one in sockets:
            one.close()


ATTACKS: dict[str, Attack] = {
    "messages on their way": _messages_on_their_way,
    "open calls": _open_calls,
    "announced bodies": _announced_bodies,
}
