"""Whether Ray, while it reads an archive, takes work from whoever reaches its ports."""

import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

_ADDRESS = re.compile(r"gcs[-_]address=([0-9.]+:[0-9]+)")
_START_SECONDS = 60.0
_KNOCK = "import sys, ray; ray.init(address=sys.argv[1], logging_level='ERROR'); print(ray.get(ray.remote(num_cpus=0)(lambda: 42).remote()))"  # fmt: skip  # noqa: E501


def new_token() -> dict[str, str]:
    """The environment of those who may come in."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def address(of: int) -> str:
    """Where the Ray that a process has started is told what to do."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"\nPPid:\t{of}\n" not in (process / "status").read_text():
                    continue
                words = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if found := _ADDRESS.search(words):
                return found[1]
        time.sleep(0.2)
    raise AssertionError("Ray was not found")


def gets_in(where: str, environment: dict[str, str]) -> bool:
    """Whether a process with these variables has a function run there."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    command = [sys.executable, "-c", _KNOCK, where]
    try:
        done = subprocess.run(
            command, env=clean | environment, capture_output=True, text=True, check=False, timeout=_START_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and done.stdout.strip() == "42"
