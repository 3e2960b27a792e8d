"""Drives a server through clients of others: `python -m tests.checks.interoperability PYTHON`.

PYTHON is an interpreter that has tritonclient, KServe's SDK and edgeocr's client: `make tritonclient` makes one.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess

_HERE = Path(__file__).parent


def main() -> None:
    python = Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory() as folder, ServerProcess("--http", "127.0.0.1:0") as server:
        Path(folder, "line.png").write_bytes(encoded(line("Over 线上")))
        Path(folder, "page.png").write_bytes(encoded(page([("First line", (60, 60)), ("Second line", (60, 160))])))
        for name, http in (("tritonclient", server.http.partition("//")[2]), ("kserve", server.http)):
            command = [python, _HERE.absolute() / f"{name}_checks.py", server.target, http, folder]
            # Elsewhere, so that the client is the one that is installed there.
            subprocess.run(command, check=True, cwd=folder)


if __name__ == "__main__":
    main()
