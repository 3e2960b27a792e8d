"""Tries to have Ray run a function, with and without the run's token, while it reads an archive."""

import os
import re
import secrets
import subprocess
import sys

from tests.checks.bulk.processes import descendants

_ADDRESS = re.compile(r"gcs[-_]address=([0-9.]+:[0-9]+)")
_TRY_SECONDS = 60.0
_PROGRAM = "import sys, ray; ray.init(address=sys.argv[1], logging_level='ERROR'); print(ray.get(ray.remote(num_cpus=0)(lambda: 42).remote()))"  # fmt: skip  # noqa: E501


def new_token() -> dict[str, str]:
    """The environment of a process with a new token."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def address(of: int) -> str:
    """The address of the Ray cluster that a process has started."""
    found = (_ADDRESS.search(words) for _, words in descendants(of))
    return next(address[1] for address in found if address is not None)


def gets_in(where: str, environment: dict[str, str]) -> bool:
    """Whether Ray runs a function for a process with these variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    command = [sys.executable, "-c", _PROGRAM, where]
    try:
        done = subprocess.run(
            command, env=clean | environment, capture_output=True, text=True, check=False, timeout=_TRY_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and done.stdout.strip() == "42"
