"""A private server process: started, found ready, stopped, whatever happens."""

import os
import sys
import time
from pathlib import Path

import pytest

from edgeocr.client import Client
from edgeocr.client.local import LocalServer, LocalServerError

pytestmark = pytest.mark.timeout(60)

SERVER = """
import signal, sys, threading
from concurrent import futures
import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

if STUBBORN:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = grpc.server(futures.ThreadPoolExecutor(2))
servicer = health.HealthServicer()
servicer.set("edgeocr.v1.OcrService", health_pb2.HealthCheckResponse.SERVING)
health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
server.add_insecure_port(sys.argv[sys.argv.index("--listen") + 1])
server.start()
threading.Event().wait()
"""


def command(script):
    return (sys.executable, "-c", script)


def is_alive(pid):
    return os.path.exists(f"/proc/{pid}")


def test_it_serves_and_is_gone_afterwards():
    with LocalServer(command=command(SERVER.replace("STUBBORN", "False"))) as server:
        assert is_alive(server.pid)
        assert os.getsid(server.pid) == server.pid
        socket = Path(server.target.removeprefix("unix:"))
        assert socket.exists()
        with Client(server.target) as client:
            assert client.is_serving()
    assert not is_alive(server.pid)
    assert not socket.parent.exists()


def test_one_that_ignores_sigterm_is_killed_after_its_grace():
    with LocalServer(command=command(SERVER.replace("STUBBORN", "True")), grace_seconds=0.3) as server:
        begin = time.monotonic()
    assert 0.3 <= time.monotonic() - begin < 5
    assert not is_alive(server.pid)


def test_one_that_ends_at_once_says_why():
    script = "import sys; print('weights: detector.onnx is altered', file=sys.stderr); sys.exit(4)"
    with pytest.raises(LocalServerError, match=r"ended \(4\)(.|\n)*detector.onnx is altered"):
        LocalServer(command=command(script)).__enter__()


def test_one_that_is_never_ready_is_given_up_and_stopped(tmp_path):
    server = LocalServer(command=command("import time; time.sleep(60)"), startup_seconds=0.3)
    with pytest.raises(LocalServerError, match="not ready"):
        server.__enter__()
    assert not is_alive(server.pid)


def test_arguments_reach_the_process():
    with pytest.raises(
        LocalServerError,
        match=r"--metrics off --access-log off --log-level warning --end-with-input --workers 1 --listen unix:",
    ):
        LocalServer(["--workers", "1"], command=command("import sys; sys.exit(' '.join(sys.argv[1:]))")).__enter__()


def test_settings_of_another_server_do_not_reach_the_process(monkeypatch):
    monkeypatch.setenv("EDGEOCR_HTTP", "127.0.0.1:1")
    monkeypatch.setenv("ELSEWHERE", "stays")
    script = "import os, sys; sys.exit(' '.join(name for name in os.environ if name in ('EDGEOCR_HTTP', 'ELSEWHERE')))"
    with pytest.raises(LocalServerError, match=r"\(1\):\nELSEWHERE$"):
        LocalServer(command=command(script)).__enter__()
