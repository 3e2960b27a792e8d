"""The command `edgeocr serve`."""

import argparse
import asyncio
import importlib
import logging
import os
import signal
import threading

from edgeocr.model.errors import BadModel
from edgeocr.server import config, logs
from edgeocr.server.errors import ServerFault, StartError
from edgeocr.server.host import heap

SUMMARY = "run the OCR server"
_APP = "edgeocr.server.app"
_EXIT_FAULT = 70
"""EX_SOFTWARE of sysexits(3)."""
_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    config.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serves; 0 after an orderly stop, 1 if it cannot start, 2 for a wrong setting, 70 after a fault of its own."""
    reload_asked = threading.Event()
    # It would end the process until there is something to load anew.
    signal.signal(signal.SIGHUP, lambda *_: reload_asked.set())
    heap.tune()
    logs.configure("info", "text")
    try:
        settings = config.load(arguments, os.environ)
    except config.ConfigError as error:
        _log.error("%s", error)
        return 2
    logs.configure(settings.log_level, settings.log_format)
    try:
        # Loading all of it takes a second.
        app = importlib.import_module(_APP)
        asyncio.run(app.serve(settings, reload_asked.is_set))
    except (BadModel, StartError) as error:
        _log.error("cannot start: %s", error)
        return 1
    except ServerFault:
        return _EXIT_FAULT
    return 0
