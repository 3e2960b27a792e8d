"""The command `edgeocr serve`."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from edgeocr.extras import MissingExtra, load_extra
from edgeocr.model.errors import BadModel
from edgeocr.server.access.unix_socket import PREFIX
from edgeocr.server.errors import ServerFault, StartError
from edgeocr.server.health_check import why_not_ready
from edgeocr.server.host import heap
from edgeocr.server.observing import logs
from edgeocr.server.settings import config_sources
from edgeocr.server.settings.config import Config, ConfigError

_APP, _CONFIG_CHECK = "edgeocr.server.app", "edgeocr.server.settings.config_check"
EXIT_CUT_OFF = 3
_EXIT_FAULT = 70
"""EX_SOFTWARE of sysexits(3)."""
_INPUT_BYTES = 4096
_log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Serves or checks; returns 0 after an orderly stop, 1 if the server cannot start or is not ready, 2 for an invalid
    setting, 3 if calls were cut off at the end, 70 after an internal fault."""
    reload_asked = threading.Event()
    # By default SIGHUP ends the process; until the server can reload, it is only recorded.
    signal.signal(signal.SIGHUP, lambda *_: reload_asked.set())
    heap.tune()
    logs.configure("info", "text")
    try:
        settings = config_sources.load(arguments, os.environ)
    except ConfigError as error:
        _log.error("%s", error)
        return 2
    if arguments.print_config:
        print("\n".join(config_sources.toml(settings, config_sources.origins(arguments, os.environ))))
        return 0
    logs.configure(settings.log_level, settings.log_format)
    if arguments.check_health is not None:
        return _check_health(settings, arguments.check_health)
    if arguments.end_with_input:
        threading.Thread(target=_end_with_input, args=(settings.listen,), daemon=True).start()
    try:
        # Importing the server takes a second.
        if arguments.check_config:
            load_extra(_CONFIG_CHECK, "server", "edgeocr serve").check(settings)
            print("the settings are valid")
            return 0
        app = load_extra(_APP, "server", "edgeocr serve")
        finished = asyncio.run(app.serve(settings, reload_asked.is_set))
    except (BadModel, MissingExtra, StartError) as error:
        _log.error("cannot start: %s", error)
        return 1
    except ServerFault:
        return _EXIT_FAULT
    finally:
        if arguments.end_with_input:
            _remove_folder(settings.listen)
    return 0 if finished else EXIT_CUT_OFF


def _check_health(settings: Config, seconds: float) -> int:
    """Prints whether the server that runs with these settings is ready, or why not."""
    if why := why_not_ready(settings.metrics, seconds):
        print(f"not ready: {why}", file=sys.stderr)
        return 1
    print("ready")
    return 0


def _end_with_input(listen: str) -> None:
    """Waits for the end of standard input, and then stops the process by SIGTERM."""
    while os.read(sys.stdin.fileno(), _INPUT_BYTES):
        pass
    # Before the server has a handler, the signal ends the process immediately.
    _remove_folder(listen)
    os.kill(os.getpid(), signal.SIGTERM)


def _remove_folder(listen: str) -> None:
    if listen.startswith(PREFIX):
        with suppress(OSError):
            Path(listen.removeprefix(PREFIX)).parent.rmdir()
