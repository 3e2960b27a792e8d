"""The command `edgeocr serve`."""

import argparse
import asyncio
import logging
import os

from edgeocr.model.errors import BadModel
from edgeocr.server import app, config, logs
from edgeocr.server.errors import StartError
from edgeocr.server.host import heap

SUMMARY = "run the OCR server"
_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    config.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serves; 0 after an orderly stop, 1 if the server cannot start, 2 for a wrong setting."""
    heap.tune()
    logs.configure("info", "text")
    try:
        settings = config.load(arguments, os.environ)
    except config.ConfigError as error:
        _log.error("%s", error)
        return 2
    logs.configure(settings.log_level, settings.log_format)
    try:
        asyncio.run(app.serve(settings))
    except (BadModel, StartError) as error:
        _log.error("cannot start: %s", error)
        return 1
    return 0
