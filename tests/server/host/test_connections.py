import asyncio
import errno
import os
import socket

from edgeocr.server.host.connections import ReceivedBytes, callers_of, listen, shut_down, why_not_listen


def test_the_connection_from_a_port_is_ended_and_no_descriptor_is_left_over():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as caller,
        listener.accept()[0],
        open(os.devnull, "rb"),
    ):
        before = os.listdir("/proc/self/fd")
        assert shut_down({caller.getsockname()}) == 1
        assert os.listdir("/proc/self/fd") == before
        assert caller.recv(1) == b""


def test_without_such_a_connection_nothing_is_ended():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert shut_down({("127.0.0.1", 1)}) == 0
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"


def test_what_has_come_over_a_connection_is_counted_be_it_read_or_not_until_it_is_gone():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as caller:
        accepted, peer = listener.accept()
        received = ReceivedBytes()
        with accepted:
            caller.sendall(bytes(30_000))
            left = 10_000
            while left:
                left -= len(accepted.recv(left))
            assert received.of([peer]) == {}
            before = os.listdir("/proc/self/fd")
            received.find()
            while received.of([peer]) != {peer: 30_000}:
                pass
            assert os.listdir("/proc/self/fd") == before
        assert received.of([peer]) == {}
        with socket.create_connection(listener.getsockname()):
            # Another one has its descriptor now.
            assert received.of([peer]) == {}


def test_those_who_are_connected_to_a_port_are_distinguished_from_others():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_server(("127.0.0.1", 0)) as other,
        socket.create_connection(listener.getsockname()) as caller,
        socket.create_connection(other.getsockname()),
        listener.accept()[0],
        other.accept()[0],
    ):
        assert callers_of(listener.getsockname()[1]) == [caller.getsockname()]


async def test_without_descriptors_a_listener_asks_once_before_it_rests(monkeypatch):
    loop, asked, complaints = asyncio.get_running_loop(), [], []

    def accept(_):
        asked.append(1)
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(socket.socket, "accept", accept)
    loop.set_exception_handler(lambda _, complaint: complaints.append(complaint))
    listener = listen("127.0.0.1", 0)
    server = await loop.create_server(asyncio.Protocol, sock=listener, backlog=2048)
    with socket.create_connection(listener.getsockname()):
        while not complaints:
            await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(asked) == len(complaints) == 1
    server.close()


async def test_a_listener_takes_connections_in_the_end():
    loop, made = asyncio.get_running_loop(), asyncio.Event()

    class Taken(asyncio.Protocol):
        def connection_made(self, transport):
            transport.close()
            made.set()

    listener = listen("localhost", 0)
    async with await loop.create_server(Taken, sock=listener):
        with socket.create_connection(listener.getsockname()[:2]):
            await made.wait()


def test_it_is_said_why_an_address_cannot_be_listened_on(tmp_path):
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for address, words in (
            (f"127.0.0.1:{taken.getsockname()[1]}", "Address already in use"),
            ("192.0.2.1:5", "Cannot assign requested address"),
            ("host.invalid:5", "Name or service not known"),
            (f"unix:{tmp_path}/none/socket", "No such file or directory"),
            (f"unix:{tmp_path}/file/socket", "Not a directory"),
            (f"unix:{tmp_path}/{'long' * 30}", "path too long"),
        ):
            assert words in why_not_listen(address), address
    assert why_not_listen(f"unix:{tmp_path}/free") == "it was in use a moment ago"
    assert not (tmp_path / "free").exists()
