"""Logs to standard error: text for people, or one JSON object a line for collectors."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

_FIELDS = "{asctime} {levelname} {name} {message}"


def configure(level: str, style: str) -> None:
    """Sets up the root logger.

    Args:
        level: debug, info, warning or error.
        style: text or json.
    """
    handler = logging.StreamHandler(sys.stderr)
    if style == "json":
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        handler.setFormatter(JsonFormatter(_FIELDS, style="{", rename_fields=names))
    else:
        handler.setFormatter(logging.Formatter(_FIELDS, style="{"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # It tells of every form that is damaged, which is its sender's mistake and answered as such.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
