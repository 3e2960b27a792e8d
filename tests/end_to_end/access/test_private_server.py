"""The server of one command alone: nobody else reaches it, and it ends with its parent."""

import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from edgeocr.client import Client
from edgeocr.client.cli.main import main
from edgeocr.client.local import LocalServer
from edgeocr.server.settings.config import Config
from tests.support.serving import eventually

_LISTENS = "0A"
_PARENT = """
import sys, time
from edgeocr.client.local import LocalServer
with LocalServer() as server:
    print(server.pid, server.target, flush=True)
    time.sleep(100)
"""


@pytest.fixture
def every_setting(monkeypatch):
    for setting in fields(Config):
        monkeypatch.setenv(f"EDGEOCR_{setting.name.upper()}", "/nonexistent")
    monkeypatch.setenv("EDGEOCR_CONFIG", "/nonexistent")
    for name in ("LISTEN", "HTTP", "METRICS"):
        monkeypatch.setenv(f"EDGEOCR_{name}", "127.0.0.1:0")


def listening(pid):
    """The inodes of TCP sockets on which a process listens."""
    held = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return [row[9] for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in held]


def test_it_listens_on_nothing_but_its_own_socket_whatever_the_environment_says(weights, every_setting):
    with LocalServer() as server, Client(server.target) as client:
        assert client.read("docs/samples/line.png", mode="line").pages[0].text
        assert listening(server.pid) == []


def test_two_of_them_are_not_in_each_others_way(weights, every_setting):
    with LocalServer() as one, LocalServer() as other:
        assert one.target != other.target


def test_a_command_reads_through_it(weights, every_setting, capsys):
    assert main(["read", "--local", "--mode", "line", "docs/samples/line.png"]) == 0
    assert capsys.readouterr().out.strip()


def test_it_ends_with_its_parent_and_leaves_nothing(weights):
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pid, target = parent.stdout.readline().split()
        assert Path(target.removeprefix("unix:")).exists()
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert not Path(target.removeprefix("unix:")).parent.exists()
