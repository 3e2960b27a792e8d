"""Drives a server through a client of others: `python -m tests.checks.interoperability PYTHON`.

PYTHON is an interpreter that has tritonclient, which needs an older protobuf than the server: `make tritonclient`
makes one.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess

CHECKS = Path(__file__).with_name("tritonclient_checks.py")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ServerProcess() as server:
        Path(folder, "line.png").write_bytes(encoded(line("Over 线上")))
        Path(folder, "page.png").write_bytes(encoded(page([("First line", (60, 60)), ("Second line", (60, 160))])))
        subprocess.run([sys.argv[1], CHECKS, server.target, folder], check=True)


if __name__ == "__main__":
    main()
