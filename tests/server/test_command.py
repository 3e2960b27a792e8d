"""The command's end, and what comes before its server is there."""

import argparse
import http.server
import os
import signal
import threading
import types

import pytest

from edgeocr.server import command
from edgeocr.server.arguments import add_arguments
from edgeocr.server.errors import ServerFault, StartError


@pytest.fixture
def run(monkeypatch):
    """Runs the command with something else in the server's place."""
    before = signal.getsignal(signal.SIGHUP)

    def run_with(serve, while_loading=lambda: None):
        def load(name, *_):
            assert name == "edgeocr.server.app"
            while_loading()
            return types.SimpleNamespace(serve=serve)

        monkeypatch.setattr(command, "load_extra", load)
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        return command.run(parser.parse_args([]))

    yield run_with
    signal.signal(signal.SIGHUP, before)


def test_sighup_while_the_server_is_loaded_is_kept_for_it(run):
    asked = []

    async def serve(_, reload_asked):
        asked.append(reload_asked())
        return True

    assert run(serve) == 0
    assert run(serve, lambda: os.kill(os.getpid(), signal.SIGHUP)) == 0
    assert asked == [False, True]


@pytest.mark.parametrize(("finished", "code"), [(True, 0), (False, 3)])
def test_the_exit_code_says_whether_all_was_answered(run, finished, code):
    async def serve(*_):
        return finished

    assert run(serve) == code


@pytest.mark.parametrize(("error", "code"), [(StartError("no port"), 1), (ServerFault("a watch ended"), 70)])
def test_the_exit_code_says_how_it_ended(run, error, code):
    async def serve(*_):
        raise error

    assert run(serve) == code


def told(arguments, capsys):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    before = signal.getsignal(signal.SIGHUP)
    try:
        code = command.run(parser.parse_args(arguments))
    finally:
        signal.signal(signal.SIGHUP, before)
    return code, capsys.readouterr()


def test_settings_are_printed_and_nothing_is_started(capsys):
    code, said = told(["--print-config", "--workers", "3"], capsys)
    assert code == 0
    assert "workers = 3  # --workers\n" in said.out


def test_settings_are_checked_with_the_files_that_they_name(capsys, tmp_path, weights):
    assert told(["--check-config"], capsys)[0] == 0
    code, said = told(["--check-config", "--tokens", str(tmp_path / "none")], capsys)
    assert code == 1
    assert "none: cannot be read" in said.err
    assert told(["--check-config", "--models", str(tmp_path)], capsys)[0] == 1
    assert told(["--check-config", "--workers", "many"], capsys)[0] == 2


def test_the_health_of_a_server_is_asked_where_its_metrics_are(capsys, tmp_path):
    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            is_ready = len(asked) > 1
            asked.append(self.path)
            self.send_response(200 if is_ready else 503)
            self.end_headers()
            self.wfile.write(b"ready" if is_ready else b"not ready\n")

        def log_message(self, *_):
            pass

    asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"0.0.0.0:{server.server_port}"
        code, said = told(["--check-health", "0", "--metrics", address], capsys)
        assert (code, said.err) == (1, f"not ready: {address}: not ready\n")
        assert told(["--check-health", "20", "--metrics", address], capsys)[0] == 0
        server.shutdown()
        thread.join()
    assert asked == ["/readyz"] * 3
    code, said = told(["--check-health", "0", "--metrics", address], capsys)
    assert (code, said.err) == (1, f"not ready: {address}: Connection refused\n")
    assert "metrics is off" in told(["--check-health", "0", "--metrics", "off"], capsys)[1].err
