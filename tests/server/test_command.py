"""The command's end, and what comes before its server is there."""

import argparse
import os
import signal
import types

import pytest

from edgeocr.server import command
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
        command.add_arguments(parser)
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
def test_the_exit_code_tells_whether_all_was_answered(run, finished, code):
    async def serve(*_):
        return finished

    assert run(serve) == code


@pytest.mark.parametrize(("error", "code"), [(StartError("no port"), 1), (ServerFault("a watch ended"), 70)])
def test_the_exit_code_tells_how_it_ended(run, error, code):
    async def serve(*_):
        raise error

    assert run(serve) == code
