"""Whether Ray, while it reads an archive, takes work from whoever reaches its ports."""

import os
import re
import secrets
import subprocess
import sys

from tests.checks.bulk.processes import descendants

_ADDRESS = re.compile(r"gcs[-_]address=([0-9.]+:[0-9]+)")
_KNOCK_SECONDS = 60.0
_KNOCK = "import sys, ray; ray.init(address=sys.argv[1], logging_level='ERROR'); print(ray.get(ray.remote(num_cpus=0)(lambda: 42).remote()))"  # fmt: skip  # noqa: E501


def new_token() -> dict[str, str]:
    """The environment of those who may come in."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def address(of: int) -> str:
    """Where the Ray that a process has started is told what to do."""
    found = (_ADDRESS.search(words) for _, words in descendants(of))
    return next(address[1] for address in found if address is not None)


def gets_in(where: str, environment: dict[str, str]) -> bool:
    """Whether a process with these variables has a function run there."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    command = [sys.executable, "-c", _KNOCK, where]
    try:
        done = subprocess.run(
            command, env=clean | environment, capture_output=True, text=True, check=False, timeout=_KNOCK_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and done.stdout.strip() == "42"
