"""The port of HTTP, named where that of gRPC is wanted."""

import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

import grpc
import pytest

from edgeocr.client import Client, OcrError, RetryPolicy
from edgeocr.client.cli.main import main

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def target():
    """Of something that speaks HTTP/1 alone."""

    class Handler(StreamRequestHandler):
        def handle(self):
            self.rfile.readline()
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever).start()
        yield f"127.0.0.1:{served.server_address[1]}"
        served.shutdown()


def test_the_client_says_what_the_port_speaks(target):
    with Client(target, retry=RetryPolicy(attempts=1)) as client, pytest.raises(OcrError) as caught:
        client.read(b"image")
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert caught.value.message.startswith("the target speaks HTTP, not gRPC")


def test_the_command_says_it_in_one_line(target, tmp_path, capsys):
    (tmp_path / "a.png").touch()
    assert main(["read", "--target", target, str(tmp_path / "a.png")]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"edgeocr: no answer from the server at {target}: UNAVAILABLE: the target speaks HTTP")
