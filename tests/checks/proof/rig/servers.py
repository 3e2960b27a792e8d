"""Servers under test: the product itself, or with faults."""

import asyncio
from collections.abc import Sequence

from edgeocr.client.bench import Plan, Report, run_load
from tests.support.serving import ServerProcess

FAULTY = "tests.checks.proof.rig.faulty_server"
BARE = "tests.checks.proof.rig.bare_server"


def server(*arguments: str, faults: Sequence[str] = (), launcher: Sequence[str] = ()) -> ServerProcess:
    """The product's own server, or one with faults; a launcher is a command that starts what comes after it."""
    if not faults:
        return ServerProcess(*arguments, launcher=launcher)
    flags = [part for fault in faults for part in ("--fault", fault)]
    return ServerProcess(*flags, *arguments, module=FAULTY, launcher=launcher)


def load(target: str, plan: Plan) -> Report:
    """Puts a load on a server."""
    return asyncio.run(run_load(target, plan))
