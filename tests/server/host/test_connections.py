import os
import socket

from edgeocr.server.host.connections import shut_down


def test_the_connection_from_a_port_is_ended_and_no_descriptor_is_left_over():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as caller,
        listener.accept()[0],
        open(os.devnull, "rb"),
    ):
        before = os.listdir("/proc/self/fd")
        assert shut_down(*caller.getsockname())
        assert os.listdir("/proc/self/fd") == before
        assert caller.recv(1) == b""


def test_without_such_a_connection_nothing_is_ended():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not shut_down("127.0.0.1", 1)
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"
