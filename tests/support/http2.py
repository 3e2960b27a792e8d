"""A gRPC client by hand, which does what no library would: it sends as slowly, opens as much and reads as little as a
test wants, from an address of its choice (HTTP/2 is RFC 9113, its headers are RFC 7541's literals)."""

import select
import socket
import struct

DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_WINDOW = 65535
_FRAME = 16384
_INITIAL_WINDOW = 4


def message(data):
    """A gRPC message: not compressed, its length, its bytes."""
    return struct.pack(">BI", 0, len(data)) + data


def _frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _literal(name, value):
    """A header that is not indexed; lengths are below 127."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


class Connection:
    """One connection; `ended` has the streams that the server has ended, `got` the bytes that came on each."""

    def __init__(self, target, source="127.0.0.2", window=_WINDOW):
        host, _, port = target.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), source_address=(source, 0))
        self._next, self._buffer = 1, b""
        self._window, self._initial, self._windows = _WINDOW, _WINDOW, {}
        self.ended, self.got, self.closed = set(), {}, False
        self._send(_PREFACE + _frame(SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW, window)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def _send(self, data):
        try:
            self._socket.sendall(data)
        except OSError:
            self.closed = True

    def open(self, path):
        """Begins a call of a method; returns its stream."""
        stream, self._next = self._next, self._next + 2
        fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost"}
        fields |= {"te": "trailers", "content-type": "application/grpc"}
        block = b"".join(_literal(name.encode(), value.encode()) for name, value in fields.items())
        self._windows[stream] = self._initial
        self._send(_frame(HEADERS, END_HEADERS, stream, block))
        return stream

    def send(self, stream, data, *, end=False):
        """Sends as much as the windows let; returns how much."""
        sent, frames = 0, []
        while sent < len(data) and (size := min(self._windows[stream], self._window, _FRAME, len(data) - sent)) > 0:
            last = end and sent + size == len(data)
            frames.append(_frame(DATA, END_STREAM if last else 0, stream, data[sent : sent + size]))
            self._windows[stream] -= size
            self._window -= size
            sent += size
        self._send(b"".join(frames))
        return sent

    def allow(self, stream, size):
        """Lets the server send so many bytes more."""
        grant = struct.pack(">I", size)
        self._send(_frame(WINDOW_UPDATE, 0, 0, grant) + _frame(WINDOW_UPDATE, 0, stream, grant))

    def take(self, seconds=0.0):
        """Takes what came, after waiting for it for so long at most."""
        while not self.closed and select.select([self._socket], [], [], seconds)[0]:
            seconds = 0.0
            try:
                data = self._socket.recv(1 << 20)
            except OSError:
                data = b""
            self.closed = not data
            self._buffer += data
            while len(self._buffer) >= 9 and len(self._buffer) >= 9 + (size := int.from_bytes(self._buffer[:3], "big")):
                kind, flags, stream = self._buffer[3], self._buffer[4], int.from_bytes(self._buffer[5:9], "big")
                payload, self._buffer = self._buffer[9 : 9 + size], self._buffer[9 + size :]
                self._take(kind, flags, stream, payload)

    def _take(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & ACK:
            for place in range(0, len(payload), 6):
                name, value = struct.unpack_from(">HI", payload, place)
                if name == _INITIAL_WINDOW:
                    self._windows = {one: window + value - self._initial for one, window in self._windows.items()}
                    self._initial = value
            self._send(_frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self._send(_frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            size = int.from_bytes(payload, "big")
            if stream == 0:
                self._window += size
            elif stream in self._windows:
                self._windows[stream] += size
        elif kind == DATA:
            self.got[stream] = self.got.get(stream, 0) + len(payload)
        elif kind not in (HEADERS, GOAWAY):
            self.ended.add(stream)
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            self.ended.add(stream)
