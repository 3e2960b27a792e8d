"""`python -m tests.checks.clients FOLDER`, an environment with grpcio-tools: `make clients-check` makes one."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.checks.clients.compiled import COMPILED, Compiled
from tests.support.serving import ServerProcess

_CLIENTS = Path("examples/clients")
_SAMPLE = Path("docs/samples/line.png")
_TEXT = "edgeocr reads 中文 and English, 8 bits at a time"


def _run(name: str, command: Sequence[str | Path], environment: dict[str, str]) -> bool:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    said = done.stdout.replace(" ", "")
    # Once for the call, and once for the stream.
    good = done.returncode == 0 and said.count(_TEXT.replace(" ", "")) >= 2
    print(f"{name}: {'reads' if good else 'FAILED'}{'' if good else f': {done.stdout}{done.stderr}'}", flush=True)
    return good


def _run_compiled(name: str, client: Compiled, folder: Path, environment: dict[str, str]) -> bool:
    if lacking := client.lacks():
        print(f"{name}: not run {lacking}", flush=True)
        return False
    try:
        command = client.build(folder)
    except subprocess.CalledProcessError as error:
        print(f"{name}: FAILED: {error.cmd[0]} ended with {error.returncode}", flush=True)
        return False
    return _run(name, [*command, _SAMPLE], environment)


def main(folder: Path) -> int:
    """Prints a line for each client; 0 if all read what the sample says."""
    python, stubs = folder / "bin/python", folder / "stubs"
    stubs.mkdir(exist_ok=True)
    outputs = (f"--python_out={stubs}", f"--grpc_python_out={stubs}")
    subprocess.run([python, "-m", "grpc_tools.protoc", "-Iproto", *outputs, "proto/edgeocr/v1/ocr.proto"], check=True)
    with ServerProcess("--http", "127.0.0.1:0") as server:
        target = {"EDGEOCR_TARGET": server.target, "EDGEOCR_HTTP_TARGET": server.http.partition("//")[2]}
        good = [
            _run("Python", [python, _CLIENTS / "python/read.py", _SAMPLE], {**target, "PYTHONPATH": str(stubs)}),
            _run("Node", ["node", _CLIENTS / "node/read.mjs", _SAMPLE], target),
            _run("curl", ["sh", _CLIENTS / "curl.sh", _SAMPLE], target),
            *(_run_compiled(name, client, folder / name, target) for name, client in COMPILED.items()),
        ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
