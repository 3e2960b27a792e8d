"""Unix sockets of a real server: their permissions, and what lies in their place."""

import os
import socket
import stat

import pytest

from edgeocr.client import Client
from tests.support.serving import ServerProcess, start


@pytest.mark.parametrize(("flags", "mode"), [([], 0o600), (["--socket-mode", "660"], 0o660)])
def test_a_unix_socket_has_the_permissions_asked_for(weights, tmp_path, flags, mode):
    path = tmp_path / "ocr.sock"
    before = os.umask(0)
    try:
        with ServerProcess("--listen", f"unix:{path}", *flags) as server, Client(server.target) as client:
            assert stat.S_IMODE(path.stat().st_mode) == mode
            assert client.is_serving()
    finally:
        os.umask(before)
    assert not path.exists()


def test_a_socket_that_was_left_behind_is_no_obstacle_but_another_server_is(weights, tmp_path):
    path = tmp_path / "ocr.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with ServerProcess("--listen", f"unix:{path}") as server:
        code, said = start("--listen", f"unix:{path}")
        assert code == 1
        assert f"cannot listen on unix:{path}; another server listens there" in said
        with Client(server.target) as client:
            assert client.is_serving()


def test_a_file_where_the_socket_should_be_is_kept(weights, tmp_path):
    path = tmp_path / "precious"
    path.write_text("kept")
    code, said = start("--listen", f"unix:{path}")
    assert code == 1
    assert f"{path} exists and is not a socket" in said
    assert path.read_text() == "kept"
