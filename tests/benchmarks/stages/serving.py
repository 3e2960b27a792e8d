"""What a server of one worker takes for pages that are sent to it one after the other."""

from collections.abc import Sequence
from pathlib import Path

from edgeocr.client import Client
from edgeocr.model.options import Reading
from tests.checks.proof.rig.process import cpu_seconds
from tests.support.serving import ServerProcess


def served_seconds(pages: Sequence[Path], reading: Reading, rounds: int) -> float:
    """Processor seconds of the server's process for all pages, each sent over gRPC, a round's on average."""
    with ServerProcess("--workers", "1", "--reading", reading) as server, Client(server.target) as client:
        files = [path.read_bytes() for path in pages]
        for data in files:
            client.read(data)
        before = cpu_seconds(server.process.pid)
        for _ in range(rounds):
            for data in files:
                client.read(data)
        return (cpu_seconds(server.process.pid) - before) / rounds
